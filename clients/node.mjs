// A development ledger of one's own: a fresh directory, a free port, gone afterwards.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const START_MS = 20_000;
const here = fileURLToPath(new URL(".", import.meta.url));
const binary = process.env.GUILDHALL_BIN ?? join(here, "..", "target", "release", "guildhall");

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a node and returns its address and how to stop it. */
export async function startNode() {
  const directory = await mkdtemp(join(tmpdir(), "guildhall-clients-"));
  const rpc = `127.0.0.1:${await freePort()}`;
  const node = spawn(binary, ["node", "--dev", "--data-dir", directory, "--rpc", rpc], { stdio: ["ignore", "ignore", "inherit"] });
  const exited = new Promise((resolve) => node.once("close", resolve).once("error", resolve));
  const stop = async () => {
    node.kill("SIGTERM");
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`http://${rpc}`, { method: "POST", headers, body }).catch(() => undefined);
    if (answer?.ok) return { url: `http://${rpc}`, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`${binary} does not answer at ${rpc}`);
}
