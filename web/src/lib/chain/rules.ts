import { encodeFunctionData, type PublicClient } from "viem";
import { ruleBookAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import type { OfferTerms } from "./market";
import type { Call } from "./tools";

/** Time limits of returns and disputes, in seconds, and whether goods may be sent back. */
export interface AfterSales {
  contestWithin: number;
  answerWithin: number;
  returnWithin: number;
  confirmWithin: number;
  negotiateWithin: number;
  appealWithin: number;
  arbiterWithin: number;
  returnable: boolean;
}

const call = (market: string, data: Hex): Call => ({ to: asHex(market), data, value: 0n });

/** What orders are signed for where their offer says nothing else; none in houses from before there was any. */
export async function houseRules(reader: PublicClient, market: string): Promise<AfterSales | null> {
  const contract = { address: asHex(market), abi: ruleBookAbi } as const;
  const newest = await reader.readContract({ ...contract, functionName: "rulesCount" }).catch(() => 0);
  if (newest === 0) return null;
  const [afterSales] = await reader.readContract({ ...contract, functionName: "ruleSet", args: [newest] });
  return afterSales;
}

export const publishOfferWith = (market: string, terms: OfferTerms, limits: AfterSales, stock: bigint, metadata: Hex) =>
  call(market, encodeFunctionData({ abi: ruleBookAbi, functionName: "publishOfferWith", args: [terms, limits, stock, metadata] }));

export const reviseOfferWith = (market: string, offerId: string, terms: OfferTerms, limits: AfterSales, metadata: Hex) =>
  call(market, encodeFunctionData({ abi: ruleBookAbi, functionName: "reviseOfferWith", args: [BigInt(offerId), terms, limits, metadata] }));
