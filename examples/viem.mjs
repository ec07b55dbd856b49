// Transfers, deploys, estimates, watches and batches with viem: plain client code for any Ethereum node.
// Run: node viem.mjs [RPC_URL]
import { createPublicClient, createWalletClient, defineChain, http, parseEther, webSocket } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { KEY, PAYEE, check, rpcUrl, run, tally, webSocketUrl, within } from "./check.mjs";

const seconds = 20;
const { abi, bytecode } = tally;

await run("viem", async () => {
  const account = privateKeyToAccount(KEY);
  const id = await createPublicClient({ transport: http(rpcUrl) }).getChainId();
  const chain = defineChain({
    id,
    name: `Chain ${id}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl], webSocket: [webSocketUrl] } },
  });
  const client = createPublicClient({ chain, transport: http(rpcUrl), pollingInterval: 100 });
  const wallet = createWalletClient({ account, chain, transport: http(rpcUrl) });

  // Transfer.
  const value = parseEther("0.25");
  const before = await client.getBalance({ address: PAYEE });
  const paid = await client.waitForTransactionReceipt({
    hash: await wallet.sendTransaction({ to: PAYEE, value }),
  });
  check(paid.status === "success" && paid.gasUsed === 21_000n, `paid 0.25 ETH in block ${paid.blockNumber}`);
  const earlier = await client.getBalance({ address: PAYEE, blockNumber: paid.blockNumber - 1n });
  const later = await client.getBalance({ address: PAYEE, blockNumber: paid.blockNumber });
  check(earlier === before && later === before + value, "the balance can be read before and after that block");

  // Deploy.
  const deployed = await client.waitForTransactionReceipt({ hash: await wallet.deployContract({ abi, bytecode }) });
  const address = deployed.contractAddress;
  check((await client.getCode({ address }))?.length > 2, `deployed Tally at ${address}`);

  // Estimate gas.
  const call = { address, abi, functionName: "add", args: [7n], account };
  const estimate = await client.estimateContractGas(call);

  // Watch heads and logs over WebSocket while a transaction is mined.
  const socket = createPublicClient({ chain, transport: webSocket(webSocketUrl) });
  const stops = [];
  const head = new Promise((resolve, reject) => {
    stops.push(socket.watchBlocks({ onBlock: resolve, onError: reject }));
  });
  const event = new Promise((resolve, reject) => {
    stops.push(
      socket.watchContractEvent({ address, abi, eventName: "Added", onLogs: ([log]) => resolve(log), onError: reject }),
    );
  });
  // A subscription is there once the node answered a later request on the same connection.
  await socket.getBlockNumber();
  const { request } = await client.simulateContract(call);
  const added = await client.waitForTransactionReceipt({ hash: await wallet.writeContract(request) });
  check(added.gasUsed <= estimate, `the estimate of ${estimate} gas covers the ${added.gasUsed} that were used`);
  const log = await within(seconds, event, "the log");
  check(log.transactionHash === added.transactionHash && log.args.total === 7n, "the log came over WebSocket");
  const newest = await within(seconds, head, "the head");
  check(newest.number >= deployed.blockNumber && newest.hash.length === 66, `head ${newest.number} came over WebSocket`);
  for (const stop of stops) stop();

  // The same log by query.
  const found = await client.getContractEvents({ address, abi, eventName: "Added", fromBlock: deployed.blockNumber });
  check(found.length === 1 && found[0].args.by === account.address, "the log can be queried");

  // A revert carries the contract's own error.
  const refusal = await client.simulateContract({ ...call, args: [0n] }).then(
    () => undefined,
    (error) => error.walk((cause) => cause.data?.errorName)?.data.errorName,
  );
  check(refusal === "NothingToAdd", "a call that must revert does so with the contract's own error");

  // Batch: what is asked at once goes out as one JSON-RPC batch.
  const batching = createPublicClient({ chain, transport: http(rpcUrl, { batch: { batchSize: 100, wait: 10 } }) });
  const numbers = Array.from({ length: 50 }, (_, index) => added.blockNumber - BigInt(index % 3));
  const blocks = await Promise.all(numbers.map((blockNumber) => batching.getBlock({ blockNumber })));
  check(blocks.every((block, index) => block.number === numbers[index]), "50 requests in a batch, answered in order");
});
