import { useQuery } from "@tanstack/react-query";
import { read } from "@/lib/api/read";
import type { NextAction, OrderDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useNow } from "@/lib/queries";
import { formatDateTime, toSeconds } from "@/lib/time";
import { useWallet } from "@/lib/wallet/state";
import { Button } from "@/ui/button";
import { useSigning } from "@/ui/signing/context";
import { ActionRow } from "./action-row";
import { otherSide, sideOf, type Side } from "./claim";

/** Says why an action cannot be taken at this moment; null when it can. */
function useReason(): (act: NextAction) => string | null {
  const { t, locale } = useLanguage();
  const now = useNow();
  return (act) => {
    if (toSeconds(act.available_at) > now) return t("blocked.early", { date: formatDateTime(act.available_at, locale) });
    if (act.until && toSeconds(act.until) < now) return t("blocked.late", { date: formatDateTime(act.until, locale) });
    return null;
  };
}

/** Whether an account may say for others that goods have arrived. */
function useIsCarrier(address: string | undefined): boolean {
  const held = useQuery({ ...read("/roles/{address}", { path: { address: address ?? "" } }), enabled: address !== undefined });
  return held.data?.roles.includes("carrier") ?? false;
}

type Choice = { act: NextAction; reason: string | null };

/** What is open comes first; of several ways to one act, the side's own that is open, else the first. */
const bySide = (side: Side | null) => (a: Choice, b: Choice) =>
  Number(a.reason !== null) - Number(b.reason !== null) || Number(a.act.who !== side) - Number(b.act.who !== side);

/** What only another party can do: a line each, since nobody here can press it. */
function Theirs({ order, who }: { order: OrderDetail; who: Side }) {
  const { t, locale } = useLanguage();
  const now = useNow();
  const acts = order.next.filter((act) => act.who === who && !(act.until && toSeconds(act.until) < now));
  if (acts.length === 0) return null;
  return (
    <div className="mt-6">
      <h3 className="text-lg">{t(`theirs.${who}`, { name: order[who].name ?? t(`order.the_${who}`) })}</h3>
      <ul className="mt-1 space-y-0.5 text-[15px] text-ink-soft">
        {acts.map((act) => {
          const early = toSeconds(act.available_at) > now;
          const date = early ? act.available_at : act.until;
          return (
            <li key={act.action}>
              {t(`step.${act.action}`)}
              {date && (
                <span className="text-ink-faint"> · {t(early ? "theirs.from" : "theirs.until", { date: formatDateTime(date, locale) })}</span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Every act that the order still allows, each with its effect on the money before it is pressed. */
export function Actions({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const { connect } = useSigning();
  const reasonFor = useReason();
  const wallet = useWallet();
  const isCarrier = useIsCarrier(wallet?.address);
  if (order.next.length === 0) return <p className="text-ink-soft">{t(`order.finished_${order.state}`)}</p>;
  const side = sideOf(order, wallet?.address);
  const choices = order.next
    .filter(({ who }) => who === "anyone" || who === side || (who === "carrier" && isCarrier && side === null))
    .map((act) => ({ act, reason: reasonFor(act) }))
    .sort(bySide(side))
    .filter(({ act }, n, all) => all.findIndex((other) => other.act.action === act.action) === n);
  const others: Side[] = side === null ? ["buyer", "seller"] : [otherSide(side)];
  return (
    <>
      <ul className={choices.length > 0 ? "ruled" : ""}>
        {choices.map(({ act, reason }) => (
          <ActionRow key={`${order.state}-${act.action}-${act.who}`} order={order} act={act} side={side} reason={reason} />
        ))}
      </ul>
      {others.map((who) => (
        <Theirs key={who} order={order} who={who} />
      ))}
      {wallet === null && (
        <p className="mt-6 flex flex-wrap items-center gap-x-4 gap-y-2 text-ink-soft">
          {t("theirs.connect")}
          <Button onClick={connect}>{t("wallet.connect")}</Button>
        </p>
      )}
    </>
  );
}
