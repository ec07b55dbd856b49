import type { Chain, OfferDetail } from "@/lib/api/types";
import { asHex } from "@/lib/address";
import type { OfferTerms } from "@/lib/chain/market";
import type { AfterSales } from "@/lib/chain/rules";
import { parseDecimal, toDecimal, units } from "@/lib/money";
import { seconds } from "@/lib/time";

export interface DraftPicture {
  hash: string;
  url: string;
}

/** An offer while it is being written: every field as it was typed. */
export interface Draft {
  titleEn: string;
  titleZh: string;
  descriptionEn: string;
  descriptionZh: string;
  category: string;
  token: string;
  price: string;
  shipping: string;
  stock: string;
  digital: boolean;
  acceptHours: string;
  shipDays: string;
  deliverDays: string;
  inspectDays: string;
  /** Whether goods may be sent back, and within how many days once that is agreed. */
  returnable: boolean;
  returnDays: string;
  pictures: DraftPicture[];
}

export type DraftErrors = Partial<Record<keyof Draft, string>>;

export const emptyDraft = (token: string): Draft => ({
  titleEn: "",
  titleZh: "",
  descriptionEn: "",
  descriptionZh: "",
  category: "",
  token,
  price: "",
  shipping: "0",
  stock: "1",
  digital: false,
  acceptHours: "48",
  shipDays: "5",
  deliverDays: "21",
  inspectDays: "7",
  returnable: true,
  returnDays: "7",
  pictures: [],
});

export function draftOf(offer: OfferDetail): Draft {
  const { DAY, HOUR } = seconds;
  return {
    titleEn: offer.title.en,
    titleZh: offer.title.zh,
    descriptionEn: offer.description.en,
    descriptionZh: offer.description.zh,
    category: offer.category,
    token: offer.price.token.toLowerCase(),
    price: toDecimal(units(offer.price.amount), offer.price.decimals),
    shipping: toDecimal(units(offer.shipping.amount), offer.shipping.decimals),
    stock: String(offer.stock),
    digital: offer.digital,
    acceptHours: String(offer.terms.accept_within / HOUR),
    shipDays: String(offer.terms.ship_within / DAY),
    deliverDays: String(offer.terms.deliver_within / DAY),
    inspectDays: String(offer.terms.inspect_within / DAY),
    returnable: offer.after_sales?.returnable ?? true,
    returnDays: String((offer.after_sales?.return_within ?? 7 * DAY) / DAY),
    pictures: offer.pictures.map((url, n) => ({ url, hash: offer.picture_hashes[n] ?? "" })),
  };
}

export const decimalsOf = (chain: Chain, token: string): number =>
  chain.tokens.find(({ address }) => address.toLowerCase() === token.toLowerCase())?.decimals ?? chain.native.decimals;

const within = (text: string, least: number, most: number) => {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) && value >= least && value <= most;
};

/** The key of what is wrong with each field, so that the form can say it in the reader's language. */
export function checkDraft(draft: Draft, decimals: number): DraftErrors {
  const errors: DraftErrors = {};
  const demand = (ok: boolean, field: keyof Draft, error: string) => {
    if (!ok) errors[field] = error;
  };
  demand(draft.titleEn.trim() !== "" || draft.titleZh.trim() !== "", "titleEn", "title");
  demand(draft.category !== "", "category", "category");
  demand(parseDecimal(draft.price, decimals) !== null, "price", "amount");
  demand(parseDecimal(draft.shipping, decimals) !== null, "shipping", "amount");
  demand(/^\d{1,15}$/.test(draft.stock.trim()), "stock", "stock");
  demand(within(draft.acceptHours, 1, 24 * 7), "acceptHours", "accept");
  demand(within(draft.shipDays, 1, 30), "shipDays", "ship");
  demand(within(draft.deliverDays, 1, 60), "deliverDays", "deliver");
  demand(within(draft.inspectDays, 1, 30), "inspectDays", "inspect");
  demand(!draft.returnable || within(draft.returnDays, 1, 30), "returnDays", "return");
  return errors;
}

export function termsOf(draft: Draft, decimals: number): OfferTerms {
  const { DAY, HOUR } = seconds;
  const span = (text: string, unit: number) => Math.round(Number(text) * unit);
  return {
    token: asHex(draft.token),
    unitPrice: parseDecimal(draft.price, decimals) ?? 0n,
    shippingPrice: parseDecimal(draft.shipping, decimals) ?? 0n,
    acceptWithin: span(draft.acceptHours, HOUR),
    shipWithin: span(draft.shipDays, DAY),
    deliverWithin: span(draft.deliverDays, DAY),
    inspectWithin: span(draft.inspectDays, DAY),
    digital: draft.digital,
  };
}

/** The house's limits of returns and disputes, with what this offer has of its own; none where they are the same. */
export function ownLimits(draft: Draft, house: AfterSales): AfterSales | null {
  const returnWithin = draft.returnable ? Math.round(Number(draft.returnDays) * seconds.DAY) : house.returnWithin;
  if (draft.returnable === house.returnable && returnWithin === house.returnWithin) return null;
  return { ...house, returnable: draft.returnable, returnWithin };
}

/** The metadata as it is hashed; a language that was left empty repeats the other one. */
export function metadataOf(draft: Draft) {
  const both = (en: string, zh: string) => ({ en: en.trim() || zh.trim(), zh: zh.trim() || en.trim() });
  return {
    title: both(draft.titleEn, draft.titleZh),
    description: both(draft.descriptionEn, draft.descriptionZh),
    category: draft.category,
    attributes: [],
    pictures: draft.pictures.map(({ hash }) => hash),
  };
}
