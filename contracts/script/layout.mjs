// Keeps the storage of every proxy append-only. Writes the committed layouts from forge's output, or with --check
// fails when they differ from it. Either way it fails when a field that was committed has moved, changed its type or
// its name, or is gone: new fields may only lie where nothing was.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "artifacts", "layouts");
const check = process.argv.includes("--check");

/** Each namespace's harness, and the layouts that proxies on chains may still hold. */
const namespaces = [
  ["ArbiterPanel", []],
  ["Market", ["MarketV1"]],
  ["Reviews", []],
];

const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Names of types carry numbers that change with every compilation. */
const plain = (type) => type.replace(/\)\d+/g, ")");

/** Every struct the namespace reaches: its size, whether it lies in a row with others, and its fields. */
export function structs({ storage, types }) {
  const inRows = new Set(Object.values(types).filter((t) => t.base?.includes("t_struct")).map((t) => t.base));
  const entries = Object.entries(types).filter(([, type]) => type.members);
  const field = ({ label, slot, offset, type }) => ({
    name: label, slot: Number(slot), offset, bytes: Number(types[type].numberOfBytes), type: plain(types[type].label),
  });
  const struct = ([id, type]) => [
    plain(type.label),
    { bytes: Number(type.numberOfBytes), fixed: inRows.has(id), fields: type.members.map(field) },
  ];
  return { root: plain(types[storage[0].type].label), structs: Object.fromEntries(entries.map(struct).sort()) };
}

const at = (field) => `slot ${field.slot} byte ${field.offset}`;
const start = (field) => field.slot * 32 + field.offset;

/** What is wrong with going from one layout to another. A struct that grew in place moved whatever follows it. */
export function breaks(before, after) {
  const wrong = [];
  for (const [name, old] of Object.entries(before.structs)) {
    const now = after.structs[name];
    if (now === undefined) {
      wrong.push(`${name} is gone`);
      continue;
    }
    if (old.fixed && old.bytes !== now.bytes) wrong.push(`${name} lies in an array and has another size`);
    for (const field of old.fields) {
      const same = now.fields.find((other) => other.name === field.name);
      if (same === undefined) wrong.push(`${name}.${field.name} is gone`);
      else if (start(same) !== start(field)) wrong.push(`${name}.${field.name} moved from ${at(field)} to ${at(same)}`);
      else if (same.type !== field.type) wrong.push(`${name}.${field.name} was ${field.type} and is ${same.type}`);
    }
  }
  return wrong;
}

function main() {
  let failed = false;
  const fail = (message) => {
    failed = true;
    console.error(message);
  };
  for (const [name, kept] of namespaces) {
    const built = read(join(root, "out", "Layouts.sol", `${name}Layout.json`));
    const layout = structs(built.storageLayout);
    for (const earlier of [name, ...kept]) {
      const path = join(folder, `${earlier}.json`);
      if (!existsSync(path)) {
        if (check || earlier !== name) fail(`artifacts/layouts/${earlier}.json is missing`);
        continue;
      }
      for (const wrong of breaks(read(path), layout)) fail(`${name} after ${earlier}: ${wrong}`);
    }
    const path = join(folder, `${name}.json`);
    const text = `${JSON.stringify(layout, null, 2)}\n`;
    if (failed) continue;
    if (!check) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, text);
    } else if (readFileSync(path, "utf8") !== text) {
      fail(`artifacts/layouts/${name}.json differs from the build: run "npm run layout" and commit it`);
    }
  }
  process.exit(failed ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
