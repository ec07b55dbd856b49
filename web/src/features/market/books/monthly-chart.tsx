import { useCallback } from "react";
import type { Metrics } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, toChartNumber } from "@/lib/money";
import { Chart } from "@/ui/chart";
import { baseOption, categoryAxis, valueAxis, type Palette } from "@/ui/chart-theme";
import { Count } from "@/ui/money";

type Row = Metrics["monthly"][number];
type Field = "gmv" | "orders" | "buyers" | "new_buyers";

const number = (row: Row, field: Field, decimals: number) =>
  field === "gmv" ? toChartNumber(row.gmv, decimals) : row[field];

export function MonthlyChart({ metrics, field }: { metrics: Metrics; field: Field }) {
  const { t, locale } = useLanguage();
  const { monthly, decimals } = metrics;
  const unit = field === "gmv" ? ` ${metrics.symbol}` : "";
  const option = useCallback(
    (p: Palette) => {
      const base = baseOption(p);
      return {
        ...base,
        tooltip: {
          ...base.tooltip,
          valueFormatter: (value: number) => new Intl.NumberFormat(locale).format(value) + unit,
        },
        xAxis: categoryAxis(p, monthly.map(({ month }) => month)),
        yAxis: valueAxis(p, (value) => new Intl.NumberFormat(locale, { notation: "compact" }).format(value)),
        series: [
          {
            name: t(`metrics.${field}`),
            type: "bar",
            color: field === "gmv" ? p.accent : p.soft,
            barCategoryGap: "32%",
            barMaxWidth: 48,
            data: monthly.map((row) => number(row, field, decimals)),
          },
        ],
      };
    },
    [monthly, decimals, field, unit, locale, t],
  );
  return (
    <Chart
      question={t(`metrics.question_${field}`)}
      definition={t(`metrics.${field}_text`)}
      option={option}
      rows={monthly}
      rowKey={(row) => row.month}
      columns={[
        { id: "month", title: t("chart.month"), cell: (row) => row.month },
        {
          id: field,
          title: t(`metrics.${field}`),
          end: true,
          cell: (row) =>
            field === "gmv" ? (
              <span className="figures">{formatUnits(BigInt(row.gmv), decimals, locale)}</span>
            ) : (
              <Count value={row[field]} />
            ),
        },
      ]}
    />
  );
}
