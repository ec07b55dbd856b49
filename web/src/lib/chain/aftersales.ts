import { encodeFunctionData } from "viem";
import { aftersalesAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import type { Call } from "./tools";

/** What comes after the sale: part of the market, and reached at the market's address. */
const call = (market: string, data: Hex, value = 0n): Call => ({ to: asHex(market), data, value });

export const contest = (market: string, orderIds: readonly string[]) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "contest", args: [orderIds.map(BigInt)] }));

export const requestReturn = (market: string, orderId: string, reason: Hex) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "requestReturn", args: [BigInt(orderId), reason] }));

export const approveReturn = (market: string, orderId: string, address: Hex) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "approveReturn", args: [BigInt(orderId), address] }));

export const sendReturn = (market: string, orderId: string, tracking: Hex) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "sendReturn", args: [BigInt(orderId), tracking] }));

export const confirmReturn = (market: string, orderId: string) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "confirmReturn", args: [BigInt(orderId)] }));

export const dropReturn = (market: string, orderId: string) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "dropReturn", args: [BigInt(orderId)] }));

export const dispute = (market: string, orderId: string, buyerAmount: bigint, reason: Hex) =>
  call(
    market,
    encodeFunctionData({ abi: aftersalesAbi, functionName: "dispute", args: [BigInt(orderId), buyerAmount, reason] }),
  );

export const propose = (market: string, orderId: string, buyerAmount: bigint) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "propose", args: [BigInt(orderId), buyerAmount] }));

export const acceptSplit = (market: string, orderId: string, buyerAmount: bigint) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "acceptSplit", args: [BigInt(orderId), buyerAmount] }));

export const escalate = (market: string, orderId: string, buyerAmount: bigint, deposit: bigint) =>
  call(
    market,
    encodeFunctionData({ abi: aftersalesAbi, functionName: "escalate", args: [BigInt(orderId), buyerAmount] }),
    deposit,
  );

export const defend = (market: string, orderId: string, buyerAmount: bigint, deposit: bigint) =>
  call(
    market,
    encodeFunctionData({ abi: aftersalesAbi, functionName: "defend", args: [BigInt(orderId), buyerAmount] }),
    deposit,
  );

export const raise = (market: string, orderId: string, topUp = 0n) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "raise", args: [BigInt(orderId)] }), topUp);

export const appeal = (market: string, orderId: string, deposit: bigint) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "appeal", args: [BigInt(orderId)] }), deposit);

export const conclude = (market: string, orderIds: readonly string[]) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "conclude", args: [orderIds.map(BigInt)] }));

export const submitEvidence = (market: string, orderId: string, uri: string) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "submitEvidence", args: [BigInt(orderId), uri] }));

export const noteRuling = (market: string, orderId: string) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "noteRuling", args: [BigInt(orderId)] }));

export const reclaimFee = (market: string, orderId: string) =>
  call(market, encodeFunctionData({ abi: aftersalesAbi, functionName: "reclaimFee", args: [BigInt(orderId)] }));
