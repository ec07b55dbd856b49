import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Printer } from "lucide-react";
import type { ReactNode } from "react";
import { read, readList } from "@/lib/api/read";
import type { Metrics, OperatingReport, Solvency } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { formatSpan } from "@/lib/time";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Select } from "@/ui/field";
import { Count, Money } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { monthSpan, recentMonths } from "./months";
import { Severity } from "./badges";

/** What was traded, by the market's own figures. */
function Trade({ metrics, from, to }: { metrics: Metrics; from: string; to: string }) {
  const { t, locale } = useLanguage();
  const percent = (share: string | null | undefined) =>
    share == null ? "–" : new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(Number(share));
  const money = (amount: string) => <Money value={{ ...metrics, amount }} />;
  const link = (children: ReactNode) => (
    <Link to="/metrics" search={{ from, to }} className="link">
      {children}
    </Link>
  );
  return (
    <Figures>
      <Figure label={t("metrics.orders")}>{link(<Count value={metrics.orders} />)}</Figure>
      <Figure label={t("metrics.buyers")}>{link(<Count value={metrics.buyers} />)}</Figure>
      <Figure label={t("metrics.gmv")}>{link(money(metrics.gmv))}</Figure>
      <Figure label={t("metrics.nmv")}>{link(money(metrics.nmv))}</Figure>
      <Figure label={t("metrics.fees")}>{link(money(metrics.fees))}</Figure>
      <Figure label={t("metrics.on_time")}>{link(percent(metrics.on_time_rate))}</Figure>
      <Figure label={t("metrics.dispute_rate")}>{link(percent(metrics.dispute_rate))}</Figure>
      <Figure label={t("metrics.refund_value")}>{link(percent(metrics.refunds.value_rate))}</Figure>
    </Figures>
  );
}

/** Whether the house holds what it owes, as of now. */
function Books({ solvency }: { solvency: Solvency }) {
  const { t } = useLanguage();
  const sound = solvency.tokens.every(({ covered, agrees }) => covered && agrees);
  return (
    <>
      <p className={sound ? "text-safe" : "text-harm"}>{t(sound ? "operating.covered" : "operating.short")}</p>
      <ul className="mt-3">
        {solvency.tokens.map((token) => (
          <li key={token.token} className="flex flex-wrap justify-between gap-x-6 border-b border-line py-2">
            <Link to="/solvency" className="link">
              {token.symbol}
            </Link>
            <span>{t("operating.held", { coverage: token.coverage ?? "–" })}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Watched({ report }: { report: OperatingReport }) {
  const { t, locale, language } = useLanguage();
  const span = (seconds: number | null | undefined) => (seconds == null ? "–" : formatSpan(seconds, locale));
  const watch = (count: number) => (
    <Link to="/office/watch" className="link">
      <Count value={count} />
    </Link>
  );
  return (
    <>
      <Section title={t("operating.safety")} lead={t("operating.safety_text")}>
        <Figures>
          <Figure label={t("operating.alerts")}>{watch(report.alerts)}</Figure>
          <Figure label={t("operating.acknowledged")}>{span(report.acknowledged_median_seconds)}</Figure>
          <Figure label={t("operating.unacknowledged")}>{watch(report.unacknowledged)}</Figure>
          <Figure label={t("operating.measures")} note={report.measures_failed > 0 ? t("operating.measures_failed", { count: report.measures_failed }) : undefined}>
            {watch(report.measures)}
          </Figure>
          <Figure label={t("operating.reviews")}>
            <Link to="/reports" className="link">
              <Count value={report.reviews} />
            </Link>
          </Figure>
        </Figures>
        {report.rules.length > 0 && (
          <ul className="mt-4">
            {report.rules.map(({ rule, alerts }) => (
              <li key={rule} className="flex justify-between gap-6 border-b border-line py-2">
                <span>{rule}</span>
                <Count value={alerts} />
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={t("watch.incidents")}>
        {report.incidents.length === 0 ? (
          <p className="text-ink-soft">{t("operating.no_incidents")}</p>
        ) : (
          <ul>
            {report.incidents.map((incident) => (
              <li key={incident.id} className="border-b border-line py-2">
                <span className="flex flex-wrap items-baseline gap-x-4">
                  <Severity level={incident.severity} />
                  <Link to="/office/incidents/$id" params={{ id: String(incident.id) }} className="link">
                    {localized(incident.title, language)}
                  </Link>
                </span>
                <span className="block text-sm text-ink-soft">
                  {t("operating.times", { contained: span(incident.contained_seconds), resolved: span(incident.resolved_seconds) })}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={t("operating.changes")}>
        {report.changes.length === 0 ? (
          <p className="text-ink-soft">{t("operating.no_changes")}</p>
        ) : (
          <ul>
            {report.changes.map((change) => (
              <li key={change.id} className="flex flex-wrap justify-between gap-x-6 border-b border-line py-2">
                <Link to="/office/changes/$id" params={{ id: String(change.id) }} className="link break-words">
                  {change.title}
                </Link>
                <span className={change.state === "verified" ? "text-safe" : "text-harm"}>{t(`operating.change_${change.state}`)}</span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <p className="mb-8 text-sm break-all text-ink-soft">
        {report.log_head == null ? t("operating.log_empty") : t("operating.log", { count: report.entries, hash: report.log_head })}
      </p>
    </>
  );
}

function Sheet({ month }: { month: string }) {
  const { t } = useLanguage();
  const { from, to } = monthSpan(month);
  const trade = useQuery(readList("/market/metrics", { query: { from, to } }));
  const books = useQuery(read("/market/solvency"));
  const watched = useQuery(readList("/ops/operating-report", { query: { from, to } }));
  return (
    <>
      <Section title={t("operating.trade")} lead={t("operating.trade_text")}>
        <Answer query={trade} blank={<Blank lines={3} />}>
          {(metrics) => <Trade metrics={metrics} from={from} to={to} />}
        </Answer>
      </Section>
      <Section title={t("operating.books")} lead={t("operating.books_text")}>
        <Answer query={books}>{(solvency) => <Books solvency={solvency} />}</Answer>
      </Section>
      <Answer query={watched} blank={<Blank lines={6} />}>
        {(report) => <Watched report={report} />}
      </Answer>
    </>
  );
}

/** A month of the house on one page, to be printed or sent as a PDF. */
export function OperatingSheet({ month, gate }: { month: string | undefined; gate: (inside: ReactNode) => ReactNode }) {
  const { t, locale } = useLanguage();
  const navigate = useNavigate();
  const months = recentMonths(new Date());
  const shown = months.find((one) => one === month) ?? months[0] ?? "";
  const name = (one: string) =>
    new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(Date.parse(`${one}-01T00:00:00Z`));
  return (
    <>
      <PageHead
        title={t("operating.title", { month: name(shown) })}
        lead={t("operating.lead")}
        aside={
          <span className="flex flex-wrap items-end gap-3 print:hidden">
            <Field label={t("operating.month")}>
              {(a) => (
                <Select {...a} value={shown} onChange={(e) => void navigate({ to: "/office/report", search: { month: e.target.value } })}>
                  {months.map((one) => (
                    <option key={one} value={one}>
                      {name(one)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Button onClick={() => window.print()}>
              <Printer aria-hidden size={16} />
              {t("report.print")}
            </Button>
          </span>
        }
      />
      {gate(<Sheet month={shown} />)}
    </>
  );
}
