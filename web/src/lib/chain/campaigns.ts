import { encodeFunctionData, keccak256, parseEventLogs, stringToHex, zeroAddress, zeroHash, type Log } from "viem";
import { couponVaultAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import { NATIVE_TOKEN } from "@/lib/money";
import { allow } from "./allowance";
import type { Call, Receipt, Tools } from "./tools";

export interface CampaignTerms {
  token: Hex;
  issuer: Hex;
  percentBps: number;
  amount: bigint;
  subsidyMax: bigint;
  spendMin: bigint;
  startsAt: bigint;
  endsAt: bigint;
  /** Nothing is every seller. */
  seller: Hex | null;
  /** The slug of a category; nothing is every category. */
  category: string;
  stackable: boolean;
}

const paid = (market: string, token: Hex, amount: bigint, data: Hex): Call => ({
  to: asHex(market),
  data,
  value: token.toLowerCase() === NATIVE_TOKEN ? amount : 0n,
});

/** Opens a campaign and locks its budget. */
export async function openCampaign(tools: Tools, market: string, terms: CampaignTerms, budget: bigint): Promise<Receipt> {
  await allow(tools, terms.token, asHex(market), budget);
  const { seller, category, ...rest } = terms;
  const tuple = {
    ...rest,
    seller: seller ?? zeroAddress,
    category: category === "" ? zeroHash : keccak256(stringToHex(category)),
  };
  const data = encodeFunctionData({ abi: couponVaultAbi, functionName: "openCampaign", args: [tuple, budget] });
  return tools.send(paid(market, terms.token, budget, data));
}

/** Adds to a campaign's budget. */
export async function fundCampaign(tools: Tools, market: string, id: string, token: Hex, amount: bigint): Promise<Receipt> {
  await allow(tools, token, asHex(market), amount);
  const data = encodeFunctionData({ abi: couponVaultAbi, functionName: "fundCampaign", args: [BigInt(id), amount] });
  return tools.send(paid(market, token, amount, data));
}

/** Gives each funder of an ended campaign their part of what is left, as far as there is any now. */
export async function creditLeftovers(tools: Tools, market: string, id: string): Promise<Receipt> {
  const vault = { address: asHex(market), abi: couponVaultAbi } as const;
  const { contributions } = await tools.reader.readContract({ ...vault, functionName: "campaign", args: [BigInt(id)] });
  let last: Receipt | null = null;
  for (let n = 0n; n < BigInt(contributions); n += 1n) {
    const call: Call = {
      to: vault.address,
      value: 0n,
      data: encodeFunctionData({ abi: couponVaultAbi, functionName: "creditLeftover", args: [BigInt(id), n] }),
    };
    // A part that is spent or paid back already would be refused, and must not keep the others waiting.
    const due = await tools.simulate(call).then(() => true, () => false);
    if (due) last = await tools.send(call);
  }
  if (last === null) throw new Error("nothing is left to give back");
  return last;
}

export const openedCampaign = (receipt: Receipt): string | null => {
  const logs = parseEventLogs({ abi: couponVaultAbi, logs: receipt.logs as unknown as Log[], strict: true });
  return logs.flatMap((log) => (log.eventName === "CampaignOpened" ? [log.args.campaignId.toString()] : []))[0] ?? null;
};
