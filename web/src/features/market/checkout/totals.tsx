import type { Money as MoneyValue } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { sumByToken, timesMoney } from "@/lib/money";
import { Money } from "@/ui/money";
import type { PricedLine } from "./use-basket-offers";

function Row({ label, values, strong = false }: { label: string; values: readonly MoneyValue[]; strong?: boolean }) {
  return (
    <div className={`flex items-baseline justify-between gap-4 py-2 ${strong ? "border-t-[3px] border-double border-line-strong" : "border-b border-line"}`}>
      <dt className={strong ? "font-semibold" : "text-ink-soft"}>{label}</dt>
      <dd className={`text-right ${strong ? "font-serif text-2xl text-title" : ""}`}>
        {values.map((value) => (
          <span key={value.token} className="block">
            <Money value={value} />
          </span>
        ))}
      </dd>
    </div>
  );
}

export function Totals({ lines, totals }: { lines: readonly PricedLine[]; totals: readonly MoneyValue[] }) {
  const { t } = useLanguage();
  const goods = sumByToken(lines.map(({ offer, quantity }) => timesMoney(offer.price, quantity)));
  const shipping = sumByToken(lines.map(({ offer }) => offer.shipping));
  return (
    <dl className="border-t border-line">
      <Row label={t("basket.goods")} values={goods} />
      <Row label={t("offer.shipping")} values={shipping} />
      <Row label={t("basket.total")} values={totals} strong />
    </dl>
  );
}
