import type { OrderDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatMoney, units } from "@/lib/money";
import { formatDateTime } from "@/lib/time";
import { claims, otherSide, type Side } from "./claim";
import { amountOf, argument, lastEvent } from "./timeline-data";

const REASONS = ["agreed", "unanswered", "undefended", "ruled"] as const;

/** Where a return or dispute stands, in sentences: who asks for what, who must act until when, and what silence means. */
export function useCaseStory(order: OrderDetail): string[] {
  const { t, locale } = useLanguage();
  const now = order.case;
  if (!now) return [];
  const name = (side: Side) => order[side].name ?? t(`order.the_${side}`);
  const money = (amount: bigint) => formatMoney({ ...order.total, amount: amount.toString() }, locale);
  const { buyer, seller } = claims(order);
  const claimed = { buyer, seller };
  const date = order.deadline ? formatDateTime(order.deadline, locale) : "";
  const names = { buyer: name("buyer"), seller: name("seller"), date };
  const asking = { ...names, asked: money(buyer), offered: money(seller) };
  const theClaims = t(seller === 0n ? "case.claims_nothing" : "case.claims", asking);
  const late = (awaited: Side) => ({
    ...names,
    awaited: name(awaited),
    other: name(otherSide(awaited)),
    amount: money(claimed[otherSide(awaited)]),
  });

  if (order.state === "return") return [t(`case.return_${now.return_step ?? "requested"}`, names)];
  if (order.state === "disputed") return [theClaims, ...(now.awaited ? [t("case.awaits_answer", late(now.awaited))] : [])];
  if (order.state === "escalated") {
    if (now.appealed_by) return [theClaims, t("case.appealed", { ...names, by: name(now.appealed_by) })];
    if (!now.defended && now.escalated_by) return [theClaims, t("case.awaits_defence", late(otherSide(now.escalated_by)))];
    return [theClaims, t(now.with_arbiters ? "case.with_arbiters" : "case.not_raised", names)];
  }
  if (order.state === "ruled") {
    const ruled = money(units((now.ruled ?? order.total).amount));
    const winner = now.ruling === "buyer" || now.ruling === "seller" ? name(now.ruling) : "";
    return [
      t(winner === "" ? "case.ruled_middle" : "case.ruled", { ...names, winner, amount: ruled }),
      t(now.is_final ? "case.ruled_final" : "case.ruled_open", names),
    ];
  }
  if (order.state === "settled") {
    const end = lastEvent(order, "OrderSettled");
    const reason = REASONS[Number(argument(end, "reason") ?? "0")] ?? "agreed";
    const amount = money(amountOf(end, "buyerAmount") ?? 0n);
    const rest = money(amountOf(end, "sellerAmount") ?? 0n);
    return [t(`case.settled_${reason}`, names), t("case.settled_split", { ...names, amount, rest })];
  }
  if (order.state === "released" && now.return_step) return [t("case.return_dropped", names)];
  if (order.state === "refunded" && now.return_step) return [t("case.return_done", names)];
  return [];
}
