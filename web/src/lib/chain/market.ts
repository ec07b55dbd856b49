import { encodeFunctionData, keccak256, parseEventLogs, stringToHex, type Log } from "viem";
import { marketAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import { NATIVE_TOKEN } from "@/lib/money";
import type { Call, Receipt } from "./tools";

export interface OfferTerms {
  token: Hex;
  unitPrice: bigint;
  shippingPrice: bigint;
  acceptWithin: number;
  shipWithin: number;
  deliverWithin: number;
  inspectWithin: number;
  digital: boolean;
}

const call = (market: string, data: Hex, value = 0n): Call => ({ to: asHex(market), data, value });
const ids = (orderIds: readonly string[]) => [orderIds.map(BigInt)] as const;

export const publishOffer = (market: string, terms: OfferTerms, stock: bigint, metadata: Hex) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "publishOffer", args: [terms, stock, metadata] }));

export const reviseOffer = (market: string, offerId: string, terms: OfferTerms, metadata: Hex) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "reviseOffer", args: [BigInt(offerId), terms, metadata] }));

export const setStock = (market: string, offerId: string, stock: bigint) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "setStock", args: [BigInt(offerId), stock] }));

export const setOfferActive = (market: string, offerId: string, active: boolean) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "setOfferActive", args: [BigInt(offerId), active] }));

export const cancel = (market: string, orderId: string) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "cancel", args: [BigInt(orderId)] }));

export const decline = (market: string, orderId: string) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "decline", args: [BigInt(orderId)] }));

export const accept = (market: string, orderIds: readonly string[]) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "accept", args: ids(orderIds) }));

export const ship = (market: string, orderIds: readonly string[], tracking: readonly Hex[]) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "ship", args: [...ids(orderIds), tracking] }));

export const confirmDelivery = (market: string, orderIds: readonly string[]) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "confirmDelivery", args: ids(orderIds) }));

/** As a carrier, for others. */
export const attestDelivery = (market: string, orderIds: readonly string[]) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "attestDelivery", args: ids(orderIds) }));

export const release = (market: string, orderIds: readonly string[]) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "release", args: ids(orderIds) }));

export const refundExpired = (market: string, orderIds: readonly string[]) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "refundExpired", args: ids(orderIds) }));

export const depositBond = (market: string, token: Hex, amount: bigint) =>
  call(
    market,
    encodeFunctionData({ abi: marketAbi, functionName: "depositBond", args: [token, amount] }),
    token === NATIVE_TOKEN ? amount : 0n,
  );

export const withdraw = (market: string, token: Hex) =>
  call(market, encodeFunctionData({ abi: marketAbi, functionName: "withdraw", args: [token] }));

/** The fingerprint of a text that stays off the chain: a tracking number, a delivery note with its salt. */
export const fingerprint = (text: string): Hex => keccak256(stringToHex(text));

const events = (receipt: Receipt) =>
  parseEventLogs({ abi: marketAbi, logs: receipt.logs as unknown as Log[], strict: true });

export const fundedOrders = (receipt: Receipt): string[] =>
  events(receipt).flatMap((log) => (log.eventName === "OrderFunded" ? [log.args.orderId.toString()] : []));

export const publishedOffer = (receipt: Receipt): string | null =>
  events(receipt).flatMap((log) => (log.eventName === "OfferPublished" ? [log.args.offerId.toString()] : []))[0] ?? null;
