import { useState } from "react";
import type { NextAction, OrderDetail } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { units } from "@/lib/money";
import { useNow } from "@/lib/queries";
import { formatDateTime, toSeconds } from "@/lib/time";
import { useWallet } from "@/lib/wallet/state";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Money } from "@/ui/money";
import { useSigning } from "@/ui/signing/context";
import { actionPlan } from "./plan";

const LOOK = {
  accept: "primary",
  ship: "primary",
  confirm_delivery: "primary",
  release: "primary",
  refund_expired: "primary",
  cancel: "outline",
  decline: "outline",
} as const;

/** Says why an action cannot be taken by this person now; null when it can. */
function useReasons(order: OrderDetail): (act: NextAction) => string | null {
  const { t, locale } = useLanguage();
  const wallet = useWallet();
  const now = useNow();
  return (act) => {
    if (toSeconds(act.available_at) > now) return t("blocked.early", { date: formatDateTime(act.available_at, locale) });
    if (act.until && toSeconds(act.until) < now) return t("blocked.late", { date: formatDateTime(act.until, locale) });
    if (act.who === "anyone" || wallet === null) return null;
    const party = act.who === "buyer" ? order.buyer : order.seller;
    if (act.who === "carrier") return t("blocked.carrier");
    return sameAddress(party.address, wallet.address) ? null : t(`blocked.${act.who}`);
  };
}

function EffectLines({ act }: { act: NextAction }) {
  const { t } = useLanguage();
  const { to_buyer, to_seller, fee } = act.effect;
  const parts = [
    ["to_buyer", to_buyer],
    ["to_seller", to_seller],
    ["fee", fee],
  ] as const;
  const moving = parts.filter(([, money]) => units(money.amount) > 0n);
  if (moving.length === 0) return <p className="text-[15px] text-ink-soft">{t("effect.nothing_moves")}</p>;
  return (
    <ul className="flex flex-wrap gap-x-6 text-[15px] text-ink-soft">
      {moving.map(([who, money]) => (
        <li key={who}>
          {t(`effect.${who}`)} <span className="font-semibold text-ink"><Money value={money} /></span>
        </li>
      ))}
    </ul>
  );
}

function ActionRow({ order, act, reason }: { order: OrderDetail; act: NextAction; reason: string | null }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const [tracking, setTracking] = useState("");
  const needsTracking = act.action === "ship" && reason === null;
  const missing = needsTracking && tracking.trim() === "" ? t("blocked.tracking") : null;
  return (
    <li className="border-b border-line py-4">
      <h3 className="text-lg">{t(`step.${act.action}`)}</h3>
      <p className="mt-0.5 mb-1 max-w-[44rem]">{t(`explain.${act.action}`)}</p>
      <EffectLines act={act} />
      {needsTracking && (
        <div className="mt-3 max-w-md">
          <Field label={t("order.tracking")} hint={t("order.tracking_hint")}>
            {(attributes) => (
              <Input {...attributes} value={tracking} maxLength={200} onChange={(event) => setTracking(event.target.value)} />
            )}
          </Field>
        </div>
      )}
      <div className="mt-3">
        <Button
          look={LOOK[act.action]}
          blocked={reason ?? missing}
          onClick={() => sign(actionPlan({ order, act, tracking: tracking.trim(), t }))}
        >
          {t(`action.${act.action}`)}
        </Button>
      </div>
    </li>
  );
}

/** What this person can do now, then what will open to anyone, then what is for others. */
const rank = ({ act, reason }: { act: NextAction; reason: string | null }) =>
  reason === null ? 0 : act.who === "anyone" ? 1 : 2;

/** Every act that the order still allows, each with its effect on the money before it is pressed. */
export function Actions({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const reasonFor = useReasons(order);
  const acts = order.next
    .filter(({ who }) => who !== "carrier")
    .map((act) => ({ act, reason: reasonFor(act) }))
    .sort((a, b) => rank(a) - rank(b))
    // One act may be open to several; the first way in that this person has stands for them all.
    .filter(({ act }, n, all) => all.findIndex((other) => other.act.action === act.action) === n);
  if (acts.length === 0) return <p className="text-ink-soft">{t(`order.finished_${order.state}`)}</p>;
  return (
    <ul className="ruled">
      {acts.map(({ act, reason }) => (
        <ActionRow key={`${act.action}-${act.who}`} order={order} act={act} reason={reason} />
      ))}
    </ul>
  );
}
