import { describe, expect, it } from "vitest";
import { checkDraft, emptyDraft, metadataOf, ownLimits, termsOf } from "./draft";

const draft = { ...emptyDraft("0x00000000000000000000000000000000000000aa"), titleZh: "茶碗", category: "pottery", price: "32.5" };

describe("an offer's draft", () => {
  it("needs a title in one language, a category and a price", () => {
    expect(checkDraft(emptyDraft("0x0"), 6)).toMatchObject({ titleEn: "title", category: "category", price: "amount" });
    expect(checkDraft(draft, 6)).toEqual({});
  });

  it("refuses terms that the contract would refuse", () => {
    expect(checkDraft({ ...draft, shipDays: "31" }, 6)).toEqual({ shipDays: "ship" });
    expect(checkDraft({ ...draft, price: "0.0000001" }, 6)).toEqual({ price: "amount" });
  });

  it("becomes terms in the smallest unit and in seconds", () => {
    expect(termsOf(draft, 6)).toMatchObject({ unitPrice: 32_500_000n, acceptWithin: 172_800, shipWithin: 432_000 });
  });

  it("lets one language stand in for the other", () => {
    expect(metadataOf(draft).title).toEqual({ en: "茶碗", zh: "茶碗" });
  });
});

it("publishes limits of its own only where they differ from the house's", () => {
  const house = { contestWithin: 1, answerWithin: 2, returnWithin: 7 * 86_400, confirmWithin: 4, negotiateWithin: 5, appealWithin: 6, arbiterWithin: 7, returnable: true };
  const draft = emptyDraft("0x00");
  expect(ownLimits(draft, house)).toBeNull();
  expect(ownLimits({ ...draft, returnDays: "14" }, house)).toEqual({ ...house, returnWithin: 14 * 86_400 });
  expect(ownLimits({ ...draft, returnable: false, returnDays: "x" }, house)).toEqual({ ...house, returnable: false });
  expect(checkDraft({ ...draft, returnDays: "31" }, 6).returnDays).toBe("return");
});
