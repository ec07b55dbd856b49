import { describe, expect, it } from "vitest";
import { formatUnits, parseDecimal, sumByToken, toDecimal } from "./money";

describe("amounts", () => {
  it("round-trips every amount through its decimal text", () => {
    for (const amount of [0n, 1n, 999_999n, 1_000_000n, 123_456_789_012_345_678_901_234n]) {
      expect(parseDecimal(toDecimal(amount, 6), 6)).toBe(amount);
    }
  });

  it("refuses what is not an amount of the token", () => {
    for (const text of ["", "-1", "1e3", "1,5", "0.0000001", "."]) expect(parseDecimal(text, 6)).toBeNull();
  });

  it("groups by locale and keeps cents", () => {
    expect(formatUnits(1_234_567_500_000n, 6, "en")).toBe("1,234,567.50");
    expect(formatUnits(1n, 6, "en")).toBe("0.000001");
    expect(formatUnits(10n ** 18n, 18, "en", { min: 0, max: 4 })).toBe("1");
  });

  it("sums by token", () => {
    const coin = { token: "0xA", symbol: "gUSD", decimals: 6 };
    const sums = sumByToken([
      { ...coin, amount: "5" },
      { token: "0xB", symbol: "ETH", decimals: 18, amount: "1" },
      { ...coin, token: "0xa", amount: "7" },
    ]);
    expect(sums.map((sum) => sum.amount)).toEqual(["12", "1"]);
  });
});
