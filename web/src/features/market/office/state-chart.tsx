import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Dashboard } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Chart } from "@/ui/chart";
import { baseOption, categoryAxis, valueAxis, type Palette } from "@/ui/chart-theme";
import { Count, Money } from "@/ui/money";
import { State } from "@/ui/state";

const IN_QUESTION: readonly string[] = ["contested", "return", "disputed", "escalated", "ruled"];

function colourOf(state: string, p: Palette): string {
  if (state === "released" || state === "settled") return p.safe;
  if (state === "refunded") return p.strong;
  return IN_QUESTION.includes(state) ? p.amber : p.soft;
}

export function StateChart({ rows }: { rows: Dashboard["orders_by_state"] }) {
  const { t, locale } = useLanguage();
  const navigate = useNavigate();
  const option = useCallback(
    (p: Palette) => ({
      ...baseOption(p),
      xAxis: valueAxis(p, (value) => new Intl.NumberFormat(locale, { notation: "compact" }).format(value)),
      yAxis: { ...categoryAxis(p, rows.map(({ state }) => t(`state.${state}`))), inverse: true },
      series: [
        {
          type: "bar",
          barMaxWidth: 22,
          label: { show: true, position: "right", color: p.soft, fontFamily: p.font },
          data: rows.map(({ state, count }) => ({
            value: count,
            itemStyle: { color: colourOf(state, p) },
          })),
        },
      ],
      grid: { left: 4, right: 48, top: 8, bottom: 4, containLabel: true },
    }),
    [rows, locale, t],
  );
  return (
    <Chart
      question={t("office.question_states")}
      definition={t("office.states_text")}
      option={option}
      onPick={(n) => void navigate({ to: "/office/orders", search: { state: rows[n]?.state } })}
      rows={rows}
      rowKey={(row) => row.state}
      columns={[
        { id: "state", title: t("order.state"), cell: (row) => <State state={row.state} /> },
        { id: "count", title: t("metrics.orders"), cell: (row) => <Count value={row.count} />, end: true },
        { id: "value", title: t("order.total"), cell: (row) => <Money value={row.value} />, end: true },
      ]}
    />
  );
}
