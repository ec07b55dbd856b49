import type { paths } from "@/gen/api";
import { asHex, type Hex } from "@/lib/address";
import type { CampaignTerms } from "@/lib/chain/campaigns";
import { parseDecimal } from "@/lib/money";
import { seconds } from "@/lib/time";

/** What the form of a new campaign holds, as it was typed. */
export interface Draft extends AudienceDraft {
  kind: "percent" | "amount";
  percent: string;
  fixed: string;
  most: string;
  least: string;
  /** Local times, as a date-and-time field gives them. */
  starts: string;
  ends: string;
  category: string;
  seller: string;
  stackable: boolean;
  budget: string;
}

/** The part that is not on the ledger and can be changed later. */
export interface AudienceDraft {
  nameEn: string;
  nameZh: string;
  code: string;
  firstOrder: boolean;
  perPerson: string;
  holdout: string;
}

export type Details = paths["/campaigns/{id}"]["put"]["requestBody"]["content"]["application/json"];
type Errors<T> = Partial<Record<keyof T, string>>;
export type DraftErrors = Errors<Draft>;

/** A date-and-time field's text for an instant, in the reader's own zone. */
export function localTime(instant: number): string {
  const date = new Date(instant * 1000);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

export const emptyAudience: AudienceDraft = { nameEn: "", nameZh: "", code: "", firstOrder: false, perPerson: "1", holdout: "10" };

export const emptyDraft = (now: number): Draft => ({
  ...emptyAudience,
  kind: "percent",
  percent: "10",
  fixed: "",
  most: "10",
  least: "0",
  starts: localTime(now),
  ends: localTime(now + 30 * seconds.DAY),
  category: "",
  seller: "",
  stackable: false,
  budget: "",
});

const positive = (text: string, decimals: number) => (parseDecimal(text, decimals) ?? 0n) > 0n;
const instant = (text: string) => Math.floor(new Date(text).getTime() / 1000);
const TWO_YEARS = 730 * seconds.DAY;

export function checkAudience(draft: AudienceDraft): Errors<AudienceDraft> {
  const errors: Errors<AudienceDraft> = {};
  if (draft.nameEn.trim() === "" && draft.nameZh.trim() === "") errors.nameEn = "name";
  const code = draft.code.trim();
  if (code !== "" && !/^[A-Za-z0-9-]{4,24}$/.test(code)) errors.code = "code";
  const times = Number(draft.perPerson);
  if (!Number.isInteger(times) || times < 1 || times > (draft.firstOrder ? 1 : 100)) errors.perPerson = "per_person";
  const held = parseDecimal(draft.holdout || "0", 2);
  if (held === null || held > (code === "" ? 5_000n : 0n)) errors.holdout = "holdout";
  return errors;
}

/** What is wrong with a draft, as keys of the `campaign_error` texts. */
export function checkDraft(draft: Draft, decimals: number, now: number): DraftErrors {
  const errors: DraftErrors = checkAudience(draft);
  const percent = parseDecimal(draft.percent, 2);
  if (draft.kind === "percent" && (percent === null || percent === 0n || percent > 10_000n)) errors.percent = "percent";
  if (draft.kind === "percent" && !positive(draft.most, decimals)) errors.most = "amount";
  if (draft.kind === "amount" && !positive(draft.fixed, decimals)) errors.fixed = "amount";
  if (parseDecimal(draft.least || "0", decimals) === null) errors.least = "least";
  if (!positive(draft.budget, decimals)) errors.budget = "amount";
  if (draft.seller.trim() !== "" && !/^0x[0-9a-fA-F]{40}$/.test(draft.seller.trim())) errors.seller = "seller";
  const [starts, ends] = [instant(draft.starts), instant(draft.ends)];
  if (!(starts < ends && ends > now && ends <= now + TWO_YEARS)) errors.ends = "period";
  return errors;
}

export const detailsOf = (draft: AudienceDraft): Details => ({
  name: { en: draft.nameEn.trim(), zh: draft.nameZh.trim() },
  code: draft.code.trim(),
  first_order: draft.firstOrder,
  per_person: Number(draft.perPerson),
  holdout_bps: Number(parseDecimal(draft.holdout || "0", 2) ?? 0n),
});

export function termsOf(draft: Draft, token: { address: string; decimals: number }, issuer: Hex): CampaignTerms {
  const amount = (text: string) => parseDecimal(text || "0", token.decimals) ?? 0n;
  const byPercent = draft.kind === "percent";
  return {
    token: asHex(token.address),
    issuer,
    percentBps: byPercent ? Number(parseDecimal(draft.percent, 2) ?? 0n) : 0,
    amount: byPercent ? 0n : amount(draft.fixed),
    subsidyMax: byPercent ? amount(draft.most) : amount(draft.fixed),
    spendMin: amount(draft.least),
    startsAt: BigInt(instant(draft.starts)),
    endsAt: BigInt(instant(draft.ends)),
    seller: draft.seller.trim() === "" ? null : asHex(draft.seller.trim()),
    category: draft.category,
    stackable: draft.stackable,
  };
}
