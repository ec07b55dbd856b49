import type { TFunction } from "i18next";
import type { Action, Money as MoneyValue, NextAction, OrderDetail } from "@/lib/api/types";
import { asHex, type Hex } from "@/lib/address";
import type { Call } from "@/lib/chain/tools";
import { formatMoney, units } from "@/lib/money";
import { newSalt, NO_NOTE, preimage, rememberNote, type Note } from "@/lib/notes";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { oneCall, type Effect, type Plan } from "@/ui/signing/plan";
import { claims, conclusion, otherSide, type Side, type Split } from "./claim";
import type { Deposit } from "./deposit";

interface Input {
  order: OrderDetail;
  act: NextAction;
  /** Which side the connected wallet is on. */
  side: Side | null;
  /** A tracking number, a reason, or where to send it. */
  text: string;
  /** What is proposed. */
  split: Split | null;
  deposit: Deposit | null;
  t: TFunction;
  locale: string;
}

/** Which words an act has: how an order is closed differs by what it waited for. */
export function kindOf(order: OrderDetail, { action, who }: Pick<NextAction, "action" | "who">): string {
  if (action === "conclude") return `conclude_${conclusion(order)}`;
  return who === "carrier" ? "attest_delivery" : action;
}

interface Draft {
  asCarrier: boolean;
  hash: Hex;
  amount: bigint;
  value: bigint;
}

async function encode(action: Action, market: string, id: string, { asCarrier, hash, amount, value }: Draft): Promise<Call> {
  const [calls, after] = await Promise.all([import("@/lib/chain/market"), import("@/lib/chain/aftersales")]);
  switch (action) {
    case "cancel":
      return calls.cancel(market, id);
    case "decline":
      return calls.decline(market, id);
    case "accept":
      return calls.accept(market, [id]);
    case "ship":
      return calls.ship(market, [id], [hash]);
    case "confirm_delivery":
      return asCarrier ? calls.attestDelivery(market, [id]) : calls.confirmDelivery(market, [id]);
    case "release":
      return calls.release(market, [id]);
    case "refund_expired":
      return calls.refundExpired(market, [id]);
    case "contest":
      return after.contest(market, [id]);
    case "request_return":
      return after.requestReturn(market, id, hash);
    case "approve_return":
      return after.approveReturn(market, id, hash);
    case "send_return":
      return after.sendReturn(market, id, hash);
    case "confirm_return":
      return after.confirmReturn(market, id);
    case "drop_return":
      return after.dropReturn(market, id);
    case "dispute":
      return after.dispute(market, id, amount, hash);
    case "propose":
      return after.propose(market, id, amount);
    case "accept_split":
      return after.acceptSplit(market, id, amount);
    case "escalate":
      return after.escalate(market, id, amount, value);
    case "defend":
      return after.defend(market, id, amount, value);
    case "raise":
      return after.raise(market, id);
    case "appeal":
      return after.appeal(market, id, value);
    case "conclude":
      return after.conclude(market, [id]);
  }
}

function effects({ order, act, split, deposit, t, locale }: Input): Effect[] {
  const party = (side: Side, label = t(`order.${side}`)) => (
    <>
      {label} <Address address={order[side].address} name={order[side].name} to="none" />
    </>
  );
  const of = (amount: bigint): MoneyValue => ({ ...order.total, amount: amount.toString() });
  const lines: Effect[] = [];
  if (deposit !== null) lines.push({ who: t(act.action === "appeal" ? "deposit.you_pay" : "deposit.you_put_in"), what: <Money value={deposit.money} /> });
  if (split !== null) {
    lines.push({ who: t("effect.locked"), what: <Money value={order.total} /> });
    lines.push({ who: party("buyer", t("effect.if_agreed_buyer")), what: <Money value={of(split.buyer)} /> });
    lines.push({ who: party("seller", t("effect.if_agreed_seller")), what: <Money value={of(split.seller)} /> });
    if (split.fee > 0n) lines.push({ who: t("effect.if_agreed_fee"), what: <Money value={of(split.fee)} /> });
    return lines;
  }
  const { to_buyer, to_seller, fee } = act.effect;
  if (units(to_buyer.amount) > 0n) lines.push({ who: party("buyer"), what: <Money value={to_buyer} /> });
  if (units(to_seller.amount) > 0n) {
    const bond = formatMoney(order.bond, locale);
    const note = units(to_seller.amount) >= units(order.bond.amount) && <span className="block text-sm font-normal text-ink-faint">{t("effect.with_bond", { bond })}</span>;
    lines.push({ who: party("seller"), what: <><Money value={to_seller} />{note}</> });
  }
  if (units(fee.amount) > 0n) lines.push({ who: t("effect.fee"), what: <Money value={fee} /> });
  if (lines.length === (deposit === null ? 0 : 1)) lines.push({ who: t("effect.locked"), what: <Money value={order.total} /> });
  return lines;
}

/** An address is guessed more easily than a tracking number, so its fingerprint is salted. */
const noteOf = ({ act, text }: Input): Note | null =>
  text === "" ? null : { text, salt: act.action === "approve_return" ? newSalt() : "" };

export function actionPlan(input: Input): Plan {
  const { order, act, side, split, deposit, t } = input;
  const signer = act.who === "buyer" ? order.buyer.address : act.who === "seller" ? order.seller.address : undefined;
  const note = noteOf(input);
  const fingerprintOf = async (): Promise<Hex> => {
    if (note === null) return asHex(NO_NOTE);
    const { fingerprint } = await import("@/lib/chain/market");
    return fingerprint(preimage(note));
  };
  const accepted = act.action === "accept_split" && side !== null ? claims(order)[otherSide(side)] : 0n;
  const kind = kindOf(order, act);
  const plan = oneCall({
    title: t(`step.${kind}`),
    effects: effects(input),
    back: [t(`after.${act.action}`)],
    action: t(`action.${act.action}`),
    signer,
    call: async (chain) =>
      encode(act.action, chain.contracts.market, order.id, {
        hash: await fingerprintOf(),
        asCarrier: act.who === "carrier",
        amount: split?.buyer ?? accepted,
        value: deposit?.value ?? 0n,
      }),
    done: { title: t(`done.${act.action}`), text: t(`done_text.${act.action}`) },
  });
  if (note === null) return plan;
  return {
    ...plan,
    done: async (receipt) => {
      rememberNote(await fingerprintOf(), note);
      return plan.done(receipt);
    },
  };
}
