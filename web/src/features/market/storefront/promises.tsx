import type { OfferDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatSpan } from "@/lib/time";

/** The terms of sale in sentences: each silence, and what it gives to whom. */
export function Promises({ offer }: { offer: Pick<OfferDetail, "terms" | "digital"> & { after_sales?: OfferDetail["after_sales"] } }) {
  const { t, locale } = useLanguage();
  const span = (seconds: number) => formatSpan(seconds, locale);
  const { accept_within, ship_within, deliver_within, inspect_within } = offer.terms;
  const rows = [
    ["accept", accept_within],
    ["ship", ship_within],
    ["deliver", deliver_within],
    ["inspect", inspect_within],
  ] as const;
  const after = offer.after_sales;
  const returns = !after
    ? t("promise.returns")
    : after.returnable
      ? t("promise.returns_yes", { answer: span(after.answer_within), send: span(after.return_within), confirm: span(after.confirm_within) })
      : t("promise.returns_no");
  const disputes = !after
    ? t("promise.disputes")
    : t("promise.disputes_within", { negotiate: span(after.negotiate_within), arbiters: span(after.arbiter_within), appeal: span(after.appeal_within) });
  const sentences = [["returns", returns], ["disputes", disputes]] as const;
  return (
    <ul className="ruled">
      {rows.map(([step, seconds]) => (
        <li key={step} className="grid gap-x-6 border-b border-line py-3 sm:grid-cols-[140px_1fr]">
          <span className="figures font-serif text-lg text-title">{span(seconds)}</span>
          <span>{t(`promise.${step}`)}</span>
        </li>
      ))}
      {sentences.map(([step, text]) => (
        <li key={step} className="grid gap-x-6 border-b border-line py-3 sm:grid-cols-[140px_1fr]">
          <span className="font-serif text-lg text-title">{t(`promise_title.${step}`)}</span>
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}
