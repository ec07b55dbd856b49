import { describe, expect, it } from "vitest";
import { atStep, proposalRange, splitOf, stepOf } from "./claim";

const gusd = (amount: string) => ({ token: "0x", symbol: "gUSD", decimals: 6, amount });
const order = (buyer?: string, seller?: string) => ({
  total: gusd("20000000"),
  bond: gusd("1000000"),
  fee_bps: 200,
  case:
    buyer === undefined || seller === undefined
      ? null
      : ({ buyer_claim: gusd(buyer), seller_claim: gusd(seller) } as never),
});

describe("what a side may propose", () => {
  it("begins with everything for whoever speaks", () => {
    expect(proposalRange(order(), "buyer")).toEqual({ least: 1n, most: 20_000_000n, initial: 20_000_000n });
    expect(proposalRange(order(), "seller")).toEqual({ least: 0n, most: 19_999_999n, initial: 0n });
  });

  it("lies between the claims, and never meets the other side's", () => {
    const talking = order("12000000", "3000000");
    expect(proposalRange(talking, "buyer")).toEqual({ least: 3_000_001n, most: 12_000_000n, initial: 12_000_000n });
    expect(proposalRange(talking, "seller")).toEqual({ least: 3_000_000n, most: 11_999_999n, initial: 3_000_000n });
  });
});

describe("a split", () => {
  it("takes the fee of the seller's part alone and gives the bond back", () => {
    expect(splitOf(order(), 5_000_000n)).toEqual({ buyer: 5_000_000n, seller: 15_700_000n, fee: 300_000n });
    expect(splitOf(order(), 20_000_000n)).toEqual({ buyer: 20_000_000n, seller: 1_000_000n, fee: 0n });
  });

  it("moves nothing in and loses nothing on the way", () => {
    for (let buyer = 0n; buyer <= 20_000_000n; buyer += 777_777n) {
      const { seller, fee } = splitOf(order(), buyer);
      expect(buyer + seller + fee).toBe(21_000_000n);
    }
  });
});

describe("the slider", () => {
  const range = proposalRange(order("12000000", "3000000"), "buyer");
  it("stops at round amounts inside the range, and at both ends exactly", () => {
    expect(atStep(range, 0, { decimals: 6 })).toBe(3_000_001n);
    expect(atStep(range, 100, { decimals: 6 })).toBe(12_000_000n);
    expect(atStep(range, 50, { decimals: 6 })).toBe(7_500_000n);
    expect(atStep({ least: 1n, most: 3n, initial: 3n }, 50, { decimals: 0 })).toBe(2n);
  });

  it("stands where the amount is", () => {
    expect(stepOf(range, 12_000_000n)).toBe(100);
    expect(stepOf(range, 1n)).toBe(0);
    expect(stepOf({ least: 5n, most: 5n, initial: 5n }, 5n)).toBe(0);
  });
});
