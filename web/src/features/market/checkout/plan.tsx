import type { TFunction } from "i18next";
import type { Money as MoneyValue, Vouchers } from "@/lib/api/types";
import { asHex } from "@/lib/address";
import { recommenderOf } from "@/lib/affiliate";
import type { CheckoutLine } from "@/lib/chain/checkout";
import { units } from "@/lib/money";
import type { Parcel } from "@/lib/sealing/parcel";
import { newSalt, NO_NOTE, preimage, rememberNote } from "@/lib/notes";
import { localized, type Language } from "@/lib/i18n";
import { formatDateTime, formatSpan } from "@/lib/time";
import { currentWallet } from "@/lib/wallet/state";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import type { Plan } from "@/ui/signing/plan";
import { PaidBy } from "./coupons";
import type { PricedLine } from "./use-basket-offers";

interface Input {
  lines: readonly PricedLine[];
  /** What the buyer pays, by token. */
  totals: readonly MoneyValue[];
  note: string;
  ensureSession: () => Promise<void>;
  /** Vouchers that are kept for the buyer, where coupons apply. */
  vouchers: Vouchers | null;
  t: TFunction;
  language: Language;
  locale: string;
  onPlaced: () => void;
}

const longest = (lines: readonly PricedLine[], pick: (line: PricedLine) => number) => Math.max(...lines.map(pick));

/** The lines as the contract takes them, and for each that is sent somewhere what its seller needs to know. */
async function withFingerprints(lines: readonly PricedLine[], note: string) {
  const { fingerprint } = await import("@/lib/chain/market");
  const placed: CheckoutLine[] = [];
  const parcels: Parcel[] = [];
  for (const { offer, quantity, total } of lines) {
    let deliveryHash = asHex(NO_NOTE);
    if (note.trim() !== "" && !offer.digital) {
      // Every line has its own salt, so that two orders to one address cannot be linked by their fingerprints.
      const kept = { text: note.trim(), salt: newSalt() };
      deliveryHash = fingerprint(preimage(kept));
      rememberNote(deliveryHash, kept);
      parcels.push({ deliveryHash, note: kept, recipient: offer.seller.address });
    }
    placed.push({
      offerId: offer.id,
      version: offer.version,
      quantity,
      termsHash: asHex(offer.terms_hash),
      deliveryHash,
      token: asHex(offer.price.token.toLowerCase()),
      amount: units(total.amount),
    });
  }
  return { placed, parcels };
}

/** Who recommended these, if that is nobody who buys or sells in it. */
const recommenderIn = (lines: readonly PricedLine[], buyer: string | undefined) =>
  recommenderOf([...lines.map(({ offer }) => offer.seller.address), ...(buyer === undefined ? [] : [buyer])], Date.now());

export function checkoutPlan({ lines, totals, note, vouchers, ensureSession, t, language, locale, onPlaced }: Input): Plan {
  const recommender = recommenderIn(lines, currentWallet()?.address);
  const span = (seconds: number) => formatSpan(seconds, locale);
  return {
    title: t("checkout.sign_title"),
    effects: [
      ...totals.map((total) => ({ who: t("checkout.you_lock"), what: <Money value={total} /> })),
      ...(vouchers?.lines ?? []).flatMap(({ coupons }) =>
        coupons.map((coupon) => ({
          who: (
            <>
              {localized(coupon.name, language)} · <PaidBy coupon={coupon} />
            </>
          ),
          what: <Money value={coupon.saved} />,
        })),
      ),
      ...lines.map(({ offer, total }) => ({
        who: (
          <>
            {t("checkout.goes_to")} <Address address={offer.seller.address} name={offer.seller.name} to="none" />
          </>
        ),
        what: <Money value={total} />,
      })),
      ...(recommender === null ? [] : [{ who: <>{t("recommend.by")} <Address address={recommender} to="none" /></>, what: t("recommend.from_fee") }]),
    ],
    back: [
      t("checkout.back_cancel"),
      t("checkout.back_accept", { span: span(longest(lines, ({ offer }) => offer.terms.accept_within)) }),
      t("checkout.back_ship", { span: span(longest(lines, ({ offer }) => offer.terms.ship_within)) }),
      t("checkout.back_deliver", { span: span(longest(lines, ({ offer }) => offer.terms.deliver_within)) }),
      t("checkout.back_wrong"),
      ...(vouchers === null ? [] : [t("coupon.back", { time: formatDateTime(vouchers.expires_at, locale) })]),
    ],
    action: t("checkout.sign"),
    execute: async (tools, chain) => {
      const { placed, parcels } = await withFingerprints(lines, note);
      if (parcels.length > 0) {
        await ensureSession();
        const { leaveParcels } = await import("@/lib/sealing/parcel");
        await leaveParcels(chain, parcels);
      }
      const recommender = recommenderIn(lines, tools.account);
      if (vouchers === null) {
        const { placeBasket } = await import("@/lib/chain/checkout");
        return placeBasket(tools, chain.contracts.market, placed, recommender);
      }
      const { placeBasketWith } = await import("@/lib/chain/coupons");
      const coupons = vouchers.lines;
      const lined = placed.map((line, n) => ({
        ...line,
        saved: units(coupons[n]?.saved.amount ?? "0"),
        vouchers: coupons[n]?.vouchers ?? [],
      }));
      return placeBasketWith(tools, chain.contracts.market, lined, recommender);
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
