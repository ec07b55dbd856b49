import { expect, it } from "vitest";
import { collectPages, toCsv } from "./csv";

it("quotes what needs it and disarms formulas", () => {
  expect(toCsv([["a,b", 'say "x"', "=1+1", "-12.5"]])).toBe(`"a,b","say ""x""",'=1+1,-12.5\r\n`);
});

it("collects every page once", async () => {
  const pages: Record<string, { items: number[]; next: string | null }> = {
    "": { items: [1, 2], next: "b" },
    b: { items: [3], next: null },
  };
  expect(await collectPages((cursor) => Promise.resolve(pages[cursor ?? ""]!))).toEqual([1, 2, 3]);
});
