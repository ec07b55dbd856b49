import type { OrderDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { units } from "@/lib/money";
import { Info } from "@/ui/info";
import { Money } from "@/ui/money";

/** Where the money of this order is now, and what the seller receives when it settles. */
export function OrderMoney({ order }: { order: OrderDetail }) {
  const { t, locale } = useLanguage();
  const { total, bond, fee_bps } = order;
  const fee = (units(total.amount) * BigInt(fee_bps)) / 10_000n;
  const payout = units(total.amount) - fee;
  const of = (amount: bigint) => ({ ...total, amount: amount.toString() });
  const rate = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(fee_bps / 10_000);
  const settled = order.state === "released" || order.state === "refunded";
  const rows = [
    [t(settled ? "order.was_locked" : "order.locked"), total, null],
    [t("order.bond"), bond, t("order.bond_text")],
    [t("order.fee", { rate }), of(fee), t("order.fee_text")],
    [t("order.payout"), of(payout), null],
  ] as const;
  return (
    <dl className="ruled">
      {rows.map(([label, money, info]) => (
        <div key={label} className="flex items-baseline justify-between gap-4 border-b border-line py-2.5">
          <dt className="flex items-center gap-1 text-ink-soft">
            {label}
            {info !== null && <Info>{info}</Info>}
          </dt>
          <dd>
            <Money value={money} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
