import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { readList } from "@/lib/api/read";
import type { Metrics } from "@/lib/api/types";
import { downloadCsv } from "@/lib/csv";
import { useLanguage } from "@/lib/i18n";
import { toDecimal } from "@/lib/money";
import { useChain } from "@/lib/queries";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { Info } from "@/ui/info";
import { Count, Money } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { CohortChart } from "./cohort-chart";
import { MonthlyChart } from "./monthly-chart";

const route = getRouteApi("/metrics");

function exportMetrics(metrics: Metrics) {
  downloadCsv("market-figures", [
    ["month", "orders", "buyers", "new_buyers", "gmv"],
    ...metrics.monthly.map((row) => [
      row.month,
      String(row.orders),
      String(row.buyers),
      String(row.new_buyers),
      toDecimal(BigInt(row.gmv), metrics.decimals),
    ]),
  ]);
}

function Filters() {
  const { t } = useLanguage();
  const { from, to, token } = route.useSearch();
  const navigate = route.useNavigate();
  const chain = useChain().data;
  const set = (change: { from?: string; to?: string; token?: string }) =>
    void navigate({ search: (old) => ({ ...old, ...change }) });
  const date = (name: "from" | "to", value: string | undefined) => (
    <div className="w-44">
      <Field label={t(`metrics.${name}`)}>
        {(a) => <Input {...a} type="date" value={value ?? ""} onChange={(e) => set({ [name]: e.target.value || undefined })} />}
      </Field>
    </div>
  );
  return (
    <div className="mb-8 flex flex-wrap items-end gap-4">
      {date("from", from)}
      {date("to", to)}
      {chain !== undefined && chain.tokens.length > 1 && (
        <Field label={t("offer.token")}>
          {(a) => (
            <Select {...a} value={token ?? ""} onChange={(e) => set({ token: e.target.value || undefined })}>
              {chain.tokens.map(({ address, symbol }, n) => (
                <option key={address} value={n === 0 ? "" : address}>
                  {symbol}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </div>
  );
}

type Delivered = Metrics["deliveries"][number];

/** Quarrels and returns by the month in which the goods arrived. */
function Deliveries({ metrics, percent }: { metrics: Metrics; percent: (share: string | null) => string }) {
  const { t } = useLanguage();
  const of = (part: number, row: Delivered) => (row.orders === 0 ? null : String(part / row.orders));
  const columns: Column<Delivered>[] = [
    { id: "month", title: t("metrics.arrived_in"), cell: (row) => row.month },
    { id: "orders", title: t("metrics.arrived"), cell: (row) => <Count value={row.orders} />, end: true },
    { id: "disputed", title: t("metrics.disputed"), cell: (row) => <><Count value={row.disputed} /> · {percent(of(row.disputed, row))}</>, end: true },
    { id: "returned", title: t("metrics.returned"), cell: (row) => <><Count value={row.returned} /> · {percent(of(row.returned, row))}</>, end: true, from: "sm" },
  ];
  if (metrics.deliveries.length === 0) return null;
  return (
    <Section title={t("metrics.deliveries")} lead={t("metrics.deliveries_text")}>
      <Table caption={t("metrics.deliveries")} columns={columns} rows={metrics.deliveries} rowKey={(row) => row.month} />
    </Section>
  );
}

type Returning = Metrics["returning"][number];

/** Repeat rate and retention, from each person's first order on. */
function WhoReturns({ metrics, percent }: { metrics: Metrics; percent: (share: string | null) => string }) {
  const { t } = useLanguage();
  const columns: Column<Returning>[] = [
    { id: "days", title: t("metrics.after_first"), cell: (row) => t("metrics.days", { n: row.days }) },
    { id: "people", title: t("metrics.first_buyers"), cell: (row) => <Count value={row.people} />, end: true },
    { id: "within", title: t("metrics.again_within"), cell: (row) => <><Count value={row.within} /> · {percent(row.repeat_rate)}</>, end: true },
    { id: "after", title: t("metrics.again_after"), cell: (row) => <><Count value={row.after} /> · {percent(row.retention)}</>, end: true },
  ];
  if (metrics.orders === 0) return null;
  return (
    <Section title={t("metrics.returning")} lead={t("metrics.returning_text")}>
      <Table caption={t("metrics.returning")} columns={columns} rows={metrics.returning} rowKey={(row) => String(row.days)} />
    </Section>
  );
}

function Board({ metrics }: { metrics: Metrics }) {
  const { t, locale } = useLanguage();
  const percent = (share: string | null) =>
    share === null ? "–" : new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(Number(share));
  const money = (amount: string) => <Money value={{ ...metrics, amount }} />;
  const label = (name: string) => (
    <span className="flex items-center gap-1">
      {t(`metrics.${name}`)}
      <Info>{t(`metrics.${name}_text`)}</Info>
    </span>
  );
  return (
    <>
      <Figures>
        <Figure label={label("gmv")}>{money(metrics.gmv)}</Figure>
        <Figure label={label("nmv")}>{money(metrics.nmv)}</Figure>
        <Figure label={label("fees")}>{money(metrics.fees)}</Figure>
        <Figure label={label("aov")}>{money(metrics.aov)}</Figure>
        <Figure label={label("orders")}>
          <Count value={metrics.orders} />
        </Figure>
        <Figure label={label("buyers")}>
          <Count value={metrics.buyers} />
        </Figure>
        <Figure label={label("repeat_buyers")}>
          <Count value={metrics.repeat_buyers} />
        </Figure>
        <Figure label={label("dispute_rate")}>{percent(metrics.dispute_rate)}</Figure>
        <Figure label={label("on_time")}>{percent(metrics.on_time_rate)}</Figure>
        <Figure label={label("seller_hhi")}>{metrics.seller_hhi ?? "–"}</Figure>
        <Figure label={label("return_rate")}>{percent(metrics.return_rate)}</Figure>
        <Figure label={label("refund_count")}>{percent(metrics.refunds.count_rate)}</Figure>
        <Figure label={label("refund_value")} note={money(metrics.refunds.value)}>
          {percent(metrics.refunds.value_rate)}
        </Figure>
      </Figures>
      <div className="grid gap-x-12 lg:grid-cols-2">
        <MonthlyChart metrics={metrics} field="gmv" />
        <MonthlyChart metrics={metrics} field="orders" />
        <MonthlyChart metrics={metrics} field="buyers" />
        <MonthlyChart metrics={metrics} field="new_buyers" />
      </div>
      <CohortChart metrics={metrics} />
      <WhoReturns metrics={metrics} percent={percent} />
      <Deliveries metrics={metrics} percent={percent} />
    </>
  );
}

export function MetricsPage() {
  const { t } = useLanguage();
  const { from, to, token } = route.useSearch();
  const query = useQuery(readList("/market/metrics", { query: { from, to, token } }));
  return (
    <>
      <PageHead
        title={t("metrics.title")}
        lead={t("metrics.lead")}
        aside={
          query.data !== undefined && (
            <Button onClick={() => query.data && exportMetrics(query.data)}>
              <Download aria-hidden size={16} />
              {t("list.export")}
            </Button>
          )
        }
      />
      <Filters />
      <Answer query={query} blank={<Blank lines={8} height={80} />}>
        {(metrics) => <Board metrics={metrics} />}
      </Answer>
    </>
  );
}
