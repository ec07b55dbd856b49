import type { TFunction } from "i18next";
import type { Campaign, Category } from "@/lib/api/types";
import { localized, useLanguage, type Language } from "@/lib/i18n";
import { formatMoney, units } from "@/lib/money";

const percent = (bps: number, locale: string) =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(bps / 10_000);

export const share = percent;

export const campaignName = (campaign: Pick<Campaign, "id" | "name">, t: TFunction, language: Language): string =>
  campaign.name == null ? t("campaign.unnamed", { id: campaign.id }) : localized(campaign.name, language);

/** What a campaign promises, in one sentence: how much, up to what, on which orders. */
export function promise(campaign: Campaign, categories: readonly Category[], t: TFunction, language: Language): string {
  const locale = t("locale");
  const first =
    campaign.amount == null
      ? t("campaign.off_percent", { percent: percent(campaign.percent_bps, locale) })
      : t("campaign.off_amount", { amount: formatMoney(campaign.amount, locale) });
  const parts = [first];
  if (campaign.amount == null) parts.push(t("campaign.at_most", { amount: formatMoney(campaign.subsidy_max, locale) }));
  if (units(campaign.spend_min.amount) > 0n) {
    parts.push(t("campaign.from_spend", { amount: formatMoney(campaign.spend_min, locale) }));
  }
  if (campaign.first_order) parts.push(t("campaign.only_first"));
  if (campaign.category != null) {
    const known = categories.find(({ slug }) => slug === campaign.category);
    parts.push(t("campaign.only_category", { category: known === undefined ? campaign.category : localized(known.name, language) }));
  }
  if (campaign.seller != null) parts.push(t("campaign.only_seller"));
  return parts.join(language === "zh" ? "，" : ", ");
}

const COLOUR: Partial<Record<Campaign["standing"], string>> = {
  running: "text-safe",
  unfinished: "text-amber",
  exhausted: "text-amber",
  paused: "text-amber",
  closed: "text-ink-faint",
  ended: "text-ink-faint",
};

export function Standing({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  return <span className={COLOUR[campaign.standing] ?? ""}>{t(`campaign_standing.${campaign.standing}`)}</span>;
}
