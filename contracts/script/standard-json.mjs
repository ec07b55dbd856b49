#!/usr/bin/env node
// Prints the compiler's standard JSON input of a contract that forge has built, for verifying its sources:
//   node script/standard-json.mjs Market > market.json
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const name = process.argv[2];
if (name === undefined) {
  console.error("say which contract: node script/standard-json.mjs Market");
  process.exit(2);
}
const built = join(root, "out", `${name}.sol`, `${name}.json`);
if (!existsSync(built)) {
  console.error(`${built} is not there: run npx forge build first`);
  process.exit(1);
}
const { metadata } = JSON.parse(readFileSync(built, "utf8"));
const { compilationTarget: _, ...settings } = metadata.settings;
const sources = Object.keys(metadata.sources).sort();
const content = (path) => ({ content: readFileSync(join(root, path), "utf8") });
const input = {
  language: metadata.language,
  sources: Object.fromEntries(sources.map((path) => [path, content(path)])),
  settings,
};
process.stdout.write(`${JSON.stringify(input)}\n`);
