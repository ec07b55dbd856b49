import type { Money, OrderDetail } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { units } from "@/lib/money";

export type Side = "buyer" | "seller";

export const sideOf = (order: Pick<OrderDetail, "buyer" | "seller">, address: string | undefined): Side | null => {
  if (address === undefined) return null;
  if (sameAddress(order.buyer.address, address)) return "buyer";
  return sameAddress(order.seller.address, address) ? "seller" : null;
};

export const otherSide = (side: Side): Side => (side === "buyer" ? "seller" : "buyer");

/** What each side says the buyer should get; a side that never spoke claims everything. */
export function claims(order: Pick<OrderDetail, "case" | "total">): Record<Side, bigint> {
  const { buyer_claim, seller_claim } = order.case ?? {};
  return { buyer: units((buyer_claim ?? order.total).amount), seller: units(seller_claim?.amount ?? "0") };
}

export interface Range {
  least: bigint;
  most: bigint;
  /** The side's own last word, which is also where it begins. */
  initial: bigint;
}

/**
 * What a side may propose that the buyer gets. A claim may stay where it is or give way, and never meets the other
 * side's: that would be accepting it.
 */
export function proposalRange(order: Pick<OrderDetail, "case" | "total">, side: Side): Range {
  const { buyer, seller } = claims(order);
  return side === "buyer"
    ? { least: seller + 1n, most: buyer, initial: buyer }
    : { least: seller, most: buyer - 1n, initial: seller };
}

export interface Split {
  buyer: bigint;
  /** After the fee, the bond included. */
  seller: bigint;
  fee: bigint;
}

/** Where the money goes when the buyer gets `buyer`: only the seller's part bears the fee, and the bond goes back. */
export function splitOf(order: Pick<OrderDetail, "total" | "bond" | "fee_bps">, buyer: bigint): Split {
  const rest = units(order.total.amount) - buyer;
  const fee = (rest * BigInt(order.fee_bps)) / 10_000n;
  return { buyer, seller: rest - fee + units(order.bond.amount), fee };
}

const STEPS = 100n;

/** A round amount at one of the slider's hundred steps, kept inside the range. */
export function atStep({ least, most }: Range, step: number, { decimals }: Pick<Money, "decimals">): bigint {
  const exact = least + ((most - least) * BigInt(step)) / STEPS;
  if (exact === least || exact === most) return exact;
  const cent = 10n ** BigInt(Math.max(0, decimals - 2));
  const round = ((exact + cent / 2n) / cent) * cent;
  return round < least ? least : round > most ? most : round;
}

export function stepOf({ least, most }: Range, amount: bigint): number {
  if (most <= least || amount <= least) return 0;
  return amount >= most ? Number(STEPS) : Number(((amount - least) * STEPS) / (most - least));
}

/** How an order ends if the one who is awaited stays silent, or once it is ruled. */
export function conclusion({ state, case: now }: Pick<OrderDetail, "state" | "case">) {
  if (state === "return") {
    if (now?.return_step === "approved") return "return_unsent";
    return now?.return_step === "sent" ? "return_unconfirmed" : "return_unanswered";
  }
  if (state === "disputed") return "unanswered";
  if (state !== "escalated") return "ruled";
  if (now?.defended !== true) return "undefended";
  return now.appealed_by ? "appeal_silent" : "arbiter_silent";
}
