import { Clock } from "lucide-react";
import type { Order } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useNow } from "@/lib/queries";
import { seconds, toSeconds } from "@/lib/time";
import { useWallet } from "@/lib/wallet/state";
import { When } from "@/ui/when";
import { sideOf } from "./claim";

/** What is awaited and until when; amber once less than a day is left. */
export function NextLine({ order }: { order: Order }) {
  const { t } = useLanguage();
  const now = useNow();
  const wallet = useWallet();
  if (!order.deadline) return <span className="text-ink-faint">{t(`order.settled_${order.state}`)}</span>;
  const left = toSeconds(order.deadline) - now;
  if (left <= 0) return <span className="font-semibold text-amber">{t(`order.overdue_${order.state}`)}</span>;
  const mine = order.awaited != null && order.awaited === sideOf(order, wallet?.address);
  return (
    <span className={left < seconds.DAY ? "text-amber" : "text-ink-soft"}>
      {left < seconds.DAY && <Clock aria-hidden size={14} className="mr-1 inline align-[-0.1em]" />}
      {order.awaited && <span className={mine ? "font-semibold" : ""}>{t(mine ? "order.moves_you" : `order.moves_${order.awaited}`)}: </span>}
      {t(`order.awaits_${order.state}`)} <When at={order.deadline} relative />
    </span>
  );
}
