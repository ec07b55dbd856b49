import { expect, test } from "vitest";
import { monthSpan, recentMonths } from "./months";

test("months run back over the turn of the year", () => {
  const months = recentMonths(new Date("2026-01-31T23:59:59Z"));
  expect(months.slice(0, 3)).toEqual(["2026-01", "2025-12", "2025-11"]);
  expect(months).toHaveLength(13);
});

test("a month ends where the next begins", () => {
  expect(monthSpan("2026-12")).toEqual({ from: "2026-12-01", to: "2027-01-01" });
  expect(monthSpan("2026-01")).toEqual({ from: "2026-01-01", to: "2026-02-01" });
});
