import { useCallback, useMemo } from "react";
import type { Dashboard } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, toChartNumber } from "@/lib/money";
import { toSeconds } from "@/lib/time";
import { Chart } from "@/ui/chart";
import { baseOption, timeAxis, valueAxis, type Palette } from "@/ui/chart-theme";
import { Count } from "@/ui/money";
import { When } from "@/ui/when";

interface Point {
  at: string;
  value: number;
}

function useOption(points: readonly Point[], name: string, accent: boolean) {
  const { locale } = useLanguage();
  return useCallback(
    (p: Palette) => {
      const base = baseOption(p);
      return {
        ...base,
        tooltip: { ...base.tooltip, valueFormatter: (value: number) => new Intl.NumberFormat(locale).format(value) },
        xAxis: timeAxis(p),
        yAxis: valueAxis(p, (value) => new Intl.NumberFormat(locale, { notation: "compact" }).format(value)),
        series: [
          {
            name,
            type: "bar",
            barMaxWidth: 24,
            color: accent ? p.accent : p.soft,
            data: points.map(({ at, value }) => [toSeconds(at) * 1000, value]),
          },
        ],
      };
    },
    [points, name, accent, locale],
  );
}

/** Money and transactions over the last hours. */
export function FlowCharts({ board }: { board: Dashboard }) {
  const { t, locale } = useLanguage();
  const { decimals } = board.today.gmv;
  const gmv = useMemo(() => board.gmv_series.map(({ at, amount }) => ({ at, value: toChartNumber(amount, decimals) })), [board.gmv_series, decimals]);
  const throughput = useMemo(() => board.throughput.map(({ at, transactions }) => ({ at, value: transactions })), [board.throughput]);
  return (
    <>
      <Chart
        question={t("office.question_gmv")}
        definition={t("metrics.gmv_text")}
        option={useOption(gmv, t("metrics.gmv"), true)}
        rows={board.gmv_series}
        rowKey={(row) => row.at}
        columns={[
          { id: "at", title: t("chart.time"), cell: (row) => <When at={row.at} /> },
          {
            id: "gmv",
            title: t("metrics.gmv"),
            cell: (row) => <span className="figures">{formatUnits(BigInt(row.amount), decimals, locale)}</span>,
            end: true,
          },
        ]}
      />
      <Chart
        question={t("office.question_throughput")}
        definition={t("office.throughput_text")}
        option={useOption(throughput, t("explorer.transactions"), false)}
        rows={board.throughput}
        rowKey={(row) => row.at}
        className="lg:col-span-2"
        height={200}
        columns={[
          { id: "at", title: t("chart.time"), cell: (row) => <When at={row.at} /> },
          { id: "count", title: t("explorer.transactions"), cell: (row) => <Count value={row.transactions} />, end: true },
        ]}
      />
    </>
  );
}
