import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsEntry, OpsRoom, OpsStatement } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { formatDateTime } from "@/lib/time";
import { Address } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, TextArea } from "@/ui/field";
import { PageHead, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { AlertCard } from "./alert";
import { IncidentState, Severity } from "./badges";
import { Measure } from "./measure";
import { PlaybookForm } from "./playbook-form";
import { ReviewSection } from "./review";

const EVERY = 5_000;
const STATES = ["declared", "triaged", "contained", "mitigated", "resolved", "reviewed"] as const;
const ROLES = ["leader", "scribe", "communications", "expert", "decision_maker"] as const;

type State = (typeof STATES)[number];

/** Somebody of the staff, or the house itself. */
function Actor({ name }: { name: string }) {
  return name.startsWith("0x") ? <Address address={name} /> : <span>{name}</span>;
}

function Entry({ entry, room }: { entry: OpsEntry; room: OpsRoom }) {
  const { t, language, locale } = useLanguage();
  const body = entry.body as Record<string, unknown>;
  const word = (name: string) => (typeof body[name] === "string" ? body[name] : "");
  const says = (): string => {
    if (entry.kind === "alert") {
      const alert = room.alerts.find(({ id }) => id === body.alert);
      const title = alert === undefined ? word("rule") : localized(alert.title, language);
      return t("watch.entry.alert", { title, state: t(`watch.alert_state.${word("state")}`) });
    }
    if (entry.kind === "run") {
      const run = room.runs.find(({ playbook }) => playbook === body.playbook);
      const title = run === undefined ? word("playbook") : localized(run.title, language);
      return t("watch.entry.run", { title, state: t(`watch.run_state.${word("state")}`) });
    }
    if (entry.kind === "ticket") return t("watch.entry.ticket", { title: word("title"), state: t(`changes.state.${word("state")}`) });
    if (entry.kind === "statement") return t(`statement.entry_${word("statement")}`);
    if (entry.kind === "confirmation") return t("statement.entry_confirmation", { date: formatDateTime(Number(body.expires), locale) });
    if (entry.kind === "review") return t(`watch.entry.review_${word("review")}`);
    if (Array.isArray(body.role)) return t("watch.entry.role", { role: t(`watch.role.${String(body.role[0])}`) });
    if (word("state") !== "") return t("watch.entry.incident", { state: t(`watch.incident_state.${word("state")}`) });
    return t("watch.entry.note");
  };
  return (
    <li className="border-b border-line py-3">
      <p className="flex flex-wrap items-baseline gap-x-4 text-sm text-ink-soft">
        <When at={entry.at} />
        <Actor name={entry.actor} />
        <span className="figures text-ink-faint" title={entry.hash}>#{entry.seq}</span>
      </p>
      <p className="mt-1">{says()}</p>
      {entry.kind === "statement" && (
        <p className="mt-1 max-w-[44rem] break-words whitespace-pre-line">{localized(body.text as OpsStatement["text"], language)}</p>
      )}
      {word("note") !== "" && <p className="mt-1 max-w-[44rem] break-words whitespace-pre-line">{word("note")}</p>}
    </li>
  );
}

function Say({ room }: { room: OpsRoom }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const id = room.incident.id;
  const say = useMutation({
    mutationFn: async (body: { note: string; state: State | null; role: string | null }) => {
      await client.POST("/ops/incidents/{id}/entries", { params: { path: { id } }, body });
      // What was begun meanwhile stays.
      setNote((now) => (now === body.note ? "" : now));
      await queries.invalidateQueries();
    },
  });
  const next = STATES[STATES.indexOf(room.incident.state) + 1];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (note.trim() !== "") say.mutate({ note, state: null, role: null });
  };
  return (
    <>
      <form onSubmit={submit} className="flex flex-col items-start gap-3">
        <div className="w-full">
          <Field label={t("watch.say")} hint={t("watch.say_hint")}>
            {(a) => <TextArea {...a} rows={3} maxLength={4000} value={note} onChange={(e) => setNote(e.target.value)} />}
          </Field>
        </div>
        <span className="flex flex-wrap gap-3">
          <Button type="submit" busy={say.isPending}>{t("watch.write")}</Button>
          {next !== undefined && (
            <Button look="primary" busy={say.isPending} onClick={() => say.mutate({ note, state: next, role: null })}>
              {t("watch.move_on", { state: t(`watch.incident_state.${next}`) })}
            </Button>
          )}
        </span>
        {say.isError && <p role="alert" className="text-harm">{t("watch.failed", { message: say.error.message })}</p>}
      </form>
      <h3 className="mt-8 mb-2 text-lg">{t("watch.roles")}</h3>
      <dl>
        {ROLES.map((role) => {
          const who = room.incident.roles[role];
          return (
            <div key={role} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line py-2">
              <dt className="text-ink-soft">{t(`watch.role.${role}`)}</dt>
              <dd>
                {who === undefined ? (
                  <Button busy={say.isPending} onClick={() => say.mutate({ note: "", state: null, role })}>
                    {t("watch.take_role", { role: t(`watch.role.${role}`) })}
                  </Button>
                ) : (
                  <Actor name={who} />
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

function Inside({ id }: { id: string }) {
  const { t, language } = useLanguage();
  const query = useQuery({ ...read("/ops/incidents/{id}", { path: { id: Number(id) } }), refetchInterval: EVERY });
  return (
    <Answer query={query} blank={<Blank lines={6} height={72} />}>
      {(room) => (
        <>
          <p className="mb-8 flex flex-wrap items-baseline gap-x-4 text-lg">
            <Severity level={room.incident.severity} />
            <strong className="font-semibold">{localized(room.incident.title, language)}</strong>
            <IncidentState state={room.incident.state} />
            <When at={room.incident.opened} />
          </p>
          <div className="grid gap-x-12 lg:grid-cols-[1fr_380px]">
            <div className="min-w-0">
              <Section title={t("watch.found")}>
                <ul>{room.alerts.map((alert) => <AlertCard key={alert.id} alert={alert} inRoom />)}</ul>
              </Section>
              <Section title={t("watch.done")}>
                {room.runs.length === 0 ? (
                  <p className="text-ink-soft">{t("watch.done_nothing")}</p>
                ) : (
                  <ul>{room.runs.map((run) => <Measure key={run.id} run={run} />)}</ul>
                )}
                <h3 className="mt-8 text-lg">{t("playbook.run")}</h3>
                <PlaybookForm incident={room.incident.id} />
              </Section>
            </div>
            <div className="min-w-0">
              <Section title={t("watch.timeline")}>
                <ol className="mb-8">{room.timeline.map((entry) => <Entry key={entry.seq} entry={entry} room={room} />)}</ol>
                <Say room={room} />
              </Section>
            </div>
          </div>
          <ReviewSection room={room} />
        </>
      )}
    </Answer>
  );
}

/** The room of an incident: what was found, what was done, who does what, and what happened. */
export function IncidentRoom({ id, gate }: { id: string; gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead
        title={t("watch.incident", { id })}
        above={<Link to="/office/watch" className="link">{t("watch.to_watch")}</Link>}
      />
      {gate(<Inside id={id} />)}
    </>
  );
}
