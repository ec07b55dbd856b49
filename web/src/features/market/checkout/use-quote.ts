import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { client } from "@/lib/api/client";
import type { Money, Quote, Vouchers } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { units } from "@/lib/money";
import { useWallet } from "@/lib/wallet/state";
import type { PricedLine } from "./use-basket-offers";

export interface Choice {
  /** A code that was entered, or nothing. */
  code: string;
  /** Campaigns that the buyer took off. */
  without: readonly string[];
}

const body = (lines: readonly PricedLine[], { code, without }: Choice) => ({
  lines: lines.map(({ offer, quantity }) => ({ offer_id: offer.id, quantity })),
  code: code === "" ? null : code,
  without: [...without],
});

/** What coupons would save on this basket; asked anew as the basket, the wallet or the code changes. */
export function useQuote(lines: readonly PricedLine[], choice: Choice) {
  const wallet = useWallet();
  const asked = body(lines, choice);
  return useQuery({
    queryKey: ["/coupon-quotes", wallet?.address ?? "", asked] as const,
    enabled: wallet !== null && lines.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async (): Promise<Quote> => {
      const { data } = await client.POST("/coupon-quotes", { body: { ...asked, buyer: wallet?.address ?? "" } });
      if (data === undefined) throw new Error("the server gave no quote");
      return data;
    },
  });
}

/** Vouchers for the basket: from here on their part of the budgets is kept for the buyer. */
export async function takeVouchers(lines: readonly PricedLine[], choice: Choice): Promise<Vouchers> {
  const { data } = await client.POST("/coupon-vouchers", { body: body(lines, choice) });
  if (data === undefined) throw new Error("the server gave no vouchers");
  return data;
}

/** Totals less what coupons save. */
export const lessSaved = (totals: readonly Money[], saved: readonly Money[]): Money[] =>
  totals.map((total) => {
    const off = saved.find(({ token }) => sameAddress(token, total.token));
    return off === undefined ? total : { ...total, amount: (units(total.amount) - units(off.amount)).toString() };
  });
