import { keccak256, concat, type Hex } from "viem";
import { describe, expect, it } from "vitest";
import { rootOf } from "./verify";

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const leaf = (hash: Hex) => keccak256(keccak256(hash));

describe("the way from an event to its root", () => {
  it("is the leaf itself where nothing else is in the tree", () => {
    expect(rootOf(word("11"), [])).toBe(leaf(word("11")));
  });

  it("does not depend on which of two siblings one begins at", () => {
    const [a, b] = [leaf(word("11")), leaf(word("22"))];
    const root = keccak256(a < b ? concat([a, b]) : concat([b, a]));
    expect(rootOf(word("11"), [b])).toBe(root);
    expect(rootOf(word("22"), [a])).toBe(root);
    expect(rootOf(word("33"), [a])).not.toBe(root);
  });
});
