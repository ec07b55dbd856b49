import type { TFunction } from "i18next";
import { client } from "@/lib/api/client";
import type { Chain, OfferDetail } from "@/lib/api/types";
import { asHex, type Hex } from "@/lib/address";
import { formatSpan } from "@/lib/time";
import { oneCall, type Plan } from "@/ui/signing/plan";
import { decimalsOf, metadataOf, ownLimits, termsOf, type Draft } from "./draft";

interface Input {
  draft: Draft;
  chain: Chain;
  t: TFunction;
  ensureSession: () => Promise<void>;
}

async function storeMetadata(draft: Draft, ensureSession: () => Promise<void>): Promise<Hex> {
  await ensureSession();
  const { data } = await client.POST("/market/metadata", { body: metadataOf(draft) });
  if (data === undefined) throw new Error("the server gave no metadata hash");
  return asHex(data.hash);
}

function summary({ draft, chain, t }: Input, locale: string) {
  const symbol = chain.tokens.find(({ address }) => address.toLowerCase() === draft.token)?.symbol ?? chain.native.symbol;
  const terms = termsOf(draft, decimalsOf(chain, draft.token));
  return [
    { who: t("offer.price"), what: `${draft.price} ${symbol}` },
    { who: t("offer.shipping"), what: `${draft.shipping} ${symbol}` },
    { who: t("term.accept"), what: formatSpan(terms.acceptWithin, locale) },
    { who: t("term.ship"), what: formatSpan(terms.shipWithin, locale) },
    { who: t("term.returns"), what: t(draft.returnable ? "term.returns_yes" : "term.returns_no") },
  ];
}

const localeOf = (t: TFunction) => t("locale");

export function publishPlan(input: Input): Plan {
  const { draft, chain, t, ensureSession } = input;
  return {
    title: t("selling.publish_title"),
    effects: [...summary(input, localeOf(t)), { who: t("offer.stock"), what: draft.stock }],
    back: [t("selling.publish_back"), t("selling.publish_bond")],
    action: t("selling.publish"),
    execute: async (tools) => {
      const metadata = await storeMetadata(draft, ensureSession);
      const [{ publishOffer }, { houseRules, publishOfferWith }] = await Promise.all([import("@/lib/chain/market"), import("@/lib/chain/rules")]);
      const [market, stock, terms] = [chain.contracts.market, BigInt(draft.stock), termsOf(draft, decimalsOf(chain, draft.token))];
      const house = await houseRules(tools.reader, market);
      const limits = house && ownLimits(draft, house);
      return tools.send(limits ? publishOfferWith(market, terms, limits, stock, metadata) : publishOffer(market, terms, stock, metadata));
    },
    done: async (receipt) => {
      const { publishedOffer } = await import("@/lib/chain/market");
      const id = publishedOffer(receipt);
      return {
        title: t("selling.published"),
        text: t("selling.published_text"),
        links: id === null ? [] : [{ href: `/offers/${id}`, label: t("selling.see_offer") }],
      };
    },
  };
}

export function revisePlan(input: Input & { offer: OfferDetail }): Plan {
  const { draft, chain, t, ensureSession, offer } = input;
  return {
    title: t("selling.revise_title"),
    effects: summary(input, localeOf(t)),
    back: [t("selling.revise_back")],
    action: t("selling.revise"),
    signer: offer.seller.address,
    execute: async (tools) => {
      const metadata = await storeMetadata(draft, ensureSession);
      const [{ reviseOffer }, { houseRules, reviseOfferWith }] = await Promise.all([import("@/lib/chain/market"), import("@/lib/chain/rules")]);
      const [market, terms] = [chain.contracts.market, termsOf(draft, decimalsOf(chain, draft.token))];
      const house = await houseRules(tools.reader, market);
      const limits = house && ownLimits(draft, house);
      return tools.send(limits ? reviseOfferWith(market, offer.id, terms, limits, metadata) : reviseOffer(market, offer.id, terms, metadata));
    },
    done: () =>
      Promise.resolve({
        title: t("selling.revised"),
        text: t("selling.revised_text", { version: offer.version + 1 }),
        links: [{ href: `/offers/${offer.id}`, label: t("selling.see_offer") }],
      }),
  };
}

export function stockPlan(offer: OfferDetail, stock: bigint, t: TFunction): Plan {
  return oneCall({
    title: t("selling.stock_title"),
    effects: [
      { who: t("selling.stock_before"), what: String(offer.stock) },
      { who: t("selling.stock_after"), what: stock.toString() },
    ],
    back: [t("selling.stock_back")],
    action: t("selling.stock_set"),
    signer: offer.seller.address,
    call: async (chain) => (await import("@/lib/chain/market")).setStock(chain.contracts.market, offer.id, stock),
    done: { title: t("selling.stock_done"), text: t("selling.stock_back") },
  });
}

export function activePlan(offer: OfferDetail, t: TFunction): Plan {
  const key = offer.active ? "pause" : "resume";
  return oneCall({
    title: t(`selling.${key}`),
    effects: [{ who: t("selling.on_sale"), what: t(offer.active ? "common.no" : "common.yes") }],
    back: [t(`selling.${key}_back`)],
    action: t(`selling.${key}`),
    signer: offer.seller.address,
    call: async (chain) =>
      (await import("@/lib/chain/market")).setOfferActive(chain.contracts.market, offer.id, !offer.active),
    done: { title: t(`selling.${key}_done`), text: t(`selling.${key}_back`) },
  });
}
