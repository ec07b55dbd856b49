import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorsAbi } from "@/gen/abi";
import en from "./en";
import zh from "./zh";

type Tree = { readonly [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof value === "string") texts.set(path, value);
    else for (const [inner, text] of flatten(value, path)) texts.set(inner, text);
  }
  return texts;
}

const english = flatten(en);
const chinese = flatten(zh);
const PLURAL = /_(one|other|zero)$/;
const stem = (key: string) => key.replace(PLURAL, "");
const stems = (texts: Map<string, string>) => new Set([...texts.keys()].map(stem));
const slots = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

const NAMED = new RegExp(`"((?:${Object.keys(en).join("|")})\\.[A-Za-z_.]+)"`, "g");

/** Every key that the source names literally, in quotes or as the fixed beginning of a template. */
function usedKeys(): { whole: Set<string>; beginnings: Set<string> } {
  const root = join(import.meta.dirname, "..");
  const whole = new Set<string>();
  const beginnings = new Set<string>();
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(file) || /^(gen|locales)/.test(file) || file.includes(".test.")) continue;
    const source = readFileSync(join(root, file), "utf8");
    for (const [, key = ""] of source.matchAll(NAMED)) whole.add(key);
    for (const [, start = ""] of source.matchAll(/`([a-z_]+\.[a-z_.]*)\$\{/g)) beginnings.add(start);
  }
  return { whole, beginnings };
}

describe("the two languages", () => {
  it("have the same keys", () => {
    expect([...stems(english)].filter((key) => !stems(chinese).has(key))).toEqual([]);
    expect([...stems(chinese)].filter((key) => !stems(english).has(key))).toEqual([]);
  });

  it("fill in the same values", () => {
    for (const [key, text] of chinese) {
      const other = english.get(key) ?? english.get(`${stem(key)}_other`) ?? "";
      expect(slots(text), key).toEqual(slots(other));
    }
  });

  it("leave nothing in the other's script", () => {
    for (const [key, text] of english) expect(/\p{Script=Han}/u.test(text), key).toBe(false);
  });
});

describe("the source", () => {
  const { whole, beginnings } = usedKeys();
  it("names only keys that exist", () => {
    expect(whole.size).toBeGreaterThan(200);
    expect([...whole].filter((key) => !stems(english).has(key))).toEqual([]);
    for (const start of beginnings) expect([...english.keys()].some((key) => key.startsWith(start)), start).toBe(true);
  });

  it("uses every key that is there", () => {
    const unused = [...stems(english)].filter(
      (key) => !whole.has(key) && key !== "locale" && ![...beginnings].some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });
});

it("every custom error of the contracts has its words in both languages", () => {
  const names = new Set<string>(errorsAbi.map(({ name }) => name));
  for (const part of ["WrongState", "NotParty", "VoucherUsed", "TooManyRules", "TooFewArbiters", "NotReviewable"]) {
    expect(names, "every part of the market and the panel is among them").toContain(part);
  }
  for (const name of names) {
    expect(english.has(`revert.${name}`), name).toBe(true);
    expect(chinese.has(`revert.${name}`), name).toBe(true);
  }
});
