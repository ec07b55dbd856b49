// Writes the committed artifacts from forge's output, or with --check fails when they differ from it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What gets deployed: folder, contract, and the source file where that has another name. */
const contracts = [
  ["arbitration", "ArbiterPanel"],
  ["drills", "FlashLender", "Governance"],
  ["drills", "Gift"],
  ["drills", "Governor", "Governance"],
  ["drills", "Lender", "Lending"],
  ["drills", "Pool", "Lending"],
  ["drills", "PostedPrice", "Lending"],
  ["drills", "Raider", "Governance"],
  ["drills", "Robber", "Vault"],
  ["drills", "Sweeper"],
  ["drills", "Vault"],
  ["governance", "Authority"],
  ["governance", "GuildToken"],
  ["market", "Aftersales"],
  ["market", "CouponVault"],
  ["market", "Market"],
  ["market", "RuleBook"],
  ["openzeppelin", "AccessManager"],
  ["openzeppelin", "ERC1967Proxy"],
  ["payments", "StableToken"],
  ["reviews", "Reviews"],
  ["trace", "Trace"],
];

/** EIP-170's limit on deployed code, in bytes. forge's tests run without it, so it is looked at here. */
const CODE_SIZE_MAX = 24_576;

const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const signature = (entry) => `${entry.type} ${entry.name ?? ""}(${(entry.inputs ?? []).map((i) => i.type).join(",")})`;

/** Storage types carry numbers that change with every compilation; only their shape is kept. */
function storageLayout(layout) {
  const label = (type) => layout.types?.[type]?.label ?? type;
  return (layout.storage ?? []).map(({ label: name, slot, offset, type }) => ({ name, slot, offset, type: label(type) }));
}

function artifact(name, source = name) {
  const built = JSON.parse(readFileSync(join(root, "out", `${source}.sol`, `${name}.json`), "utf8"));
  const metadata = typeof built.rawMetadata === "string" ? JSON.parse(built.rawMetadata) : built.metadata;
  const { optimizer, evmVersion, viaIR = false } = metadata.settings;
  const size = built.deployedBytecode.object.length / 2 - 1;
  if (size > CODE_SIZE_MAX) throw new Error(`${name} is ${size} bytes of code; a chain takes ${CODE_SIZE_MAX} at most`);
  const immutables = Object.values(built.deployedBytecode.immutableReferences ?? {}).flat();
  return {
    contractName: name,
    abi: built.abi.toSorted((a, b) => order(signature(a), signature(b))),
    bytecode: built.bytecode.object,
    deployedBytecode: built.deployedBytecode.object,
    immutables: immutables.toSorted((a, b) => a.start - b.start),
    compiler: { version: metadata.compiler.version, settings: { optimizer, evmVersion, viaIR } },
    storageLayout: storageLayout(built.storageLayout ?? {}),
  };
}

const check = process.argv.includes("--check");
let drifted = 0;
for (const [folder, name, source] of contracts) {
  const path = join(root, "artifacts", folder, `${name}.json`);
  const text = `${JSON.stringify(artifact(name, source), null, 2)}\n`;
  if (!check) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    continue;
  }
  let committed = null;
  try {
    committed = readFileSync(path, "utf8");
  } catch {
    // A missing artifact is drift like any other.
  }
  if (committed === text) continue;
  drifted += 1;
  console.error(`artifacts/${folder}/${name}.json differs from the build: run "npm run artifacts" and commit it`);
}
process.exit(drifted === 0 ? 0 : 1);
