import { useCallback, useMemo } from "react";
import type { Metrics } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Chart } from "@/ui/chart";
import { baseOption, categoryAxis, type Palette } from "@/ui/chart-theme";
import { Count } from "@/ui/money";

type Cohort = Metrics["cohorts"][number];

/** Shares of a cohort that bought again, month by month; month 0 is the cohort itself and is left out of the map. */
function points(cohorts: readonly Cohort[]): [number, number, number][] {
  return cohorts.flatMap(({ size, retained }, row) =>
    retained.slice(1).map((count, month): [number, number, number] => [month, row, size === 0 ? 0 : (100 * count) / size]),
  );
}

export function CohortChart({ metrics }: { metrics: Metrics }) {
  const { t, locale } = useLanguage();
  // Months without a first order have nobody to come back.
  const cohorts = useMemo(() => metrics.cohorts.filter(({ size }) => size > 0), [metrics.cohorts]);
  const span = Math.max(0, ...cohorts.map(({ retained }) => retained.length - 1));
  const option = useCallback(
    (p: Palette) => {
      const base = baseOption(p);
      const data = points(cohorts);
      const shares = data.map(([, , share]) => share);
      const [least, most] = [Math.min(...shares, 100), Math.max(...shares, 1)];
      return {
        ...base,
        tooltip: {
          ...base.tooltip,
          trigger: "item",
          formatter: ({ data: point }: { data: [number, number, number] }) => {
            const cohort = cohorts[point[1]];
            const count = cohort?.retained[point[0] + 1] ?? 0;
            return t("metrics.cohort_point", {
              month: cohort?.month,
              later: point[0] + 1,
              count,
              share: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(point[2]),
            });
          },
        },
        xAxis: { ...categoryAxis(p, Array.from({ length: span }, (_, n) => `+${n + 1}`)), splitArea: { show: false } },
        yAxis: { ...categoryAxis(p, cohorts.map(({ month }) => month)), inverse: true, axisLine: { show: false } },
        visualMap: { show: false, min: Math.max(0, least - (most - least) / 3), max: most, inRange: { color: [p.sunken, p.accent] } },
        series: [{ type: "heatmap", data, itemStyle: { borderColor: p.raised, borderWidth: 1 } }],
      };
    },
    [cohorts, span, locale, t],
  );
  return (
    <Chart
      question={t("metrics.question_cohorts")}
      definition={t("metrics.cohorts_text")}
      height={Math.max(160, 48 + cohorts.length * 32)}
      option={option}
      rows={cohorts}
      rowKey={(row) => row.month}
      columns={[
        { id: "month", title: t("metrics.cohort"), cell: (row) => row.month },
        { id: "size", title: t("metrics.size"), cell: (row) => <Count value={row.size} />, end: true },
        {
          id: "retained",
          title: t("metrics.retained"),
          cell: (row) => <span className="figures text-sm">{row.retained.slice(1).join(" · ")}</span>,
        },
      ]}
    />
  );
}
