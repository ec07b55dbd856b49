import { useTranslation } from "react-i18next";
import type { OpsChannel, OpsDelivery } from "@/lib/api/types";

/** How well a channel works, in a word: what is switched off says so before what failed. */
export function ChannelState({ channel }: { channel: OpsChannel }) {
  const { t } = useTranslation();
  if (channel.state !== "on") return <span className="whitespace-nowrap text-ink-soft">{t(`channel.state.${channel.state}`)}</span>;
  if (channel.fault !== "") return <span className="whitespace-nowrap text-harm">{t("channel.state.failing")}</span>;
  const tried = channel.delivered_at != null;
  return <span className={`whitespace-nowrap ${tried ? "text-safe" : "text-amber"}`}>{t(tried ? "channel.state.works" : "channel.state.untried")}</span>;
}

export function DeliveryState({ state }: { state: OpsDelivery["state"] }) {
  const { t } = useTranslation();
  const colour = state === "dead" ? "text-harm" : state === "delivered" ? "text-safe" : state === "waiting" ? "text-amber" : "text-ink-soft";
  return <span className={`whitespace-nowrap ${colour}`}>{t(`channel.delivery.${state}`)}</span>;
}

/** Why something is held or was dropped, in words; what a receiver said is shown as it said it. */
export function Reason({ reason }: { reason: string }) {
  const { t } = useTranslation();
  const [word, rest = ""] = reason.split(" ", 2);
  const known = ["escalation", "silence", "inhibited", "over", "acknowledged", "removed"];
  if (word === undefined || word === "") return null;
  return <span className="break-words">{known.includes(word) ? t(`channel.why.${word}`, { what: rest }) : reason}</span>;
}
