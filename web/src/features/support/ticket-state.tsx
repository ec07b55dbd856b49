import type { Ticket } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";

const COLOUR: Record<string, string> = { open: "text-amber", waiting: "text-ink", solved: "text-safe", closed: "text-ink-faint" };

/** A ticket's state, in words that fit the reader: what is open for staff waits for them, not for the customer. */
export function TicketState({ ticket, staff = false }: { ticket: Pick<Ticket, "state" | "late">; staff?: boolean }) {
  const { t } = useLanguage();
  return (
    <span className={`whitespace-nowrap ${COLOUR[ticket.state] ?? ""}`}>
      {staff ? t(`ticket_state_staff.${ticket.state}`) : t(`ticket_state.${ticket.state}`)}
      {staff && ticket.late && ticket.state === "open" && <span className="block text-sm text-harm">{t("help.late")}</span>}
    </span>
  );
}
