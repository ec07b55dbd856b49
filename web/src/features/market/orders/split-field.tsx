import { useLanguage } from "@/lib/i18n";
import { formatMoney, parseDecimal, toDecimal } from "@/lib/money";
import type { OrderDetail } from "@/lib/api/types";
import { Field, Input } from "@/ui/field";
import { Money } from "@/ui/money";
import { atStep, claims, splitOf, stepOf, type Range, type Side } from "./claim";

/** The amount that was typed, if it is one that this side may propose. */
export function readAmount(text: string, order: OrderDetail, { least, most }: Range): bigint | null {
  const amount = parseDecimal(text, order.total.decimals);
  return amount === null || amount < least || amount > most ? null : amount;
}

/** Who gets what when the buyer gets `amount`, as it is paid out. */
export function SplitLines({ order, amount }: { order: OrderDetail; amount: bigint }) {
  const { t, locale } = useLanguage();
  const { buyer, seller, fee } = splitOf(order, amount);
  const money = (value: bigint) => ({ ...order.total, amount: value.toString() });
  return (
    <dl className="mt-3 grid gap-x-8 gap-y-1 sm:grid-cols-2">
      <div>
        <dt className="text-sm text-ink-faint">{t("split.buyer_gets")}</dt>
        <dd className="text-lg font-semibold">
          <Money value={money(buyer)} />
        </dd>
      </div>
      <div>
        <dt className="text-sm text-ink-faint">{t("split.seller_gets")}</dt>
        <dd className="text-lg font-semibold">
          <Money value={money(seller)} />
        </dd>
        <dd className="text-sm text-ink-faint">
          {t("split.after_fee", { fee: formatMoney(money(fee), locale), bond: formatMoney(order.bond, locale) })}
        </dd>
      </div>
    </dl>
  );
}

interface Props {
  order: OrderDetail;
  side: Side;
  range: Range;
  text: string;
  onText: (text: string) => void;
}

/** What the buyer should get, by number or by slider, and what that means for both. */
export function SplitField({ order, side, range, text, onText }: Props) {
  const { t, locale } = useLanguage();
  const { decimals, symbol } = order.total;
  const amount = readAmount(text, order, range);
  const spoken = (value: bigint) => formatMoney({ ...order.total, amount: value.toString() }, locale);
  const now = claims(order);
  const first = !order.case?.claimant;
  const bounds = t(first ? `split.first_${side}` : `split.range_${side}`, { low: spoken(now.seller), high: spoken(now.buyer) });
  const step = stepOf(range, amount ?? range.initial);
  return (
    <div className="max-w-md">
      <Field label={t("split.label")} hint={bounds} error={amount === null ? `${t("split.bad")} ${bounds}` : null}>
        {(attributes) => (
          <span className="flex items-center gap-2">
            <Input {...attributes} inputMode="decimal" className="figures" value={text} onChange={(event) => onText(event.target.value)} />
            <span className="text-ink-soft">{symbol}</span>
          </span>
        )}
      </Field>
      <input
        type="range"
        aria-label={t("split.label")}
        aria-valuetext={spoken(amount ?? range.initial)}
        min={0}
        max={100}
        value={step}
        onChange={(event) => onText(toDecimal(atStep(range, Number(event.target.value), order.total), decimals))}
        className="mt-3 block h-6 w-full accent-(--accent)"
      />
      {amount !== null && <SplitLines order={order} amount={amount} />}
    </div>
  );
}
