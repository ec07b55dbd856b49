import type { OrderDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { units } from "@/lib/money";
import { Info } from "@/ui/info";
import { Money } from "@/ui/money";
import { splitOf } from "./claim";
import { amountOf, lastEvent } from "./timeline-data";

type Row = readonly [label: string, amount: bigint, info?: string];

/** What an ended order paid out, as its last event says; an open one, what it would pay the seller. */
function useRows(order: OrderDetail): Row[] {
  const { t, locale } = useLanguage();
  const rate = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(order.fee_bps / 10_000);
  const [total, bond] = [units(order.total.amount), units(order.bond.amount)];
  const feeRow = (fee: bigint): Row => [t("order.fee", { rate }), fee, t("order.fee_text")];
  if (order.state === "refunded") {
    const end = lastEvent(order, "OrderRefunded");
    const lost = order.refund_reason === "ship_expired";
    return [
      [t("order.was_locked"), total],
      [t("order.bond"), bond, t("order.bond_text")],
      [t("order.paid_buyer"), amountOf(end, "buyerAmount") ?? (lost ? total + bond : total)],
      [t(lost ? "order.paid_seller" : "order.bond_back"), amountOf(end, "sellerAmount") ?? (lost ? 0n : bond)],
    ];
  }
  if (order.state === "settled") {
    const end = lastEvent(order, "OrderSettled");
    return [
      [t("order.was_locked"), total],
      [t("order.paid_buyer"), amountOf(end, "buyerAmount") ?? 0n],
      [t("order.paid_seller"), amountOf(end, "sellerAmount") ?? 0n],
      feeRow(amountOf(end, "fee") ?? 0n),
      [t("order.bond_back"), amountOf(end, "bond") ?? bond, t("order.bond_text")],
    ];
  }
  if (["disputed", "escalated", "ruled"].includes(order.state)) {
    // What the seller gets, and the fee of it, is what the two disagree about.
    return [
      [t("order.locked"), total],
      [t("order.bond"), bond, t("order.bond_text")],
    ];
  }
  const { seller, fee } = splitOf(order, 0n);
  const ended = order.state === "released";
  return [
    [t(ended ? "order.was_locked" : "order.locked"), total],
    [t(ended ? "order.bond_back" : "order.bond"), bond, t("order.bond_text")],
    feeRow(fee),
    [t(ended ? "order.paid_seller" : "order.payout"), seller - bond],
  ];
}

/** Where the money of this order is, or went. */
export function OrderMoney({ order }: { order: OrderDetail }) {
  return (
    <dl className="ruled">
      {useRows(order).map(([label, amount, info]) => (
        <div key={label} className="flex items-baseline justify-between gap-4 border-b border-line py-2.5">
          <dt className="flex items-center gap-1 text-ink-soft">
            {label}
            {info !== undefined && <Info>{info}</Info>}
          </dt>
          <dd>
            <Money value={{ ...order.total, amount: amount.toString() }} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
