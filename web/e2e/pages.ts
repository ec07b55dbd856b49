import type { APIRequestContext } from "@playwright/test";
import { persona, read } from "./town";

/** One address of every page, with real numbers in it. */
export async function everyPage(request: APIRequestContext): Promise<string[]> {
  const [offers, orders, transactions, tokens, seller] = await Promise.all([
    read(request, "/market/offers", "/market/offers?limit=1"),
    read(request, "/market/orders", "/market/orders?limit=1"),
    read(request, "/explorer/transactions", "/explorer/transactions?limit=1"),
    read(request, "/explorer/tokens", "/explorer/tokens?limit=1"),
    persona(request, "seller"),
  ]);
  const offer = offers.items[0]?.id ?? "1";
  const transaction = transactions.items[0];
  return [
    "/",
    "/market",
    "/market?q=nothing-is-called-this",
    `/offers/${offer}`,
    `/sellers/${seller.address}`,
    "/basket",
    "/checkout",
    "/learn",
    "/status",
    "/desk",
    "/desk/orders",
    `/orders/${orders.items[0]?.id ?? "1"}`,
    "/desk/offers",
    "/desk/offers/new",
    `/desk/offers/${offer}`,
    "/desk/wallet",
    "/desk/privacy",
    "/desk/help",
    "/desk/help/new",
    "/office/support",
    "/solvency",
    "/metrics",
    "/explorer",
    "/explorer?view=transactions",
    `/explorer/blocks/${transaction?.block_number ?? 0}`,
    `/explorer/tx/${transaction?.hash ?? ""}`,
    `/explorer/address/${seller.address}`,
    `/explorer/address/${tokens.items[0]?.address ?? ""}`,
    "/explorer/tokens",
    `/explorer/tokens/${tokens.items[0]?.address ?? ""}`,
    "/office",
    "/office/watch",
    "/office/orders",
    "/campaigns",
    "/office/campaigns",
    "/office/campaigns/new",
    "/office/campaigns/1",
    "/trace",
    "/01/06901234056785/21/K7M2QX9RT4WH8VNB",
    "/office/trace",
    "/arbiters",
    "/arbitrations/1",
    "/arbitrations/3",
    "/desk/arbiter",
    "/office/arbiters",
    "/office/reviews",
    "/no-such-page",
  ];
}
