// viem's test client and WebSocket client: state by hand, going back, impersonation, time, mining, traces.
import assert from "node:assert/strict";
import {
  createPublicClient, createTestClient, createWalletClient, defineChain, http, parseEther, publicActions,
  verifyTypedData, walletActions, webSocket,
} from "viem";
import { tally } from "./tally.mjs";

const url = process.argv[2];
const chain = defineChain({
  id: 31_337,
  name: "Guildhall",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [url], webSocket: [url.replace("http", "ws")] } },
});
const ok = (what) => console.log(`  ok  ${what}`);
const [ALICE, BOB] = ["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"];
const STRANGER = "0x00000000000000000000000000000000DeaDBeef";

for (const mode of ["anvil", "hardhat"]) {
  const client = createTestClient({ chain, mode, transport: http(url), pollingInterval: 50 }).extend(publicActions).extend(walletActions);
  await client.setBalance({ address: STRANGER, value: parseEther("3") });
  assert.equal(await client.getBalance({ address: STRANGER }), parseEther("3"));
  await client.setNonce({ address: STRANGER, nonce: 9 });
  assert.equal(await client.getTransactionCount({ address: STRANGER }), 9);
  await client.setCode({ address: STRANGER, bytecode: tally.runtime });
  await client.setStorageAt({ address: STRANGER, index: 0, value: `0x${"0".repeat(62)}2a` });
  const total = { address: STRANGER, abi: tally.abi, functionName: "total" };
  assert.equal(await client.readContract(total), 42n);
  ok(`${mode}: balance, nonce, code and storage by hand`);

  const id = await client.snapshot();
  const hash = await client.writeContract({ ...total, functionName: "add", args: [8n], account: ALICE });
  await client.waitForTransactionReceipt({ hash });
  assert.equal(await client.readContract(total), 50n);
  await client.revert({ id });
  assert.equal(await client.readContract(total), 42n);
  ok(`${mode}: snapshot and revert`);

  await client.impersonateAccount({ address: STRANGER });
  // Another value a round: with its nonce set back, the same transaction would have the same hash.
  const sent = await client.sendTransaction({ account: STRANGER, to: BOB, value: BigInt(mode.length) });
  assert.equal((await client.waitForTransactionReceipt({ hash: sent })).from.toLowerCase(), STRANGER.toLowerCase());
  await client.stopImpersonatingAccount({ address: STRANGER });
  ok(`${mode}: impersonation, of a contract at that`);

  const before = await client.getBlock();
  await client.increaseTime({ seconds: 3_600 });
  await client.mine({ blocks: 3, interval: 60 });
  const after = await client.getBlock();
  assert.equal(after.number, before.number + 3n);
  assert.ok(after.timestamp >= before.timestamp + 3_600n + 120n);
  await client.setNextBlockTimestamp({ timestamp: after.timestamp + 1_000n });
  await client.mine({ blocks: 1 });
  assert.equal((await client.getBlock()).timestamp, after.timestamp + 1_000n);
  ok(`${mode}: time and mining`);

  await client.setAutomine(false);
  const waiting = await client.sendTransaction({ account: ALICE, to: BOB, value: 1n, gas: 21_000n });
  const content = await client.getTxpoolContent();
  assert.equal(Object.values(content.pending[ALICE] ?? {}).length, 1);
  await client.dropTransaction({ hash: waiting });
  assert.equal(Number((await client.getTxpoolStatus()).pending), 0);
  await client.setAutomine(true);
  ok(`${mode}: a transaction that waits can be seen and dropped`);
}

const wallet = createWalletClient({ chain, account: ALICE, transport: http(url) });
const typed = {
  domain: { name: "Guild", version: "1", chainId: 31_337 },
  types: { Vote: [{ name: "motion", type: "uint256" }, { name: "words", type: "string" }] },
  primaryType: "Vote",
  message: { motion: 7n, words: "aye" },
};
assert.ok(await verifyTypedData({ ...typed, address: ALICE, signature: await wallet.signTypedData(typed) }));
ok("typed data signed by the node verifies");

const socket = createPublicClient({ chain, transport: webSocket(url.replace("http", "ws")) });
const seen = new Promise((resolve, reject) => {
  socket.watchPendingTransactions({ onTransactions: ([hash]) => resolve(hash), onError: reject });
});
const heads = new Promise((resolve, reject) => socket.watchBlocks({ onBlock: resolve, onError: reject }));
await socket.getBlockNumber();
const hash = await wallet.sendTransaction({ to: BOB, value: 5n });
assert.equal(await seen, hash);
assert.equal((await heads).transactions.includes(hash), true);
const trace = await socket.request({ method: "debug_traceTransaction", params: [hash, { tracer: "callTracer" }] });
assert.equal(BigInt(trace.value), 5n);
const simulated = await socket.simulateBlocks({
  blocks: [{ calls: [{ account: ALICE, to: BOB, value: 3n }], stateOverrides: [{ address: ALICE, balance: parseEther("9") }] }],
});
assert.equal(simulated[0].calls[0].status, "success");
ok("WebSocket: pending transactions, heads, a trace and a simulated block");
process.exit(0);
