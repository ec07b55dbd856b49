import { useQuery } from "@tanstack/react-query";
import { Ticket } from "lucide-react";
import { read } from "@/lib/api/read";
import { localized, useLanguage } from "@/lib/i18n";
import { Money } from "@/ui/money";
import { PaidBy } from "../checkout/coupons";

/** What of an order's money others pay, and what becomes of it. */
export function OrderCoupons({ orderId }: { orderId: string }) {
  const { t, language } = useLanguage();
  const coupons = useQuery(read("/orders/{id}/coupons", { path: { id: Number(orderId) } })).data ?? [];
  if (coupons.length === 0) return null;
  return (
    <ul className="mt-4">
      {coupons.map((coupon) => (
        <li key={coupon.campaign_id} className="flex items-start gap-3 border-b border-line py-3">
          <Ticket aria-hidden size={20} className="mt-0.5 shrink-0 text-accent-ink" />
          <div className="min-w-0 grow">
            <p className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span className="font-semibold">
                {coupon.name == null ? t("campaign.unnamed", { id: coupon.campaign_id }) : localized(coupon.name, language)}
              </span>
              <Money value={coupon.amount} />
            </p>
            <p className="text-sm text-ink-soft">{t(`order_coupon.${coupon.outcome}`)}</p>
            <p className="text-sm text-ink-soft">
              <PaidBy coupon={coupon} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
