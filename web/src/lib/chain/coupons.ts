import { encodeFunctionData, zeroAddress } from "viem";
import { couponVaultAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import type { SignedVoucher } from "@/lib/api/types";
import { NATIVE_TOKEN } from "@/lib/money";
import { allow } from "./allowance";
import type { CheckoutLine } from "./checkout";
import type { Receipt, Tools } from "./tools";

export interface CouponedLine extends CheckoutLine {
  /** What coupons pay of the amount. */
  saved: bigint;
  vouchers: readonly SignedVoucher[];
}

/** Places the whole basket in one transaction, with the vouchers of each line and the name of who recommended it. */
export async function placeBasketWith(tools: Tools, market: string, lines: readonly CouponedLine[], recommender: Hex | null): Promise<Receipt> {
  const spender = asHex(market);
  const due = new Map<Hex, bigint>();
  for (const { token, amount, saved } of lines) due.set(token, (due.get(token) ?? 0n) + amount - saved);
  for (const [token, value] of due) await allow(tools, token, spender, value);
  const basket = lines.map(({ offerId, version, quantity, termsHash, deliveryHash }) => ({
    offerId: BigInt(offerId),
    version,
    quantity,
    termsHash,
    deliveryHash,
  }));
  const vouchers = lines.map((line) =>
    line.vouchers.map(({ signature, ...voucher }) => ({
      voucher: {
        campaignId: BigInt(voucher.campaign_id),
        nullifier: asHex(voucher.nullifier),
        buyer: asHex(voucher.buyer),
        offerId: BigInt(voucher.offer_id),
        category: asHex(voucher.category),
        expiresAt: BigInt(voucher.expires_at),
      },
      signature: asHex(signature),
    })),
  );
  const data = encodeFunctionData({
    abi: couponVaultAbi,
    functionName: "placeOrdersWith",
    args: [basket, vouchers, recommender ?? zeroAddress],
  });
  return tools.send({ to: spender, data, value: due.get(NATIVE_TOKEN) ?? 0n });
}
