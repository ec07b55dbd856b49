import { useQueries } from "@tanstack/react-query";
import type { Money, OfferDetail } from "@/lib/api/types";
import { useBasket } from "@/lib/basket";
import { addMoney, sumByToken, timesMoney } from "@/lib/money";
import { offerQuery } from "../storefront/queries";

export interface PricedLine {
  offer: OfferDetail;
  quantity: number;
  total: Money;
}

/** The basket's lines with their offers as they stand now: price, stock and terms may have moved since they were put in. */
export function useBasketOffers() {
  const basket = useBasket();
  const answers = useQueries({
    queries: basket.map(({ offerId }) => offerQuery(offerId)),
  });
  const lines: PricedLine[] = [];
  const missing: string[] = [];
  basket.forEach(({ offerId, quantity }, n) => {
    const answer = answers[n];
    const offer = answer?.data;
    if (offer !== undefined) lines.push({ offer, quantity, total: addMoney(timesMoney(offer.price, quantity), offer.shipping) });
    else if (answer?.isError) missing.push(offerId);
  });
  return {
    basket,
    lines,
    missing,
    loading: answers.some((answer) => answer.isPending),
    totals: sumByToken(lines.map(({ total }) => total)),
  };
}

/** Why a line cannot be ordered as it stands, as a key of the `basket` texts, or null. */
export function lineTrouble({ offer, quantity }: PricedLine): "inactive" | "sold_out" | "too_many" | "no_bond" | null {
  if (!offer.active) return "inactive";
  if (offer.stock === 0) return "sold_out";
  if (offer.stock < quantity) return "too_many";
  return offer.bond_ok ? null : "no_bond";
}
