// Starts a development ledger, runs every example against it, and stops it.
// Run: GUILDHALL_BIN=../target/release/guildhall node run.mjs
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const EXAMPLES = [
  ["viem", process.execPath, ["viem.mjs"]],
  ["ethers", process.execPath, ["ethers.mjs"]],
  ["cast", "bash", ["cast.sh"]],
];
const START_MS = 20_000;
const EXAMPLE_MS = 120_000;
const here = fileURLToPath(new URL(".", import.meta.url));
const binary = process.env.GUILDHALL_BIN ?? join(here, "..", "target", "release", "guildhall");

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until the node answers, or says why it can't. */
async function answering(url, node) {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (node.exitCode !== null) throw new Error(`${binary} exited with ${node.exitCode}`);
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body }).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${binary} does not answer at ${url}`);
}

/** Whether an example exits with 0 in time. */
async function passes(command, args) {
  const example = spawn(command, args, { cwd: here, stdio: "inherit", timeout: EXAMPLE_MS });
  const [code] = await once(example, "exit");
  return code === 0;
}

const directory = await mkdtemp(join(tmpdir(), "guildhall-examples-"));
const rpc = `127.0.0.1:${await freePort()}`;
const node = spawn(binary, ["node", "--dev", "--data-dir", directory, "--rpc", rpc], { stdio: "inherit" });
const exited = new Promise((resolve) => node.once("close", resolve).once("error", resolve));
let passed = 0;
let failed = 0;
try {
  await Promise.race([
    answering(`http://${rpc}`, node),
    once(node, "error").then(([error]) => Promise.reject(error)),
  ]);
  for (const [name, command, args] of EXAMPLES) {
    const good = await passes(command, [...args, `http://${rpc}`]);
    if (good) passed += 1;
    else {
      failed += 1;
      console.error(`${name}: FAILED`);
    }
  }
} catch (error) {
  console.error(`The ledger could not be started: ${error.message}`);
  failed = EXAMPLES.length;
} finally {
  node.kill("SIGTERM");
  await exited;
  await rm(directory, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
