import { useTranslation } from "react-i18next";
import type { OpsTicket } from "@/lib/api/types";

export const isOpen = ({ state }: OpsTicket) => state === "proposed" || state === "approved" || state === "scheduled";

export const isOver = (ticket: OpsTicket) =>
  isOpen(ticket) && Date.parse(ticket.expires) < Date.now();

export function TicketState({ ticket }: { ticket: OpsTicket }) {
  const { t } = useTranslation();
  const { state } = ticket;
  const colour = state === "verified" ? "text-safe" : state === "failed" ? "text-harm" : isOpen(ticket) ? "text-amber" : "text-ink-soft";
  return <span className={`whitespace-nowrap ${colour}`}>{t(isOver(ticket) ? "changes.state.over" : `changes.state.${state}`)}</span>;
}
