import { Clock } from "lucide-react";
import type { Order } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useNow } from "@/lib/queries";
import { seconds, toSeconds } from "@/lib/time";
import { When } from "@/ui/when";

/** What is awaited and until when; amber once less than a day is left. */
export function NextLine({ order }: { order: Order }) {
  const { t } = useLanguage();
  const now = useNow();
  if (!order.deadline) return <span className="text-ink-faint">{t(`order.settled_${order.state}`)}</span>;
  const left = toSeconds(order.deadline) - now;
  if (left <= 0) return <span className="font-semibold text-amber">{t(`order.overdue_${order.state}`)}</span>;
  return (
    <span className={left < seconds.DAY ? "text-amber" : "text-ink-soft"}>
      {left < seconds.DAY && <Clock aria-hidden size={14} className="mr-1 inline align-[-0.1em]" />}
      {t(`order.awaits_${order.state}`)} <When at={order.deadline} relative />
    </span>
  );
}
