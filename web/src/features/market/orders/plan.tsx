import type { TFunction } from "i18next";
import type { Action, NextAction, OrderDetail } from "@/lib/api/types";
import type { Hex } from "@/lib/address";
import type { Call } from "@/lib/chain/tools";
import { units } from "@/lib/money";
import { rememberNote } from "@/lib/notes";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { oneCall, type Effect, type Plan } from "@/ui/signing/plan";

interface Input {
  order: OrderDetail;
  act: NextAction;
  tracking: string;
  t: TFunction;
}

async function encode(action: Action, market: string, id: string, tracking: string): Promise<Call> {
  const calls = await import("@/lib/chain/market");
  const trackingHash: Hex = calls.fingerprint(tracking);
  switch (action) {
    case "cancel":
      return calls.cancel(market, id);
    case "decline":
      return calls.decline(market, id);
    case "accept":
      return calls.accept(market, [id]);
    case "ship":
      return calls.ship(market, [id], [trackingHash]);
    case "confirm_delivery":
      return calls.confirmDelivery(market, [id]);
    case "release":
      return calls.release(market, [id]);
    case "refund_expired":
      return calls.refundExpired(market, [id]);
  }
}

function effects({ order, act, t }: Input): Effect[] {
  const { to_buyer, to_seller, fee } = act.effect;
  const party = (label: string, address: string, name: string | null | undefined) => (
    <>
      {label} <Address address={address} name={name} to="none" />
    </>
  );
  const lines: Effect[] = [];
  if (units(to_buyer.amount) > 0n) {
    lines.push({ who: party(t("order.buyer"), order.buyer.address, order.buyer.name), what: <Money value={to_buyer} /> });
  }
  if (units(to_seller.amount) > 0n) {
    lines.push({ who: party(t("order.seller"), order.seller.address, order.seller.name), what: <Money value={to_seller} /> });
  }
  if (units(fee.amount) > 0n) lines.push({ who: t("effect.fee"), what: <Money value={fee} /> });
  if (lines.length === 0) lines.push({ who: t("effect.locked"), what: <Money value={order.total} /> });
  return lines;
}

export function actionPlan(input: Input): Plan {
  const { order, act, tracking, t } = input;
  const signer = act.who === "buyer" ? order.buyer.address : act.who === "seller" ? order.seller.address : undefined;
  const plan = oneCall({
    title: t(`step.${act.action}`),
    effects: effects(input),
    back: [t(`after.${act.action}`)],
    action: t(`action.${act.action}`),
    signer,
    call: (chain) => encode(act.action, chain.contracts.market, order.id, tracking),
    done: { title: t(`done.${act.action}`), text: t(`done_text.${act.action}`) },
  });
  if (act.action !== "ship") return plan;
  return {
    ...plan,
    done: async (receipt) => {
      const { fingerprint } = await import("@/lib/chain/market");
      rememberNote(fingerprint(tracking), { text: tracking, salt: "" });
      return plan.done(receipt);
    },
  };
}
