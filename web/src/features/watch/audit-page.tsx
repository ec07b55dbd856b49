import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { HeldRole, OpsAuditRun } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatSpan } from "@/lib/time";
import { Address, CopyButton } from "@/ui/address";
import { Answer, Blank, Empty } from "@/ui/answer";
import { PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";
import { Filters, Findings, SEVERITIES } from "./audit-findings";

const COMMAND = "guildhall audit --contracts ./contracts --data-dir DIR";

function Command() {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <code className="figures min-w-0 break-words">{COMMAND}</code>
      <CopyButton text={COMMAND} />
    </span>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3 className="mt-6 mb-1 text-lg">{title}</h3>
      <ul className="text-ink-soft" lang="en">
        {lines.map((line) => <li key={line} className="break-words">{line}</li>)}
      </ul>
    </>
  );
}

function Gone({ run }: { run: OpsAuditRun }) {
  const { t } = useLanguage();
  if (run.gone.length === 0) return null;
  return (
    <>
      <h3 className="mt-6 mb-1 text-lg">{t("audit.gone")}</h3>
      <ul className="text-ink-soft">
        {run.gone.map((one) => (
          <li key={one.detector + one.subject} className="flex flex-wrap gap-x-4">
            <span className="break-all">{one.subject}</span>
            <code className="text-sm break-all">{one.detector}</code>
            <span className={one.state === "verified" ? "text-safe" : ""}>{t(one.state === "verified" ? "audit.gone_verified" : "audit.gone_idle")}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How many of each severity, and how many of them are open. */
function Counts({ run }: { run: OpsAuditRun }) {
  const { t } = useLanguage();
  return (
    <dl className="mb-4 flex flex-wrap gap-x-8 gap-y-2">
      {SEVERITIES.map((severity) => {
        const of = run.findings.filter((one) => one.severity === severity);
        const open = of.filter((one) => one.open).length;
        const faulty = of.some((one) => one.fault);
        return (
          <div key={severity}>
            <dt className="overline-label">{severity}</dt>
            <dd className={faulty ? "text-harm" : "text-ink-soft"}>{t("audit.counts", { all: of.length, open })}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function Run({ run, severity, open }: { run: OpsAuditRun; severity: string | undefined; open: boolean }) {
  const { t } = useLanguage();
  return (
    <Section title={t(run.digest == null ? "audit.over_rights" : "audit.over_code")}>
      <div className="mb-4 text-ink-soft">
        <p>{t("audit.run_at")} <When at={run.at} /></p>
        <p>{run.digest == null ? t("audit.no_code") : <>{t("audit.digest")} <code className="text-sm break-all">{run.digest}</code></>}</p>
      </div>
      <Counts run={run} />
      <Findings findings={run.findings} severity={severity} open={open} />
      <Gone run={run} />
      <Lines title={t("audit.checked")} lines={run.checked} />
      <Lines title={t("audit.unchecked")} lines={run.unchecked} />
    </Section>
  );
}

/** Who holds which role, as the authority's events have it now. */
function Rights() {
  const { t, locale } = useLanguage();
  const query = useQuery(read("/roles"));
  const right = (role: string) => t(`changes.roles.${role}`, { defaultValue: role });
  const columns: Column<HeldRole>[] = [
    { id: "right", title: t("audit.right"), cell: (row) => right(row.role) },
    { id: "who", title: t("audit.who"), cell: (row) => <Address address={row.address} /> },
    {
      id: "delay",
      title: t("audit.delay"),
      cell: (row) => (row.delay_seconds === 0 ? t("audit.at_once") : formatSpan(row.delay_seconds, locale)),
      end: true,
    },
    { id: "since", title: t("audit.since"), cell: (row) => <When at={row.since} />, end: true, from: "md" },
  ];
  return (
    <Section title={t("audit.rights")} lead={t("audit.rights_text")}>
      <Answer query={query}>
        {(held) => <Table caption={t("audit.rights")} columns={columns} rows={held} rowKey={(row) => row.role + row.address} />}
      </Answer>
    </Section>
  );
}

function Board({ severity, open }: { severity: string | undefined; open: boolean }) {
  const { t } = useLanguage();
  const query = useQuery(read("/ops/audit"));
  return (
    <>
      <Answer query={query} blank={<Blank lines={6} height={80} />}>
        {(runs) =>
          runs.length === 0 ? (
            <div className="mb-12">
              <Empty title={t("audit.never")} text={t("audit.never_text")} action={<Command />} />
            </div>
          ) : (
            <>
              <div className="mb-8 text-ink-soft">
                <p>{t("audit.run_again")}</p>
                <Command />
              </div>
              <Filters severity={severity} open={open} />
              {runs.map((run) => <Run key={run.at} run={run} severity={severity} open={open} />)}
            </>
          )
        }
      </Answer>
      <Rights />
    </>
  );
}

/** What audits of this house found and what was decided, beside the rights as they are now. */
export function AuditBoard({ severity, open, gate }: { severity: string | undefined; open: boolean; gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("audit.title")} lead={t("audit.lead")} />
      {gate(<Board severity={severity} open={open} />)}
    </>
  );
}
