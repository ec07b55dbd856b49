// The contract of the examples, and its code as it stands on chain.
import { readFileSync } from "node:fs";

const built = JSON.parse(readFileSync(new URL("../examples/tally.json", import.meta.url), "utf8"));
// Creation code copies what follows it: the part after the first `f3fe` (RETURN, INVALID).
const runtime = `0x${built.bytecode.slice(built.bytecode.indexOf("f3fe") + 4)}`;

export const tally = { ...built, runtime };
