// Fails the build when the JavaScript that the market square needs at first grows over its budget.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 300_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

/** Every chunk that `entries` load, themselves included, following static imports only. */
function closure(entries) {
  const files = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    (chunk.imports ?? []).forEach(visit);
  };
  entries.forEach(visit);
  return [...files];
}

const size = (file) => gzipSync(readFileSync(join(dist, file))).length;
const dynamic = Object.keys(manifest).filter((key) =>
  /src\/(routes\/market|locales\/(en|zh)\/index)/.test(key),
);
const files = closure(["index.html", ...dynamic]).filter((file) => file.endsWith(".js"));
const total = files.reduce((sum, file) => sum + size(file), 0);
for (const file of files) console.log(`${String(size(file)).padStart(8)}  ${file}`);
console.log(`market square: ${total} of ${BUDGET_BYTES} bytes compressed, both languages counted`);
if (total > BUDGET_BYTES) {
  console.error("The market square is over its budget; load what it does not need at first on demand.");
  process.exit(1);
}
