import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { read, readList } from "@/lib/api/read";
import type { Order, TicketDetail } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Address } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Money } from "@/ui/money";
import { Facts, PageHead, Section } from "@/ui/page";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { Messages, Moves, Reply } from "./conversation";
import { TicketState } from "./ticket-state";

function OrderFacts({ order }: { order: Order }) {
  const { t, language } = useLanguage();
  return (
    <Facts
      rows={[
        [
          t("order.order"),
          <Link key="o" to="/orders/$id" params={{ id: order.id }} className="link">
            {t("order.number", { id: order.id })}: {localized(order.offer.title, language)}
          </Link>,
        ],
        [t("order.state"), <State key="s" state={order.state} />],
        [t("order.total"), <Money key="m" value={order.total} />],
        [t("order.buyer"), <Address key="b" address={order.buyer.address} name={order.buyer.name} />],
        [t("order.seller"), <Address key="e" address={order.seller.address} name={order.seller.name} to="seller" />],
        [t("help.placed"), <When key="p" at={order.placed_at} />],
        ...(order.deadline == null ? [] : [[t("help.order_due"), <When key="d" at={order.deadline} />] as const]),
      ]}
    />
  );
}

/** The order, in front of whoever answers; without one, what the customer bought and sold last. */
function Background({ ticket }: { ticket: TicketDetail }) {
  const { t, language } = useLanguage();
  const order = useQuery({
    ...read("/market/orders/{id}", { path: { id: Number(ticket.order_id ?? 0) } }),
    enabled: ticket.order_id != null,
  });
  const others = useQuery(readList("/market/orders", { query: { participant: ticket.opener.address, limit: 5 } }));
  return (
    <>
      {ticket.order_id != null && (
        <Section title={t("help.the_order")}>
          <Answer query={order}>{(found) => <OrderFacts order={found} />}</Answer>
        </Section>
      )}
      <Section title={t("help.their_orders")}>
        <Answer query={others}>
          {({ items }) => (
            <ul className="ruled">
              {items.length === 0 && <li className="py-2 text-ink-soft">{t("help.their_orders_none")}</li>}
              {items.map((one) => (
                <li key={one.id} className="flex flex-wrap items-baseline justify-between gap-x-4 border-b border-line py-2">
                  <Link to="/orders/$id" params={{ id: one.id }} className="link min-w-0 break-words">
                    {one.id}: {localized(one.offer.title, language)}
                  </Link>
                  <State state={one.state} />
                </li>
              ))}
            </ul>
          )}
        </Answer>
      </Section>
    </>
  );
}

function Inside({ id }: { id: string }) {
  const { t } = useLanguage();
  const query = useQuery({ ...read("/tickets/{id}", { path: { id: Number(id) } }), refetchInterval: 15_000 });
  return (
    <Answer query={query} blank={<Blank lines={6} height={72} />}>
      {(ticket) => (
        <div className="grid gap-x-12 lg:grid-cols-[1fr_380px]">
          <div className="min-w-0">
            <h2 className="mb-1 text-2xl break-words">{ticket.subject}</h2>
            <p className="mb-6 flex flex-wrap items-baseline gap-x-4 text-ink-soft">
              <TicketState ticket={ticket} staff />
              <span>{t(`topic.${ticket.topic}`)}</span>
              <Address address={ticket.opener.address} name={ticket.opener.name} />
              {ticket.item != null && (
                <a href={ticket.item} className="link break-all">
                  {ticket.item}
                </a>
              )}
              {ticket.answered_at == null && (
                <span>
                  {t("help.due")}: <When at={ticket.answer_by} />
                </span>
              )}
            </p>
            <Messages ticket={ticket} />
            <Reply ticket={ticket} staff />
            <Moves ticket={ticket} />
          </div>
          <div className="min-w-0 max-lg:mt-12">
            <Background ticket={ticket} />
          </div>
        </div>
      )}
    </Answer>
  );
}

export function OfficeTicket({ id, gate }: { id: string; gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead
        title={t("help.ticket", { id })}
        above={
          <Link to="/office/support" className="link">
            {t("page.support")}
          </Link>
        }
      />
      {gate(<Inside id={id} />)}
    </>
  );
}
