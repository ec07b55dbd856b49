import { encodeFunctionData, type PublicClient } from "viem";
import { couponVaultAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import type { Call } from "./tools";

/** The part of the fee, in basis points of it, that who recommended an order gets. */
export const recommendShare = (reader: PublicClient, market: string): Promise<number> =>
  reader.readContract({ address: asHex(market), abi: couponVaultAbi, functionName: "affiliateShare" });

export const setRecommendShare = (market: string, shareBps: number): Call => ({
  to: asHex(market),
  value: 0n,
  data: encodeFunctionData({ abi: couponVaultAbi, functionName: "setAffiliateShare", args: [shareBps] }),
});

interface Line {
  offerId: bigint;
  version: number;
  quantity: number;
  termsHash: Hex;
  deliveryHash: Hex;
}

/** A basket as `placeOrders` takes it, which names who recommended it. */
export const placeRecommended = (market: Hex, lines: readonly Line[], recommender: Hex, value: bigint): Call => ({
  to: market,
  value,
  data: encodeFunctionData({ abi: couponVaultAbi, functionName: "placeOrdersWith", args: [lines, lines.map(() => []), recommender] }),
});
