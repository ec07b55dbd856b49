import { useLanguage } from "@/lib/i18n";
import { formatUnits, toDecimal, units } from "@/lib/money";
import type { Money as MoneyValue } from "@/lib/api/types";

interface Props {
  value: MoneyValue;
  /** Large prices set the currency smaller than the figure. */
  big?: boolean;
}

export function Money({ value, big = false }: Props) {
  const { locale } = useLanguage();
  const amount = units(value.amount);
  return (
    <span className="figures whitespace-nowrap" title={`${toDecimal(amount, value.decimals)} ${value.symbol}`}>
      {formatUnits(amount, value.decimals, locale, { min: 2, max: value.decimals > 6 ? 6 : value.decimals })}
      <span className={big ? "ml-1 text-[0.6em] text-ink-soft" : "ml-1 text-[0.86em] text-ink-soft"}>{value.symbol}</span>
    </span>
  );
}

export function Count({ value }: { value: number | bigint }) {
  const { locale } = useLanguage();
  return <span className="figures">{new Intl.NumberFormat(locale).format(value)}</span>;
}
