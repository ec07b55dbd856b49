import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { OpsRule } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Answer, Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { Severity } from "@/features/watch/badges";
import { Does } from "./does";
import { Revision } from "./revision";

function InForce() {
  const { t, language } = useLanguage();
  const query = useQuery(read("/ops/rules"));
  const columns: Column<OpsRule>[] = [
    { id: "severity", title: t("watch.severity"), cell: (row) => <Severity level={row.severity} /> },
    {
      id: "rule",
      title: t("watch.rule"),
      cell: (row) => (
        <>
          <Link to="/office/rules/$id" params={{ id: row.id }} className="link">{localized(row.title, language)}</Link>
          <span className="block text-sm break-words text-ink-faint">{row.id} · {t("rule.version", { number: row.version })}</span>
        </>
      ),
    },
    { id: "when", title: t("watch.when"), cell: (row) => <code className="text-sm break-words">{row.expr}</code>, from: "lg" },
    { id: "does", title: t("watch.does"), cell: (row) => <Does rule={row} />, end: true, from: "sm" },
  ];
  return (
    <Answer query={query}>
      {(rules) => <Table caption={t("watch.rules")} columns={columns} rows={rules} rowKey={(row) => row.id} />}
    </Answer>
  );
}

function Written() {
  const { t } = useLanguage();
  const rules = useQuery(read("/ops/rules"));
  const query = useQuery({ ...read("/ops/rule-revisions"), refetchInterval: 5_000 });
  return (
    <Answer query={query}>
      {(revisions) =>
        revisions.length === 0 ? (
          <Empty title={t("rule.none")} text={t("rule.none_text")} />
        ) : (
          <ul>
            {revisions.map((revision) => (
              <Revision key={revision.id} revision={revision} current={rules.data?.find(({ id }) => id === revision.rule)?.text} />
            ))}
          </ul>
        )
      }
    </Answer>
  );
}

/** What is watched for, and who wants it otherwise. */
export function RulesDesk({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead
        title={t("rule.title")}
        lead={t("rule.lead")}
        aside={<Link to="/office/rules/$id" params={{ id: "new" }} className={buttonClass("primary")}>{t("rule.new")}</Link>}
      />
      {gate(
        <>
          <Section title={t("rule.written")} lead={t("rule.written_lead")}><Written /></Section>
          <Section title={t("rule.in_force")}><InForce /></Section>
        </>,
      )}
    </>
  );
}
