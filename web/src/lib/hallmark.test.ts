import { expect, it } from "vitest";
import { hallmark } from "./hallmark";

const key = (address: string) => JSON.stringify(hallmark(address));
const numbered = (n: number) => `0x${n.toString(16).padStart(40, "0")}`;

it("is the same for the same address, however it is written", () => {
  expect(key("0xABCDEF0000000000000000000000000000000001")).toBe(key("0xabcdef0000000000000000000000000000000001"));
});

it("tells apart addresses that share their first and last digits", () => {
  const lookAlikes = Array.from({ length: 64 }, (_, n) => `0x12ab${n.toString(16).padStart(32, "0")}90ef`);
  expect(new Set(lookAlikes.map(key)).size).toBeGreaterThanOrEqual(63);
});

it("spreads over most of its marks", () => {
  const marks = new Set(Array.from({ length: 2000 }, (_, n) => key(numbered(n))));
  expect(marks.size).toBeGreaterThan(1950);
});
