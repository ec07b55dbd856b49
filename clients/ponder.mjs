// Ponder follows an hour of chain time: half of it is there when it starts, the rest is made while it watches.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestClient, defineChain, http, publicActions, walletActions } from "viem";
import { freePort } from "./node.mjs";
import { tally } from "./tally.mjs";

const STEPS = 360;
const STEP_SECONDS = 10;
const url = process.argv[2];
const here = fileURLToPath(new URL(".", import.meta.url));
const chain = defineChain({
  id: 31_337,
  name: "Guildhall",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [url] } },
});
const client = createTestClient({ chain, mode: "anvil", transport: http(url), pollingInterval: 20 })
  .extend(publicActions)
  .extend(walletActions);
const account = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const deployment = await client.deployContract({ abi: tally.abi, bytecode: tally.bytecode, account });
const { contractAddress: address } = await client.waitForTransactionReceipt({ hash: deployment });

async function add(from, to) {
  for (let amount = from; amount <= to; amount += 1) {
    await client.increaseTime({ seconds: STEP_SECONDS });
    const hash = await client.writeContract({ address, abi: tally.abi, functionName: "add", args: [BigInt(amount)], account, gas: 100_000n });
    await client.waitForTransactionReceipt({ hash });
  }
}

await add(1, STEPS / 2);
const port = await freePort();
const store = mkdtempSync(join(tmpdir(), "guildhall-ponder-"));
const ponder = spawn(
  process.execPath,
  [join(here, "node_modules/ponder/dist/esm/bin/ponder.js"), "start", "--schema", "guild", "--port", String(port), "--hostname", "127.0.0.1"],
  {
    cwd: join(here, "ponder"),
    env: { ...process.env, RPC_URL: url, TALLY: address, PONDER_TELEMETRY_DISABLED: "1", STORE: store },
    stdio: ["ignore", "pipe", "inherit"],
  },
);
let log = "";
ponder.stdout.on("data", (chunk) => (log += chunk));

async function additions() {
  const body = JSON.stringify({ query: '{ additions(limit: 1, orderBy: "total", orderDirection: "desc") { items { amount total timestamp } totalCount } }' });
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => undefined);
  if (!answer?.ok) return undefined;
  return (await answer.json()).data?.additions;
}

async function reaches(count, what) {
  const deadline = Date.now() + 90_000;
  let found;
  while (Date.now() < deadline) {
    if (ponder.exitCode !== null) break;
    found = await additions();
    if (found?.totalCount === count) {
      console.log(`  ok  ${what}: ${count} events`);
      return found.items[0];
    }
    await wait(200);
  }
  throw new Error(`ponder has ${found?.totalCount ?? "no"} events of ${count}\n${log.slice(-4_000)}`);
}

let failure;
try {
  await reaches(STEPS / 2, "backfill");
  await add(STEPS / 2 + 1, STEPS);
  const last = await reaches(STEPS, "realtime");
  assert.equal(BigInt(last.total), BigInt((STEPS * (STEPS + 1)) / 2));
  const head = await client.getBlock();
  assert.equal(BigInt(last.timestamp), head.timestamp);
  assert.ok(!/reorg/i.test(log), `a reorg on a final chain:\n${log.slice(-2_000)}`);
  console.log(`  ok  ${(STEPS * STEP_SECONDS) / 60} minutes of chain time, no reorganisation`);
} catch (error) {
  failure = error;
}
ponder.kill("SIGTERM");
await Promise.race([new Promise((resolve) => ponder.once("exit", resolve)), wait(5_000)]);
ponder.kill("SIGKILL");
rmSync(store, { recursive: true, force: true });
if (failure) {
  console.error(failure);
  process.exit(1);
}
process.exit(0);
