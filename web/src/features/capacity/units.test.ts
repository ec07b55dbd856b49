import { expect, it } from "vitest";
import { formatBytes, formatMillis, formatNumber } from "./units";

it("writes sizes in the unit that fits", () => {
  expect(formatBytes(999, "en")).toBe("999 byte");
  expect(formatBytes(12_345_678, "en")).toBe("12.3 MB");
  expect(formatBytes(4e10, "en")).toBe("40 GB");
  expect(formatBytes(-2_000, "en")).toBe("-2 kB");
});

it("keeps small numbers exact and rounds large ones", () => {
  expect(formatNumber(0.0123, "en")).toBe("0.0123");
  expect(formatNumber(12_345.6, "en")).toBe("12,346");
  expect(formatMillis(null, "en")).toBe("–");
  expect(formatMillis(3.14159, "en")).toBe("3.14 ms");
});
