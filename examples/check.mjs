// What both JavaScript examples share: where the node is, and saying what was checked.
import { readFileSync } from "node:fs";

/** The well-known first key of the mnemonic "test … junk". Never use it where anything is worth something. */
export const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/** Somebody to pay: the second address of the same mnemonic. */
export const PAYEE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

export const tally = JSON.parse(readFileSync(new URL("tally.json", import.meta.url), "utf8"));

/** The node's HTTP address: first argument, then ETH_RPC_URL, then the usual one. */
export const rpcUrl = process.argv[2] ?? process.env.ETH_RPC_URL ?? "http://127.0.0.1:8545";
/** The same port by WebSocket. */
export const webSocketUrl = rpcUrl.replace(/^http/, "ws");

/** Says what was done; throws when it is not what it should be. */
export function check(holds, what) {
  if (!holds) throw new Error(`failed: ${what}`);
  console.log(`  ok  ${what}`);
}

/** Gives a promise this long, so that a notification that never comes is a failure and not a wait for ever. */
export async function within(seconds, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`failed: ${what} did not come within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs an example and turns its outcome into the exit code. */
export async function run(name, example) {
  console.log(`${name} at ${rpcUrl}`);
  try {
    await example();
    console.log(`${name}: all checks passed`);
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
