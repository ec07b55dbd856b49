// Transfers, deploys, estimates, watches and batches with ethers: plain client code for any Ethereum node.
// Run: node ethers.mjs [RPC_URL]
import { ContractFactory, JsonRpcProvider, NonceManager, Wallet, WebSocketProvider, parseEther } from "ethers";
import { KEY, PAYEE, check, rpcUrl, run, tally, webSocketUrl, within } from "./check.mjs";

const seconds = 20;

await run("ethers", async () => {
  const provider = new JsonRpcProvider(rpcUrl, undefined, { polling: true, pollingInterval: 100, cacheTimeout: -1 });
  const account = new Wallet(KEY, provider);
  const wallet = new NonceManager(account);

  // Transfer.
  const value = parseEther("0.25");
  const before = await provider.getBalance(PAYEE);
  const paid = await (await wallet.sendTransaction({ to: PAYEE, value })).wait();
  check(paid.status === 1 && paid.gasUsed === 21_000n, `paid 0.25 ETH in block ${paid.blockNumber}`);
  const earlier = await provider.getBalance(PAYEE, paid.blockNumber - 1);
  const later = await provider.getBalance(PAYEE, paid.blockNumber);
  check(earlier === before && later === before + value, "the balance can be read before and after that block");

  // Deploy.
  const factory = new ContractFactory(tally.abi, tally.bytecode, wallet);
  const contract = await factory.deploy();
  const deployed = await contract.deploymentTransaction().wait();
  const address = await contract.getAddress();
  check(deployed.contractAddress === address && (await provider.getCode(address)).length > 2, `deployed Tally at ${address}`);

  // Estimate gas.
  const estimate = await contract.add.estimateGas(7);

  // Watch heads and logs over WebSocket while a transaction is mined.
  const socket = new WebSocketProvider(webSocketUrl);
  const watched = contract.connect(socket);
  const head = new Promise((resolve) => socket.once("block", resolve));
  const event = new Promise((resolve) => {
    void watched.once("Added", (by, amount, total, payload) => resolve({ by, total, log: payload.log }));
  });
  // A subscription is there once the node answered a later request on the same connection.
  await watched.listenerCount("Added");
  await socket.send("eth_chainId", []);
  const added = await (await contract.add(7)).wait();
  check(added.gasUsed <= estimate, `the estimate of ${estimate} gas covers the ${added.gasUsed} that were used`);
  const seen = await within(seconds, event, "the log");
  check(seen.log.transactionHash === added.hash && seen.total === 7n, "the log came over WebSocket");
  check(seen.by === account.address, "its indexed argument is the sender");
  const number = await within(seconds, head, "the head");
  check(number >= deployed.blockNumber, `head ${number} came over WebSocket`);
  // ethers unsubscribes in the background; a connection answers in order, so this waits for it.
  await watched.removeAllListeners();
  await socket.removeAllListeners();
  await socket.send("eth_chainId", []);
  await socket.destroy();

  // The same log by query.
  const found = await contract.queryFilter(contract.filters.Added(account.address), deployed.blockNumber);
  check(found.length === 1 && found[0].args.total === 7n, "the log can be queried");

  // A revert carries the contract's own error.
  const refusal = await contract.add.staticCall(0).then(() => undefined, (error) => error.revert?.name);
  check(refusal === "NothingToAdd", "a call that must revert does so with the contract's own error");

  // Batch: what is asked at once goes out as one JSON-RPC batch.
  const numbers = Array.from({ length: 50 }, (_, index) => added.blockNumber - (index % 3));
  const blocks = await Promise.all(numbers.map((blockNumber) => provider.getBlock(blockNumber)));
  check(blocks.every((block, index) => block?.number === numbers[index]), "50 requests in a batch, answered in order");
  provider.destroy();
});
