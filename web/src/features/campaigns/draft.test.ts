import { expect, it } from "vitest";
import { checkDraft, detailsOf, emptyDraft, termsOf, type Draft } from "./draft";

const NOW = 1_800_000_000;
const good: Draft = { ...emptyDraft(NOW), nameEn: "Autumn fair", budget: "500" };
const wrong = (change: Partial<Draft>) => checkDraft({ ...good, ...change }, 6, NOW);

it("takes a plain percentage off", () => {
  expect(wrong({})).toEqual({});
  const terms = termsOf(good, { address: "0x" + "a".repeat(40), decimals: 6 }, "0x01");
  expect(terms).toMatchObject({ percentBps: 1_000, amount: 0n, subsidyMax: 10_000_000n, spendMin: 0n, seller: null });
  expect(terms.endsAt - terms.startsAt).toBe(2_592_000n);
});

it("a fixed amount is its own most", () => {
  const draft = { ...good, kind: "amount", fixed: "2.50" } as const;
  expect(termsOf(draft, { address: "0xaa", decimals: 6 }, "0x01")).toMatchObject({ percentBps: 0, amount: 2_500_000n, subsidyMax: 2_500_000n });
});

it("says what is wrong", () => {
  expect(wrong({ nameEn: " " })).toEqual({ nameEn: "name" });
  expect(wrong({ percent: "101" })).toEqual({ percent: "percent" });
  expect(wrong({ kind: "amount", fixed: "0" })).toEqual({ fixed: "amount" });
  expect(wrong({ budget: "1.2345678" })).toEqual({ budget: "amount" });
  expect(wrong({ ends: good.starts })).toEqual({ ends: "period" });
  expect(wrong({ seller: "0x12" })).toEqual({ seller: "seller" });
  expect(wrong({ firstOrder: true, perPerson: "2" })).toEqual({ perPerson: "per_person" });
  expect(wrong({ code: "FAIR-24" })).toEqual({ holdout: "holdout" });
});

it("keeps a holdout in basis points", () => {
  expect(detailsOf({ ...good, holdout: "2.5" }).holdout_bps).toBe(250);
});
