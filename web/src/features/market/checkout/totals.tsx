import type { Money as MoneyValue } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { sumByToken, timesMoney } from "@/lib/money";
import { Money } from "@/ui/money";
import type { PricedLine } from "./use-basket-offers";

interface RowProps {
  label: string;
  values: readonly MoneyValue[];
  strong?: boolean;
  /** The amounts are taken off. */
  less?: boolean;
}

function Row({ label, values, strong = false, less = false }: RowProps) {
  return (
    <div className={`flex items-baseline justify-between gap-4 py-2 ${strong ? "border-t-[3px] border-double border-line-strong" : "border-b border-line"}`}>
      <dt className={strong ? "font-semibold" : "text-ink-soft"}>{label}</dt>
      <dd className={`text-right ${strong ? "font-serif text-2xl text-title" : less ? "text-safe" : ""}`}>
        {values.map((value) => (
          <span key={value.token} className="block">
            {less && "−"}
            <Money value={value} />
          </span>
        ))}
      </dd>
    </div>
  );
}

interface Props {
  lines: readonly PricedLine[];
  totals: readonly MoneyValue[];
  /** What coupons take off. */
  saved?: readonly MoneyValue[];
}

export function Totals({ lines, totals, saved = [] }: Props) {
  const { t } = useLanguage();
  const goods = sumByToken(lines.map(({ offer, quantity }) => timesMoney(offer.price, quantity)));
  const shipping = sumByToken(lines.map(({ offer }) => offer.shipping));
  return (
    <dl className="border-t border-line">
      <Row label={t("basket.goods")} values={goods} />
      <Row label={t("offer.shipping")} values={shipping} />
      {saved.length > 0 && <Row label={t("coupon.saved")} values={saved} less />}
      <Row label={t(saved.length > 0 ? "coupon.you_pay" : "basket.total")} values={totals} strong />
    </dl>
  );
}
