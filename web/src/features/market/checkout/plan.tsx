import type { TFunction } from "i18next";
import type { Money as MoneyValue } from "@/lib/api/types";
import { asHex } from "@/lib/address";
import type { CheckoutLine } from "@/lib/chain/checkout";
import { units } from "@/lib/money";
import { newSalt, NO_NOTE, preimage, rememberNote } from "@/lib/notes";
import { formatSpan } from "@/lib/time";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import type { Plan } from "@/ui/signing/plan";
import type { PricedLine } from "./use-basket-offers";

interface Input {
  lines: readonly PricedLine[];
  totals: readonly MoneyValue[];
  note: string;
  t: TFunction;
  locale: string;
  onPlaced: () => void;
}

const longest = (lines: readonly PricedLine[], pick: (line: PricedLine) => number) => Math.max(...lines.map(pick));

async function withFingerprints(lines: readonly PricedLine[], note: string): Promise<CheckoutLine[]> {
  const { fingerprint } = await import("@/lib/chain/market");
  return lines.map(({ offer, quantity, total }) => {
    let deliveryHash = asHex(NO_NOTE);
    if (note.trim() !== "" && !offer.digital) {
      // Every line has its own salt, so that two orders to one address cannot be linked by their fingerprints.
      const kept = { text: note.trim(), salt: newSalt() };
      deliveryHash = fingerprint(preimage(kept));
      rememberNote(deliveryHash, kept);
    }
    return {
      offerId: offer.id,
      version: offer.version,
      quantity,
      termsHash: asHex(offer.terms_hash),
      deliveryHash,
      token: asHex(offer.price.token.toLowerCase()),
      amount: units(total.amount),
    };
  });
}

export function checkoutPlan({ lines, totals, note, t, locale, onPlaced }: Input): Plan {
  const span = (seconds: number) => formatSpan(seconds, locale);
  return {
    title: t("checkout.sign_title"),
    effects: [
      ...totals.map((total) => ({ who: t("checkout.you_lock"), what: <Money value={total} /> })),
      ...lines.map(({ offer, total }) => ({
        who: (
          <>
            {t("checkout.goes_to")} <Address address={offer.seller.address} name={offer.seller.name} to="none" />
          </>
        ),
        what: <Money value={total} />,
      })),
    ],
    back: [
      t("checkout.back_cancel"),
      t("checkout.back_accept", { span: span(longest(lines, ({ offer }) => offer.terms.accept_within)) }),
      t("checkout.back_ship", { span: span(longest(lines, ({ offer }) => offer.terms.ship_within)) }),
      t("checkout.back_deliver", { span: span(longest(lines, ({ offer }) => offer.terms.deliver_within)) }),
      t("checkout.back_wrong"),
    ],
    action: t("checkout.sign"),
    execute: async (tools, chain) => {
      const { placeBasket } = await import("@/lib/chain/checkout");
      return placeBasket(tools, chain.contracts.market, await withFingerprints(lines, note));
    },
    done: async (receipt) => {
      const { fundedOrders } = await import("@/lib/chain/market");
      const orders = fundedOrders(receipt);
      onPlaced();
      return {
        title: t("checkout.done_title"),
        text: t("checkout.done_text", { count: orders.length }),
        links:
          orders.length === 1
            ? [{ href: `/orders/${orders[0] ?? ""}`, label: t("checkout.open_order") }]
            : [{ href: "/desk/orders?side=buying", label: t("checkout.open_orders") }],
      };
    },
  };
}
