import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { OpsIncident } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Answer, Blank, Empty } from "@/ui/answer";
import { Count } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";
import { AlertCard } from "./alert";
import { IncidentState, Severity } from "./badges";
import { Handover } from "./handover";
import { Measure } from "./measure";
import { PlaybookForm } from "./playbook-form";
import { Silences } from "./silences";

/** Live enough for somebody who waits for it, and quiet enough for a tab left open. */
const EVERY = 5_000;

function Alerts() {
  const { t } = useLanguage();
  const alerts = useQuery({ ...read("/ops/alerts", { query: { open: true } }), refetchInterval: EVERY });
  const overview = useQuery(read("/ops/overview"));
  return (
    <Answer query={alerts} blank={<Blank lines={3} height={96} />}>
      {(open) =>
        open.length === 0 ? (
          <Empty
            title={t("watch.quiet")}
            text={overview.data === undefined ? undefined : t("watch.quiet_text", { rules: overview.data.rules, block: overview.data.judged })}
          />
        ) : (
          <ul>
            {open.map((alert) => (
              <AlertCard key={alert.id} alert={alert} />
            ))}
          </ul>
        )
      }
    </Answer>
  );
}

function Incidents() {
  const { t, language } = useLanguage();
  const query = useQuery({ ...read("/ops/incidents"), refetchInterval: EVERY });
  const columns: Column<OpsIncident>[] = [
    { id: "severity", title: t("watch.severity"), cell: (row) => <Severity level={row.severity} /> },
    {
      id: "what",
      title: t("watch.what"),
      cell: (row) => (
        <Link to="/office/incidents/$id" params={{ id: String(row.id) }} className="link">
          {localized(row.title, language)}
        </Link>
      ),
    },
    { id: "state", title: t("watch.state"), cell: (row) => <IncidentState state={row.state} /> },
    { id: "opened", title: t("watch.opened"), cell: (row) => <When at={row.opened} />, end: true, from: "md" },
  ];
  return (
    <Answer query={query}>
      {(incidents) =>
        incidents.length === 0 ? (
          <Empty title={t("watch.no_incidents")} text={t("watch.no_incidents_text")} />
        ) : (
          <Table caption={t("watch.incidents")} columns={columns} rows={incidents} rowKey={(row) => String(row.id)} />
        )
      }
    </Answer>
  );
}

function Measures() {
  const { t } = useLanguage();
  const query = useQuery({ ...read("/ops/runs"), refetchInterval: EVERY });
  return (
    <Answer query={query}>
      {(runs) => {
        const standing = runs.filter(({ state, reversible }) => state === "verified" && reversible);
        return (
          <>
            {standing.length === 0 ? (
              <p className="text-ink-soft">{t("playbook.none")}</p>
            ) : (
              <ul>{standing.map((run) => <Measure key={run.id} run={run} />)}</ul>
            )}
            <h3 className="mt-8 text-lg">{t("playbook.run")}</h3>
            <PlaybookForm />
          </>
        );
      }}
    </Answer>
  );
}

function Inside() {
  const { t } = useLanguage();
  const overview = useQuery({ ...read("/ops/overview"), refetchInterval: EVERY });
  return (
    <>
      <Answer query={overview}>
        {(now) => (
          <>
            <Figures>
              <Figure label={t("watch.firing")}><Count value={now.firing} /></Figure>
              <Figure label={t("watch.acknowledged")}><Count value={now.acknowledged} /></Figure>
              <Figure label={t("watch.open_incidents")}><Count value={now.incidents} /></Figure>
              <Figure label={t("watch.measures")}><Count value={now.measures} /></Figure>
            </Figures>
            <p role="status" className={`mb-8 ${now.log_intact ? "text-ink-soft" : "text-harm"}`}>
              {t(now.log_intact ? "watch.log_intact" : "watch.log_broken")}
            </p>
          </>
        )}
      </Answer>
      <Section title={t("watch.alerts")}>
        <Alerts />
      </Section>
      <Section title={t("watch.incidents")}>
        <Incidents />
      </Section>
      <div id="measures">
        <Section title={t("playbook.measures")} lead={t("playbook.measures_lead")}>
          <Measures />
        </Section>
      </div>
      <Section title={t("handover.title")} lead={t("handover.lead")}>
        <Handover />
      </Section>
      <Section title={t("silence.title")} lead={t("silence.section_lead")}>
        <Silences />
      </Section>
      <Section title={t("watch.rules")} lead={t("watch.rules_lead")}>
        <Link to="/office/rules" className="link">{t("watch.to_rules")}</Link>
      </Section>
    </>
  );
}

/** What the watch found and did. */
export function WatchDesk({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("watch.title")} lead={t("watch.lead")} />
      {gate(<Inside />)}
    </>
  );
}
