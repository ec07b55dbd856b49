import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsEntry, OpsRoom, OpsRun } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { formatDateTime } from "@/lib/time";
import { useStepUp } from "@/features/security/step-up";
import { Address, TransactionLink } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, TextArea } from "@/ui/field";
import { PageHead, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { AlertCard } from "./alert";
import { IncidentState, Severity } from "./badges";
import { ReviewSection } from "./review";

const EVERY = 5_000;
const STATES = ["declared", "triaged", "contained", "mitigated", "resolved", "reviewed"] as const;
const ROLES = ["leader", "scribe", "communications", "expert", "decision_maker"] as const;

type State = (typeof STATES)[number];

/** Somebody of the staff, or the house itself. */
function Actor({ name }: { name: string }) {
  return name.startsWith("0x") ? <Address address={name} /> : <span>{name}</span>;
}

function Steps({ run }: { run: OpsRun }) {
  const { t, language, locale } = useLanguage();
  const queries = useQueryClient();
  const takeBack = useMutation({
    mutationFn: async () => {
      await client.POST("/ops/runs/{id}/rollback", { params: { path: { id: run.id } } });
      await queries.invalidateQueries();
    },
  });
  const title = localized(run.title, language);
  const { guarded, question } = useStepUp();
  const confirmed = () => window.confirm(t("watch.take_back_sure", { title }));
  return (
    <li className="border-b border-line py-4">
      <p className="flex flex-wrap items-baseline gap-x-4">
        <span className="font-semibold">{title}</span>
        <span className={run.state === "failed" ? "text-harm" : "text-ink-soft"}>{t(`watch.run_state.${run.state}`)}</span>
      </p>
      <p className="mt-1 max-w-[44rem]">{localized(run.effect, language)}</p>
      <ul className="mt-2 text-sm">
        {run.steps.map((step) => (
          <li key={step.step} className="flex flex-wrap gap-x-4 py-1">
            <code>{step.step}</code>
            <span className={step.failure == null ? "text-safe" : "text-harm"}>
              {step.failure == null ? t(step.already ? "watch.step_already" : "watch.step_done") : t("watch.step_failed", { why: step.failure })}
            </span>
            {step.transaction != null && <TransactionLink hash={step.transaction} />}
          </li>
        ))}
      </ul>
      <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-ink-soft">
        <span>{t("watch.by", { who: run.approved_by })}</span>
        {run.expires != null && <span>{t("watch.until", { date: formatDateTime(run.expires, locale) })}</span>}
        {run.state === "verified" && run.expires != null && (
          <Button busy={takeBack.isPending} onClick={() => { if (confirmed()) guarded(() => takeBack.mutate()); }}>
            {t("watch.take_back")}
          </Button>
        )}
      </p>
      {question}
      {takeBack.isError && (
        <p role="alert" className="mt-2 text-harm">{t("watch.failed", { message: takeBack.error.message })}</p>
      )}
    </li>
  );
}

function Entry({ entry, room }: { entry: OpsEntry; room: OpsRoom }) {
  const { t, language } = useLanguage();
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
                  <ul>{room.runs.map((run) => <Steps key={run.id} run={run} />)}</ul>
                )}
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
