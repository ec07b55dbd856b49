import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { read } from "@/lib/api/read";
import type { TicketDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatDateTime } from "@/lib/time";
import { Answer, Blank } from "@/ui/answer";
import { PageHead } from "@/ui/page";
import { Messages, Moves, Reply } from "./conversation";
import { SignedIn } from "./gate";
import { TicketState } from "./ticket-state";

function Inside({ id }: { id: string }) {
  const query = useQuery({ ...read("/tickets/{id}", { path: { id: Number(id) } }), refetchInterval: 15_000 });
  return (
    <Answer query={query} blank={<Blank lines={5} height={72} />}>
      {(ticket) => <Sheet ticket={ticket} />}
    </Answer>
  );
}

function Sheet({ ticket }: { ticket: TicketDetail }) {
  const { t, locale } = useLanguage();
  return (
    <div className="max-w-[52rem]">
      <h2 className="mb-1 text-2xl break-words">{ticket.subject}</h2>
      <p className="mb-6 flex flex-wrap gap-x-4 text-ink-soft">
        <TicketState ticket={ticket} />
        <span>{t(`topic.${ticket.topic}`)}</span>
        {ticket.order_id != null && (
          <Link to="/orders/$id" params={{ id: ticket.order_id }} className="link">
            {t("order.number", { id: ticket.order_id })}
          </Link>
        )}
        {ticket.item != null && (
          <a href={ticket.item} className="link break-all">
            {ticket.item}
          </a>
        )}
        {ticket.answered_at == null && ticket.state === "open" && (
          <span>{t("help.answer_by", { date: formatDateTime(ticket.answer_by, locale) })}</span>
        )}
      </p>
      <Messages ticket={ticket} />
      <Reply ticket={ticket} />
      <Moves ticket={ticket} />
    </div>
  );
}

export function TicketPage({ id }: { id: string }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead
        title={t("help.ticket", { id })}
        above={
          <Link to="/desk/help" className="link">
            {t("page.help")}
          </Link>
        }
      />
      <SignedIn>
        <Inside id={id} />
      </SignedIn>
    </>
  );
}
