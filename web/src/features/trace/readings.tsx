import { useCallback } from "react";
import type { TraceReadings } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { toSeconds } from "@/lib/time";
import { Chart } from "@/ui/chart";
import { baseOption, timeAxis, valueAxis, type Palette } from "@/ui/chart-theme";
import { When } from "@/ui/when";

const UNITS: Record<string, string> = { CEL: "°C", FAH: "°F", KEL: "K", P1: "%", A93: "g/m³", LUX: "lx", KMH: "km/h" };
const KNOWN = new Set(["Temperature", "RelativeHumidity", "AbsoluteHumidity", "Illuminance", "Speed"]);

/** What sensors read on the way: drawn as it was reported, alarms marked. */
export function Readings({ readings }: { readings: TraceReadings }) {
  const { t, locale } = useLanguage();
  const { points, measures, unit } = readings;
  const sign = UNITS[unit] ?? unit;
  const name = KNOWN.has(measures) ? t(`measure.${measures}`) : measures;
  const number = useCallback((value: number) => `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value)} ${sign}`, [locale, sign]);
  const option = useCallback(
    (p: Palette) => ({
      ...baseOption(p),
      xAxis: timeAxis(p),
      yAxis: valueAxis(p, number),
      series: [
        {
          name,
          type: "line",
          smooth: true,
          symbol: "circle",
          symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) => (points[dataIndex]?.alarm ? 11 : 0),
          color: p.accent,
          lineStyle: { width: 2.5 },
          data: points.map((point) => [toSeconds(point.at) * 1000, point.value]),
        },
      ],
    }),
    [points, name, number],
  );
  return (
    <Chart
      question={t("trace.readings", { name })}
      definition={t("trace.readings_text")}
      option={option}
      height={220}
      rows={points}
      rowKey={(point) => point.at}
      columns={[
        { id: "at", title: t("chart.time"), cell: (point) => <When at={point.at} /> },
        { id: "value", title: name, cell: (point) => <span className={point.alarm ? "text-harm" : ""}>{number(point.value)}</span>, end: true },
      ]}
    />
  );
}
