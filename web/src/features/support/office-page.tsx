import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { client } from "@/lib/api/client";
import { fetchAnswer, read, readList, type Input as Asked } from "@/lib/api/read";
import type { OfficeHours, Ticket } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatSpan } from "@/lib/time";
import { Address } from "@/ui/address";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Check, Field, Input, Select } from "@/ui/field";
import { Info } from "@/ui/info";
import { List } from "@/ui/list";
import { Count } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import type { Column } from "@/ui/table";
import { When } from "@/ui/when";
import { CannedAnswers } from "./answers";
import { TicketState } from "./ticket-state";

const STATES = ["unsolved", "open", "waiting", "solved", "closed"] as const;

function Desk() {
  const { t, locale } = useLanguage();
  const query = useQuery({ ...read("/support/figures"), refetchInterval: 30_000 });
  return (
    <Answer query={query}>
      {({ open, late, waiting, answered, in_time, first_answer_minutes }) => (
        <Figures>
          <Figure label={t("help.figure_open")} note={late > 0 ? <span className="text-harm">{t("help.figure_late", { count: late })}</span> : undefined}>
            <Count value={open} />
          </Figure>
          <Figure label={t("help.figure_waiting")}>
            <Count value={waiting} />
          </Figure>
          <Figure label={<>{t("help.figure_first")} <Info>{t("help.figure_first_info")}</Info></>}>
            {first_answer_minutes == null ? "–" : formatSpan(first_answer_minutes * 60, locale)}
          </Figure>
          <Figure label={t("help.figure_in_time")} note={t("help.figure_of", { count: answered })}>
            {answered === 0 ? "–" : new Intl.NumberFormat(locale, { style: "percent" }).format(in_time / answered)}
          </Figure>
        </Figures>
      )}
    </Answer>
  );
}

function Queue({ state, cursor }: { state: string | undefined; cursor: string | undefined }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const shown = STATES.find((one) => one === state) ?? "unsolved";
  const input = (at: string | undefined): Asked<"/tickets"> => ({
    query: { all: true, state: shown, cursor: at, limit: 25 },
  });
  const query = useQuery({ ...readList("/tickets", input(cursor)), refetchInterval: 15_000 });
  const columns: Column<Ticket>[] = [
    {
      id: "subject",
      title: t("help.subject"),
      cell: (row) => (
        <>
          <Link to="/office/support/$id" params={{ id: row.id }} className="link font-semibold break-words">
            {row.subject}
          </Link>
          <span className="block text-sm text-ink-soft">{t(`topic.${row.topic}`)}</span>
        </>
      ),
      csv: (row) => row.subject,
    },
    { id: "who", title: t("help.who"), cell: ({ opener }) => <Address address={opener.address} name={opener.name} />, csv: ({ opener }) => opener.address, from: "sm" },
    {
      id: "order",
      title: t("order.order"),
      cell: (row) =>
        row.order_id == null ? "–" : (
          <Link to="/orders/$id" params={{ id: row.order_id }} className="link figures">
            {row.order_id}
          </Link>
        ),
      csv: (row) => row.order_id ?? "",
      from: "md",
    },
    { id: "state", title: t("order.state"), cell: (row) => <TicketState ticket={row} staff />, csv: (row) => row.state },
    { id: "by", title: t("help.due"), cell: (row) => (row.answered_at == null ? <When at={row.answer_by} /> : "–"), csv: (row) => row.answer_by, from: "lg" },
  ];
  return (
    <List
      caption={t("page.support")}
      name="tickets"
      columns={columns}
      query={query}
      cursor={cursor}
      rowKey={(row) => row.id}
      fetchPage={(at) => fetchAnswer("/tickets", input(at))}
      filters={
        <Field label={t("order.state")}>
          {(a) => (
            <Select
              {...a}
              className="!w-auto"
              value={shown}
              onChange={(e) => void navigate({ to: "/office/support", search: { state: e.target.value } })}
            >
              {STATES.map((one) => (
                <option key={one} value={one}>
                  {t(`ticket_state_staff.${one}`)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      }
      empty={<Empty title={t("help.queue_empty")} text={t("help.queue_empty_text")} />}
    />
  );
}

const minutes = (text: string) => {
  const [hours = "0", rest = "0"] = text.split(":");
  return Number(hours) * 60 + Number(rest);
};
const clock = (value: number) => `${String(Math.floor(value / 60) % 24).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`;

function HoursForm({ kept }: { kept: OfficeHours }) {
  const { t, locale } = useLanguage();
  const queries = useQueryClient();
  const [hours, setHours] = useState(kept);
  const set = (change: Partial<OfficeHours>) => setHours((old) => ({ ...old, ...change }));
  const save = useMutation({
    mutationFn: async () => {
      await client.PUT("/support/hours", { body: hours });
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/support") });
    },
  });
  const name = (day: number) =>
    new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(1970, 0, 5 + day));
  return (
    <div className="max-w-[44rem] space-y-4">
      <fieldset className="flex flex-wrap gap-x-6">
        <legend className="mb-1 font-semibold">{t("help.open_days")}</legend>
        {hours.days.map((open, day) => (
          <Check
            key={day}
            label={name(day)}
            checked={open}
            onChange={(e) => set({ days: hours.days.map((old, n) => (n === day ? e.target.checked : old)) })}
          />
        ))}
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-4">
        <Field label={t("help.opens")}>
          {(a) => <Input {...a} type="time" value={clock(hours.opens)} onChange={(e) => set({ opens: minutes(e.target.value) })} />}
        </Field>
        <Field label={t("help.closes")}>
          {(a) => <Input {...a} type="time" value={clock(hours.closes)} onChange={(e) => set({ closes: minutes(e.target.value) || 1440 })} />}
        </Field>
        <Field label={t("help.offset")}>
          {(a) => (
            <Input {...a} type="number" step={15} value={hours.utc_offset_minutes} onChange={(e) => set({ utc_offset_minutes: Math.trunc(Number(e.target.value)) })} />
          )}
        </Field>
        <Field label={t("help.within")}>
          {(a) => (
            <Input {...a} type="number" min={1} value={hours.answer_within_minutes} onChange={(e) => set({ answer_within_minutes: Math.trunc(Number(e.target.value)) })} />
          )}
        </Field>
      </div>
      <p className="flex flex-wrap items-center gap-4">
        <Button busy={save.isPending} onClick={() => save.mutate()}>
          {t("campaign.save")}
        </Button>
        <span role="status" className="text-safe">
          {save.isSuccess && t("campaign.saved")}
        </span>
      </p>
      {save.isError && (
        <p role="alert" className="text-harm">
          {save.error.message}
        </p>
      )}
    </div>
  );
}

function Inside({ state, cursor }: { state: string | undefined; cursor: string | undefined }) {
  const { t } = useLanguage();
  const hours = useQuery(read("/support/hours"));
  return (
    <>
      <Desk />
      <Section title={t("help.queue")}>
        <Queue state={state} cursor={cursor} />
      </Section>
      <Section title={t("help.answers")} lead={t("help.answers_text")}>
        <CannedAnswers />
      </Section>
      <Section title={t("help.office_hours")} lead={t("help.office_hours_text")}>
        <Answer query={hours}>{({ hours: kept }) => <HoursForm kept={kept} />}</Answer>
      </Section>
    </>
  );
}

interface Props {
  state: string | undefined;
  cursor: string | undefined;
  gate: (inside: ReactNode) => ReactNode;
}

export function SupportDesk({ state, cursor, gate }: Props) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("page.support")} lead={t("help.desk_lead")} />
      {gate(<Inside state={state} cursor={cursor} />)}
    </>
  );
}
