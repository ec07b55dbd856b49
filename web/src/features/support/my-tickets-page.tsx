import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { readList } from "@/lib/api/read";
import type { Ticket } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Answer, Blank, Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Pager } from "@/ui/list";
import { PageHead } from "@/ui/page";
import { When } from "@/ui/when";
import { AnswerBy } from "./answer-by";
import { SignedIn } from "./gate";
import { TicketState } from "./ticket-state";

const AskLink = () => {
  const { t } = useLanguage();
  return (
    <Link to="/desk/help/new" className={buttonClass("primary")}>
      {t("help.ask")}
    </Link>
  );
};

function Row({ ticket }: { ticket: Ticket }) {
  const { t } = useLanguage();
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 border-b border-line py-3">
      <span className="min-w-0">
        <Link to="/desk/help/$id" params={{ id: ticket.id }} className="link font-semibold break-words">
          {ticket.subject}
        </Link>
        <span className="block text-sm text-ink-soft">
          {t(`topic.${ticket.topic}`)}
          {ticket.order_id != null && ` · ${t("order.number", { id: ticket.order_id })}`} · <When at={ticket.updated_at} relative />
        </span>
      </span>
      <TicketState ticket={ticket} />
    </li>
  );
}

function Mine({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const query = useQuery(readList("/tickets", { query: { cursor, limit: 25 } }));
  return (
    <Answer query={query} blank={<Blank lines={4} />}>
      {({ items, next }) =>
        items.length === 0 ? (
          <Empty title={t("help.none")} text={t("help.none_text")} action={<AskLink />} />
        ) : (
          <>
            <ul className="ruled">
              {items.map((ticket) => (
                <Row key={ticket.id} ticket={ticket} />
              ))}
            </ul>
            <Pager cursor={cursor} next={next} />
          </>
        )
      }
    </Answer>
  );
}

export function MyTickets({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("page.help")} lead={t("help.lead")} aside={<AskLink />} />
      <div className="mb-8">
        <AnswerBy />
      </div>
      <SignedIn>
        <Mine cursor={cursor} />
      </SignedIn>
    </>
  );
}
