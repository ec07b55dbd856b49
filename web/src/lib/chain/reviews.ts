import { encodeFunctionData } from "viem";
import { reviewsAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import type { Call } from "./tools";

const call = (reviews: string, data: Hex): Call => ({ to: asHex(reviews), data, value: 0n });

export const review = (reviews: string, orderId: string, rating: number, text: Hex) =>
  call(reviews, encodeFunctionData({ abi: reviewsAbi, functionName: "review", args: [BigInt(orderId), rating, text] }));

export const reply = (reviews: string, orderId: string, text: Hex) =>
  call(reviews, encodeFunctionData({ abi: reviewsAbi, functionName: "reply", args: [BigInt(orderId), text] }));
