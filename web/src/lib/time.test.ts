import { describe, expect, it } from "vitest";
import { chainNow, formatRelative, formatSpan, seconds } from "./time";

describe("chainNow", () => {
  it("runs on from a head that is ahead of the wall clock", () => {
    expect(chainNow(2_000, 1_000, 1_030)).toBe(2_030);
  });
  it("follows the wall clock when the chain is merely idle", () => {
    expect(chainNow(1_000_000, 1_000_100, 1_003_000)).toBe(1_003_000);
  });
  it("stands still on a chain that lives in the past", () => {
    expect(chainNow(1_000, 500_000_000, 500_000_100)).toBe(1_000);
  });
});

it("says spans and distances in words", () => {
  expect(formatSpan(48 * seconds.HOUR, "en")).toBe("48 hours");
  expect(formatSpan(5 * seconds.DAY, "en")).toBe("5 days");
  expect(formatRelative(1_000 + 3 * seconds.DAY, 1_000, "en")).toBe("in 3 days");
  expect(formatRelative(1_000, 1_090, "zh-CN")).toBe("1分钟前");
});
