import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsTicket } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { useNow, useSession } from "@/lib/queries";
import { formatDateTime } from "@/lib/time";
import { useStepUp } from "@/features/security/step-up";
import { Address, TransactionLink } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { PageHead, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { isOpen, isOver, TicketState } from "./ticket-state";
import { UpgradeSection } from "./upgrade";

function Calls({ ticket }: { ticket: OpsTicket }) {
  const { t } = useLanguage();
  return (
    <ol>
      {ticket.calls.map((call, place) => {
        const done = ticket.done[place];
        return (
          <li key={place} className="border-b border-line py-3">
            <code className="break-all">{call.on}.{call.call}</code>
            <p className="figures mt-1 text-sm break-all text-ink-soft">{call.args.join(", ")}</p>
            {done != null && (
              <p className="mt-1 flex flex-wrap gap-x-4 text-sm">
                <span className={done.failure == null ? "text-safe" : "text-harm"}>
                  {done.failure == null ? t("changes.sent") : t("watch.step_failed", { why: done.failure })}
                </span>
                {done.transaction != null && <TransactionLink hash={done.transaction} />}
              </p>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Effects({ ticket }: { ticket: OpsTicket }) {
  const { t } = useLanguage();
  if (ticket.expected.length === 0) return <p className="text-ink-soft">{t("changes.causes_nothing")}</p>;
  return (
    <ul>
      {ticket.expected.map((effect, place) => (
        <li key={place} className="border-b border-line py-3">
          <strong className="font-semibold">{effect.contract}: {effect.name}</strong>
          <dl className="mt-1 grid gap-x-6 text-sm sm:grid-cols-[auto_1fr]">
            {Object.entries(effect.args as Record<string, unknown>).map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-ink-soft">{name}</dt>
                <dd className="figures break-all">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Moves({ ticket }: { ticket: OpsTicket }) {
  const { t, locale } = useLanguage();
  const queries = useQueryClient();
  const me = useSession().data?.address;
  const now = useNow();
  const { guarded, question } = useStepUp();
  const path = { params: { path: { id: ticket.id } } };
  const move = useMutation({
    mutationFn: async (what: "approve" | "execute" | "end") => {
      if (what === "approve") await client.POST("/ops/tickets/{id}/approvals", { ...path, body: { digest: ticket.digest } });
      else if (what === "execute") await client.POST("/ops/tickets/{id}/execution", path);
      else await client.DELETE("/ops/tickets/{id}", path);
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const mine = sameAddress(me, ticket.proposer);
  const agreed = ticket.approvals.some(({ by }) => sameAddress(by, me));
  const open = isOpen(ticket) && !isOver(ticket);
  const lock = ticket.timelock;
  const early = lock?.ready != null && Date.parse(lock.ready) / 1000 > now;
  return (
    <>
      <ul className="mb-6">
        <li className="flex flex-wrap items-center gap-x-4 border-b border-line py-2">
          <span className="text-ink-soft">{t("changes.proposer")}</span><Address address={ticket.proposer} /><When at={ticket.opened} />
        </li>
        {ticket.approvals.map(({ by, at }) => (
          <li key={by} className="flex flex-wrap items-center gap-x-4 border-b border-line py-2">
            <span className="text-safe">{t("changes.has_agreed")}</span><Address address={by} /><When at={at} />
          </li>
        ))}
      </ul>
      {open && (
        <>
          <p className="mb-4 text-ink-soft">
            {t("changes.still", { have: ticket.approvals.length, needed: ticket.needed })} {t("changes.until", { date: formatDateTime(ticket.expires, locale) })}
          </p>
          {lock != null && <p className="mb-4 text-ink-soft">{t("changes.timelock", { count: Math.ceil(lock.delay_seconds / 3600) })}</p>}
          <span className="flex flex-wrap gap-3">
            {ticket.state === "proposed" && (
              <Button
                look="primary"
                busy={move.isPending}
                blocked={mine ? t("changes.not_own") : agreed ? t("changes.once") : null}
                onClick={() => guarded(() => move.mutate("approve"))}
              >
                {t("changes.approve")}
              </Button>
            )}
            {(ticket.state === "approved" || ticket.state === "scheduled") && (
              <Button look="primary" busy={move.isPending} blocked={early ? t("changes.not_yet", { date: formatDateTime(lock.ready ?? "", locale) }) : null} onClick={() => guarded(() => move.mutate("execute"))}>
                {t(ticket.state === "approved" && lock != null ? "changes.say" : "changes.execute")}
              </Button>
            )}
            <Button busy={move.isPending} onClick={() => move.mutate("end")}>{t(mine ? "changes.withdraw" : "changes.reject")}</Button>
          </span>
        </>
      )}
      {move.isError && <p role="alert" className="mt-4 text-harm">{move.error.message}</p>}
      {question}
    </>
  );
}

function Inside({ id }: { id: string }) {
  const { t } = useLanguage();
  const query = useQuery({ ...read("/ops/tickets/{id}", { path: { id: Number(id) } }), refetchInterval: 5_000 });
  return (
    <Answer query={query} blank={<Blank lines={5} height={64} />}>
      {(ticket) => (
        <>
          <p className="mb-2 flex flex-wrap items-baseline gap-x-4 text-lg">
            <strong className="font-semibold">{ticket.title}</strong>
            <TicketState ticket={ticket} />
            {ticket.incident != null && (
              <Link to="/office/incidents/$id" params={{ id: String(ticket.incident) }} className="link">{t("watch.incident", { id: ticket.incident })}</Link>
            )}
          </p>
          <p className="mb-8 max-w-[44rem] whitespace-pre-line text-ink-soft">{ticket.reason}</p>
          <div className="grid gap-x-12 lg:grid-cols-[1fr_380px]">
            <div className="min-w-0">
              {ticket.upgrade != null && <UpgradeSection ticket={ticket} upgrade={ticket.upgrade} />}
              <Section title={t("changes.calls")}><Calls ticket={ticket} /></Section>
              <Section title={t("changes.causes")} lead={t("changes.causes_text", { block: ticket.rehearsed_at })}><Effects ticket={ticket} /></Section>
            </div>
            <div className="min-w-0">
              <Section title={t("changes.agreed")}><Moves ticket={ticket} /></Section>
            </div>
          </div>
        </>
      )}
    </Answer>
  );
}

/** One change: what is called, what it causes, who agrees. */
export function ChangeDesk({ id, gate }: { id: string; gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("changes.one", { id })} above={<Link to="/office/changes" className="link">{t("changes.title")}</Link>} />
      {gate(<Inside id={id} />)}
    </>
  );
}
