// Runs every tool against a node of its own, or those that are named.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startNode } from "./node.mjs";

const TOOL_MS = 180_000;
const here = fileURLToPath(new URL(".", import.meta.url));
const forge = join(here, "..", "contracts", "node_modules", ".bin", "forge");
const python = process.env.WEB3_PYTHON ?? "python3";
// The first account of the mnemonic "test … junk": the node signs for it, no key is handed over.
const SENDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

const TOOLS = {
  viem: (url) => [[process.execPath, ["viem.mjs", url], here]],
  "web3.py": (url) => [[python, ["web3_client.py", url], here]],
  forge: (url) => [
    [forge, ["script", "forge/script/Deploy.s.sol", "--rpc-url", url, "--broadcast", "--unlocked", "--sender", SENDER], here],
    [forge, ["test", "--fork-url", url, "-vv"], here],
  ],
  ponder: (url) => [[process.execPath, ["ponder.mjs", url], here]],
};

async function passes([command, args, cwd]) {
  const child = spawn(command, args, { cwd, stdio: "inherit", timeout: TOOL_MS, env: { ...process.env, NO_COLOR: "1" } });
  const [code] = await Promise.race([once(child, "exit"), once(child, "error").then(([error]) => [error.message])]);
  if (code !== 0) console.error(`${command} ${args.join(" ")}: ended with ${code}`);
  return code === 0;
}

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const [name, commands] of Object.entries(TOOLS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`--- ${name}`);
  if (name === "forge" && !existsSync(forge)) throw new Error("forge is missing: run npm install in contracts/");
  const node = await startNode();
  let good = true;
  try {
    for (const command of commands(node.url)) good = good && (await passes(command));
  } finally {
    await node.stop();
  }
  if (good) passed += 1;
  else {
    failed += 1;
    console.error(`${name}: FAILED`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
