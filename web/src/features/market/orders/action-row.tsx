import { Clock } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Action, NextAction, OrderDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatMoney, toDecimal, units } from "@/lib/money";
import { formatDateTime } from "@/lib/time";
import { Button } from "@/ui/button";
import { Field, Input, TextArea } from "@/ui/field";
import { Money } from "@/ui/money";
import { useSigning } from "@/ui/signing/context";
import { proposalRange, splitOf, type Side } from "./claim";
import { takesDeposit, useDeposit, type Deposit } from "./deposit";
import { actionPlan, kindOf } from "./plan";
import { readAmount, SplitField } from "./split-field";

type TextKind = "tracking" | "reason" | "address";

interface Needs {
  text?: TextKind;
  amount?: true;
  /** Not what most people come for, so its form waits behind its button. */
  folded?: true;
}

const NEEDS: Partial<Record<Action, Needs>> = {
  ship: { text: "tracking" },
  request_return: { text: "reason", folded: true },
  approve_return: { text: "address" },
  send_return: { text: "tracking" },
  dispute: { text: "reason", amount: true, folded: true },
  propose: { amount: true },
  escalate: { amount: true, folded: true },
  defend: { amount: true },
};

/** What goes against or past the other side is not the button to press first. */
const QUIETER: readonly Action[] = ["cancel", "decline", "contest", "request_return", "drop_return", "dispute", "escalate", "appeal"];

function EffectLines({ order, act }: { order: OrderDetail; act: NextAction }) {
  const { t, locale } = useLanguage();
  const { to_buyer, to_seller, fee } = act.effect;
  const parts = [
    ["to_buyer", to_buyer],
    ["to_seller", to_seller],
    ["fee", fee],
  ] as const;
  const moving = parts.filter(([, money]) => units(money.amount) > 0n);
  if (moving.length === 0 && takesDeposit(act)) return null;
  if (moving.length === 0) return <p className="text-[15px] text-ink-soft">{t("effect.nothing_moves")}</p>;
  const bond = formatMoney(order.bond, locale);
  const withBond = units(to_seller.amount) >= units(order.bond.amount) && units(order.bond.amount) > 0n;
  return (
    <>
      <ul className="flex flex-wrap gap-x-6 text-[15px] text-ink-soft">
        {moving.map(([who, money]) => (
          <li key={who}>
            {t(`effect.${who}`)} <span className="font-semibold text-ink"><Money value={money} /></span>
          </li>
        ))}
      </ul>
      {withBond && <p className="text-sm text-ink-faint">{t("effect.with_bond", { bond })}</p>}
    </>
  );
}

/** What the deposit is, how much, and who gets it in the end. */
function DepositLine({ act, deposit }: { act: NextAction; deposit: Deposit | null }) {
  const { t } = useLanguage();
  if (deposit === null) return null;
  return (
    <p className="mt-3 max-w-[44rem] border-l-2 border-amber pl-3">
      <span className="font-semibold">
        {t(act.action === "appeal" ? "deposit.you_pay" : "deposit.you_put_in")} <Money value={deposit.money} />
      </span>
      <span className="block text-[15px] text-ink-soft">{t(act.action === "appeal" ? "deposit.appeal_text" : "deposit.text")}</span>
    </p>
  );
}

interface Draft {
  text: string;
  amount: string;
}

function TextField({ kind, value, onText }: { kind: TextKind; value: string; onText: (text: string) => void }) {
  const { t } = useLanguage();
  const words = {
    tracking: [t("order.tracking"), t("order.tracking_hint")],
    reason: [t("order.reason"), t("order.reason_hint")],
    address: [t("order.return_address"), t("order.return_address_hint")],
  } as const;
  const [label, hint] = words[kind];
  return (
    <div className="max-w-md">
      <Field label={label} hint={hint}>
        {(attributes) =>
          kind === "tracking" ? (
            <Input {...attributes} value={value} maxLength={200} onChange={(event) => onText(event.target.value)} />
          ) : (
            <TextArea {...attributes} rows={3} value={value} maxLength={2000} onChange={(event) => onText(event.target.value)} />
          )
        }
      </Field>
    </div>
  );
}

function useMissing(act: NextAction, needs: Needs, draft: Draft, amount: bigint | null, deposit: Deposit | null): string | null {
  const { t, locale } = useLanguage();
  if (needs.text !== undefined && draft.text.trim() === "") {
    if (needs.text === "tracking") return t("blocked.tracking");
    return t(needs.text === "reason" ? "blocked.reason" : "blocked.address");
  }
  if (needs.amount && amount === null) return t("blocked.amount");
  if (!takesDeposit(act)) return null;
  if (deposit === null) return t("blocked.deposit_unknown");
  return deposit.enough ? null : t("blocked.deposit", { needed: formatMoney(deposit.money, locale) });
}

interface Props {
  order: OrderDetail;
  act: NextAction;
  side: Side | null;
  reason: string | null;
}

/** One act: what it is, until when, what it does to the money, what it asks for, and its button. */
export function ActionRow({ order, act, side, reason }: Props) {
  const { t, locale } = useLanguage();
  const { sign } = useSigning();
  const needs = (side !== null && NEEDS[act.action]) || {};
  const range = proposalRange(order, side ?? "buyer");
  const [draft, setDraft] = useState<Draft>({ text: "", amount: toDecimal(range.initial, order.total.decimals) });
  const [unfolded, setUnfolded] = useState(false);
  const deposit = useDeposit(order, act);
  const amount = needs.amount ? readAmount(draft.amount, order, range) : null;
  const missing = useMissing(act, needs, draft, amount, deposit);
  const kind = kindOf(order, act);
  const folded = needs.folded === true && !unfolded;
  const form = reason === null && !folded;
  const fields: ReactNode = form && (
    <>
      {needs.text !== undefined && (
        <TextField kind={needs.text} value={draft.text} onText={(text) => setDraft((old) => ({ ...old, text }))} />
      )}
      {needs.amount && side !== null && (
        <SplitField order={order} side={side} range={range} text={draft.amount} onText={(text) => setDraft((old) => ({ ...old, amount: text }))} />
      )}
    </>
  );
  const press = () => {
    if (folded) return setUnfolded(true);
    const split = amount === null ? null : splitOf(order, amount);
    sign(actionPlan({ order, act, side, text: draft.text.trim(), split, deposit, t, locale }));
  };
  return (
    <li className="border-b border-line py-4">
      <h3 className="text-lg">{t(`step.${kind}`)}</h3>
      <p className="mt-0.5 mb-1 max-w-[44rem]">{t(`explain.${kind}`)}</p>
      {act.until && reason === null && (
        <p className="flex items-center gap-1.5 text-[15px] text-ink-soft">
          <Clock aria-hidden size={14} className="shrink-0" />
          {t("blocked.until", { date: formatDateTime(act.until, locale) })}
        </p>
      )}
      {!(needs.amount && form) && <EffectLines order={order} act={act} />}
      <DepositLine act={act} deposit={deposit} />
      {form && (needs.text !== undefined || needs.amount) && <div className="mt-4 space-y-5">{fields}</div>}
      <div className="mt-3 flex flex-wrap items-start gap-2">
        <Button
          look={QUIETER.includes(act.action) && folded === (needs.folded === true) ? "outline" : "primary"}
          blocked={reason ?? (folded ? null : missing)}
          aria-expanded={needs.folded && reason === null ? unfolded : undefined}
          onClick={press}
        >
          {t(`action.${act.action}`)}
        </Button>
        {unfolded && (
          <Button look="quiet" onClick={() => setUnfolded(false)}>
            {t("common.cancel")}
          </Button>
        )}
      </div>
    </li>
  );
}
