import type { OrderDetail } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { formatMoney } from "@/lib/money";
import { formatDateTime } from "@/lib/time";
import { Address, TransactionLink } from "@/ui/address";
import { When } from "@/ui/when";
import { amountOf } from "./timeline-data";

const nameOf = (order: OrderDetail, address: string) =>
  [order.buyer, order.seller].find((party) => sameAddress(party.address, address))?.name;

/** Events that say what the buyer should get, or gets. */
const SPLITS = ["OrderDisputed", "SplitProposed", "OrderEscalated", "EscalationDefended", "OrderRuled", "OrderSettled", "OrderRefunded"];

/** What happened, by whom, and the transaction that proves it; then what is still to come. */
export function Timeline({ order }: { order: OrderDetail }) {
  const { t, locale } = useLanguage();
  // Book-keeping of coupons and rule sets rides along with the steps and has no word of its own.
  const steps = order.timeline
    .map((entry, n) => ({ entry, n, word: t(`event.${entry.event}`, { defaultValue: "" }) }))
    .filter(({ word }) => word !== "");
  return (
    <ol className="relative ml-2 border-l border-line-strong">
      {steps.map(({ entry, n, word }) => {
        const amount = SPLITS.includes(entry.event) ? amountOf(entry, "buyerAmount") : null;
        return (
          <li key={`${entry.tx_hash}-${n}`} className="relative pb-6 pl-6">
            <span aria-hidden className="absolute top-1.5 -left-[6px] size-[11px] rotate-45 bg-ink-soft" />
            <p className="font-serif text-lg leading-snug text-title">{word}</p>
            {amount !== null && (
              <p className="text-[15px]">
                {t("order.event_amount", { amount: formatMoney({ ...order.total, amount: amount.toString() }, locale) })}
              </p>
            )}
            <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[15px] text-ink-soft">
              <When at={entry.at} />
              <Address address={entry.by} name={nameOf(order, entry.by)} />
              <TransactionLink hash={entry.tx_hash} />
            </p>
          </li>
        );
      })}
      {order.deadline && (
        <li className="relative pb-2 pl-6">
          <span aria-hidden className="absolute top-1.5 -left-[6px] size-[11px] rotate-45 border-2 border-amber bg-paper" />
          <p className="text-amber">{t(`ahead.${order.state}`, { date: formatDateTime(order.deadline, locale) })}</p>
        </li>
      )}
    </ol>
  );
}
