import type { OfferDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatSpan } from "@/lib/time";

/** The terms of sale in sentences: each silence, and what it gives to whom. */
export function Promises({ offer }: { offer: Pick<OfferDetail, "terms" | "digital"> }) {
  const { t, locale } = useLanguage();
  const span = (seconds: number) => formatSpan(seconds, locale);
  const { accept_within, ship_within, deliver_within, inspect_within } = offer.terms;
  const rows = [
    ["accept", accept_within],
    ["ship", ship_within],
    ["deliver", deliver_within],
    ["inspect", inspect_within],
  ] as const;
  return (
    <ul className="ruled">
      {rows.map(([step, seconds]) => (
        <li key={step} className="grid gap-x-6 border-b border-line py-3 sm:grid-cols-[140px_1fr]">
          <span className="figures font-serif text-lg text-title">{span(seconds)}</span>
          <span>{t(`promise.${step}`)}</span>
        </li>
      ))}
      {(["returns", "disputes"] as const).map((step) => (
        <li key={step} className="grid gap-x-6 border-b border-line py-3 sm:grid-cols-[140px_1fr]">
          <span className="font-serif text-lg text-title">{t(`promise_title.${step}`)}</span>
          <span>{t(`promise.${step}`)}</span>
        </li>
      ))}
    </ul>
  );
}
