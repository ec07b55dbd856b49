// Runs the browser tests against a demo town of their own: a fresh directory, free ports, gone afterwards.
// GUILDHALL_URL names a running town instead; GUILDHALL_BIN the binary to start.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const READY_TIMEOUT_MS = 180_000;
const PAUSE_MS = 250;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

function findBinary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(web, "../target");
  const choices = [process.env.GUILDHALL_BIN, join(target, "release/guildhall"), join(target, "debug/guildhall")];
  const found = choices.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error("no guildhall binary: build it, or name one in GUILDHALL_BIN");
  return resolve(found);
}

function findChromium() {
  const found = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
    (path) => path !== undefined && existsSync(path),
  );
  if (found === undefined) throw new Error("no Chromium: apt-get install chromium, or name one in CHROMIUM");
  return found;
}

/** The town is not to hold its hand because the machine that tests it is nearly full. */
function forgiveDisk(directory) {
  const rule = readFileSync(join(web, "../rules/chain-unhealthy.yaml"), "utf8").replace('disk: "5"', 'disk: "0"');
  // Its own tests say what happens at 2 %.
  const tests = rule.replaceAll("disk_free_percent: 2 ", "disk_free_percent: -1 ");
  mkdirSync(join(directory, "rules"), { recursive: true });
  writeFileSync(join(directory, "rules/chain-unhealthy.yaml"), tests);
}

async function openTown(binary, directory) {
  forgiveDisk(directory);
  const [http, rpc] = [await freePort(), await freePort()];
  const solc = join(web, "../contracts/script/solc");
  const at = ["--http", `127.0.0.1:${http}`, "--rpc", `127.0.0.1:${rpc}`];
  const args = ["up", "--demo", "--data-dir", directory, ...at, "--solc", solc];
  const town = spawn(binary, args, { stdio: ["ignore", "ignore", "inherit"] });
  const url = `http://127.0.0.1:${http}`;
  let gone = null;
  town.once("exit", (code) => (gone = code ?? -1));
  for (let waited = 0; waited < READY_TIMEOUT_MS; waited += PAUSE_MS) {
    if (gone !== null) throw new Error(`the demo town ended with code ${gone} before it was ready`);
    const ready = await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) return { town, url };
    await sleep(PAUSE_MS);
  }
  town.kill();
  throw new Error(`the demo town was not ready after ${READY_TIMEOUT_MS / 1000} s`);
}

const closed = (child) =>
  new Promise((done) => (child.exitCode === null ? child.once("exit", done) : done(child.exitCode)));

const runTests = (url, chromium, data, binary) =>
  closed(
    spawn("npx", ["playwright", "test", ...process.argv.slice(2)], {
      cwd: web,
      stdio: "inherit",
      env: { ...process.env, GUILDHALL_URL: url, CHROMIUM: chromium, ...(data === undefined ? {} : { GUILDHALL_DATA: data, GUILDHALL_BIN: binary }) },
    }),
  );

async function main() {
  const chromium = findChromium();
  if (process.env.GUILDHALL_URL !== undefined) return runTests(process.env.GUILDHALL_URL, chromium);
  const directory = mkdtempSync(join(tmpdir(), "guildhall-e2e-"));
  try {
    const binary = findBinary();
    const { town, url } = await openTown(binary, join(directory, "data"));
    try {
      return await runTests(url, chromium, join(directory, "data"), binary);
    } finally {
      town.kill("SIGINT");
      await closed(town);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code ?? 1),
  (error) => {
    console.error(`e2e: ${error.message}`);
    process.exit(1);
  },
);
