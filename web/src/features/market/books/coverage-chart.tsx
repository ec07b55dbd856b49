import { useCallback, useMemo } from "react";
import type { Solvency } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, toChartNumber } from "@/lib/money";
import { toSeconds } from "@/lib/time";
import { Chart } from "@/ui/chart";
import { baseOption, timeAxis, valueAxis, type Palette } from "@/ui/chart-theme";
import { When } from "@/ui/when";

export function CoverageChart({ books }: { books: Solvency }) {
  const { t, locale } = useLanguage();
  const token = books.tokens[0];
  const rows = useMemo(() => books.history.filter((point) => sameAddress(point.token, token?.token)), [books.history, token]);
  const decimals = token?.decimals ?? 0;
  const option = useCallback(
    (p: Palette) => ({
      ...baseOption(p),
      xAxis: timeAxis(p),
      yAxis: valueAxis(p, (value) => new Intl.NumberFormat(locale, { notation: "compact" }).format(value)),
      series: (["balance", "liabilities"] as const).map((field) => ({
        name: t(field === "balance" ? "solvency.held" : "solvency.owed"),
        type: "line",
        step: "end",
        showSymbol: false,
        lineStyle: { width: field === "balance" ? 2 : 1.5, type: field === "balance" ? "solid" : "dashed" },
        color: field === "balance" ? p.safe : p.accent,
        data: rows.map((point) => [toSeconds(point.at) * 1000, toChartNumber(point[field], decimals)]),
      })),
    }),
    [rows, decimals, locale, t],
  );
  if (token === undefined) return null;
  const money = (amount: string) => <span className="figures">{formatUnits(BigInt(amount), decimals, locale)}</span>;
  return (
    <Chart
      question={t("solvency.chart")}
      definition={t("solvency.chart_text", { symbol: token.symbol })}
      option={option}
      rows={rows}
      rowKey={(row) => row.at}
      columns={[
        { id: "at", title: t("chart.time"), cell: (row) => <When at={row.at} /> },
        { id: "balance", title: t("solvency.held"), cell: (row) => money(row.balance), end: true },
        { id: "liabilities", title: t("solvency.owed"), cell: (row) => money(row.liabilities), end: true },
      ]}
    />
  );
}
