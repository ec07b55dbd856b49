import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { fetchAnswer, read } from "@/lib/api/read";
import type { IncidentReport } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { formatDate } from "@/lib/time";
import { Address, TransactionLink } from "@/ui/address";
import { Answer, Blank, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { PageHead, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { Severity } from "./badges";

interface Words { en: string; zh: string }

/** The document as the program writes it (`platform/ops/src/review.rs`). */
interface Document {
  incident: { id: number; title: Words; severity: string; opened: number };
  blocks_to_contain: number | null;
  findings: { summary: Words; impact: Words; cause: Words; lessons: Words; actions: { what: Words; owner: string; due: string }[] };
  alerts: { id: string; rule: string; severity: string; block: number; time: number; count: number; transaction: string | null }[];
  measures: { id: number; playbook: string; state: string; approved_by: string; steps: { step: string; verified: boolean; transaction: string | null }[] }[];
  states: { state: string; at_ms: number; by: string; entry: number }[];
  approved_by: string | null;
}

const TEXTS = ["summary", "impact", "cause", "lessons"] as const;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** Whether the text hashes to what the chain holds, worked out here from both. */
async function isAnchored(report: IncidentReport): Promise<boolean> {
  const [{ keccak256, stringToBytes }, { input }] = await Promise.all([
    import("viem"),
    fetchAnswer("/explorer/transactions/{hash}", { path: { hash: report.transaction } }),
  ]);
  return keccak256(stringToBytes(report.document)) === input.toLowerCase();
}

function Proof({ report }: { report: IncidentReport }) {
  const { t } = useLanguage();
  const check = useQuery({ queryKey: ["report-proof", report.digest], queryFn: () => isAnchored(report), staleTime: Infinity });
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([report.document], { type: "application/json" }));
    link.download = `incident-${report.incident}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Section title={t("report.proof")} lead={t("report.proof_text")}>
      <p role="status" className={check.data === true ? "text-safe" : check.data === false ? "text-harm" : "text-ink-soft"}>
        {t(check.data === true ? "report.anchored" : check.data === false ? "report.differs" : check.isError ? "report.unknown" : "report.checking")}
      </p>
      <p className="figures mt-2 break-all">{report.digest}</p>
      <p className="mt-2"><TransactionLink hash={report.transaction} /></p>
      <span className="mt-4 flex flex-wrap gap-3 print:hidden">
        <Button onClick={() => window.print()}>{t("report.print")}</Button>
        <Button onClick={save}>{t("report.save")}</Button>
      </span>
    </Section>
  );
}

function Sheet({ report }: { report: IncidentReport }) {
  const { t, language, locale } = useLanguage();
  const said = useMemo(() => JSON.parse(report.document) as Document, [report.document]);
  return (
    <>
      <p className="mb-8 flex flex-wrap items-baseline gap-x-4 text-lg">
        <Severity level={said.incident.severity} />
        <strong className="font-semibold">{localized(said.incident.title, language)}</strong>
        <When at={iso(said.incident.opened)} />
      </p>
      {TEXTS.map((text) => (
        <Section key={text} title={t(`review_room.${text}`)}>
          <p className="max-w-[44rem] break-words whitespace-pre-line">{localized(said.findings[text], language)}</p>
        </Section>
      ))}
      <Section title={t("report.found")}>
        <ul>
          {said.alerts.map((alert) => (
            <li key={alert.id} className="flex flex-wrap gap-x-4 border-b border-line py-2">
              <Severity level={alert.severity} />
              <span>{alert.rule}</span>
              <Link to="/explorer/blocks/$id" params={{ id: String(alert.block) }} className="link figures">{t("report.block", { number: alert.block })}</Link>
              <When at={iso(alert.time)} />
              {alert.transaction != null && <TransactionLink hash={alert.transaction} />}
            </li>
          ))}
        </ul>
      </Section>
      <Section title={t("report.done")} lead={said.blocks_to_contain == null ? undefined : t("report.contained", { count: said.blocks_to_contain })}>
        <ul>
          {said.measures.flatMap(({ id, steps }) =>
            steps.map((step) => (
              <li key={`${id}-${step.step}`} className="flex flex-wrap gap-x-4 border-b border-line py-2">
                <code className="break-all">{step.step}</code>
                <span className={step.verified ? "text-safe" : "text-harm"}>{t(step.verified ? "watch.step_done" : "report.not_done")}</span>
                {step.transaction != null && <TransactionLink hash={step.transaction} />}
              </li>
            )),
          )}
        </ul>
      </Section>
      <Section title={t("report.course")}>
        <ol>
          {said.states.map(({ state, at_ms, by, entry }) => (
            <li key={entry} className="flex flex-wrap items-baseline gap-x-4 border-b border-line py-2">
              <When at={iso(Math.floor(at_ms / 1000))} />
              <span>{t(`watch.incident_state.${state}`)}</span>
              {by.startsWith("0x") ? <Address address={by} /> : <span className="text-ink-soft">{by}</span>}
            </li>
          ))}
        </ol>
      </Section>
      <Section title={t("review_room.actions")}>
        {said.findings.actions.length === 0 ? (
          <p className="text-ink-soft">{t("report.no_actions")}</p>
        ) : (
          <ul>
            {said.findings.actions.map((action) => (
              <li key={action.what.en} className="flex flex-wrap justify-between gap-x-6 border-b border-line py-2">
                <span>{localized(action.what, language)}</span>
                <span className="text-ink-soft">{t("report.by_until", { owner: action.owner, date: formatDate(action.due, locale) })}</span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Proof report={report} />
    </>
  );
}

/** A published report, for everybody. */
export function ReportSheet({ id }: { id: string }) {
  const { t } = useLanguage();
  const query = useQuery(read("/incident-reports/{id}", { path: { id: Number(id) } }));
  return (
    <>
      <PageHead title={t("report.one", { id })} above={<Link to="/reports" className="link">{t("report.all")}</Link>} />
      <Answer query={query} blank={<Blank lines={6} height={72} />}>{(report) => <Sheet report={report} />}</Answer>
    </>
  );
}

/** Every published report. */
export function ReportShelf() {
  const { t, language } = useLanguage();
  const query = useQuery(read("/incident-reports"));
  return (
    <>
      <PageHead title={t("report.all")} lead={t("report.all_text")} />
      <Answer query={query}>
        {(reports) =>
          reports.length === 0 ? (
            <Empty title={t("report.none")} text={t("report.none_text")} />
          ) : (
            <ul>
              {reports.map((report) => (
                <li key={report.incident} className="flex flex-wrap items-baseline gap-x-4 border-b border-line py-3">
                  <Severity level={report.severity} />
                  <Link to="/reports/$id" params={{ id: String(report.incident) }} className="link">{localized(report.title, language)}</Link>
                  {report.published != null && <When at={report.published} />}
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </>
  );
}
