import { useCallback } from "react";
import type { OpsLoadTest } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Chart } from "@/ui/chart";
import { baseOption, categoryAxis, valueAxis, type Palette } from "@/ui/chart-theme";
import { Facts, Figure, Figures } from "@/ui/page";
import { When } from "@/ui/when";
import { formatBytes, formatMillis, formatNumber } from "./units";

type Measure = NonNullable<OpsLoadTest["measure"]>;
type Pace = Measure["chain_before"];

function Seconds({ each }: { each: readonly number[] }) {
  const { t, locale } = useLanguage();
  const rows = each.map((count, place) => ({ second: place + 1, count }));
  const option = useCallback(
    (p: Palette) => ({
      ...baseOption(p),
      xAxis: categoryAxis(p, each.map((_, place) => String(place + 1))),
      yAxis: valueAxis(p, (value) => formatNumber(value, locale)),
      series: [{ type: "bar", name: t("capacity.committed"), data: [...each], itemStyle: { color: p.accent } }],
    }),
    [each, locale, t],
  );
  return (
    <Chart
      question={t("capacity.each_second")}
      definition={t("capacity.each_second_text")}
      height={200}
      option={option}
      rows={rows}
      rowKey={(row) => String(row.second)}
      columns={[
        { id: "second", title: t("capacity.second"), cell: (row) => <span className="figures">{row.second}</span> },
        { id: "count", title: t("capacity.committed"), cell: (row) => <span className="figures">{formatNumber(row.count, locale)}</span>, end: true },
      ]}
    />
  );
}

function Beside({ pace }: { pace: Pace }) {
  const { t, locale } = useLanguage();
  const number = (value: number) => formatNumber(value, locale);
  return (
    <>
      {t("capacity.pace", { blocks: number(pace.blocks), transactions: number(pace.transactions), seconds: number(pace.seconds) })}
      {pace.gap_median_ms != null && (
        <span className="block">{t("capacity.gaps", { median: formatMillis(pace.gap_median_ms, locale), longest: formatMillis(pace.gap_longest_ms, locale) })}</span>
      )}
      {pace.wait_median_ms != null && (
        <span className="block">{t("capacity.waits", { median: formatMillis(pace.wait_median_ms, locale), longest: formatMillis(pace.wait_longest_ms, locale) })}</span>
      )}
    </>
  );
}

function Measured({ measure }: { measure: Measure }) {
  const { t, locale } = useLanguage();
  const number = (value: number) => formatNumber(value, locale);
  const bytes = (value: number | null | undefined) => (value == null ? t("capacity.unknown") : formatBytes(value, locale));
  return (
    <>
      <Figures>
        <Figure label={t("capacity.reached")} note={t("capacity.over", { seconds: number(measure.seconds) })}>{number(measure.per_second)}</Figure>
        <Figure label={t("capacity.median")}>{formatMillis(measure.median_ms, locale)}</Figure>
        <Figure label={t("capacity.nearly_all")}>{formatMillis(measure.p99_ms, locale)}</Figure>
        <Figure label={t("capacity.gas")}>{new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 }).format(measure.gas_per_second)}</Figure>
      </Figures>
      <Seconds each={measure.each_second} />
      <div className="mb-10">
        <Facts
          rows={[
            [t("capacity.counted"), t("capacity.counts", { sent: number(measure.sent), committed: number(measure.committed), failed: number(measure.failed), blocks: number(measure.blocks) })],
            [t("capacity.memory"), t("capacity.before_after", { before: bytes(measure.memory_before_bytes), after: bytes(measure.memory_after_bytes) })],
            [t("capacity.chain_before"), <Beside pace={measure.chain_before} />],
            [t("capacity.chain_meanwhile"), <Beside pace={measure.chain_meanwhile} />],
          ]}
        />
      </div>
    </>
  );
}

/** What a load test measured. */
export function LoadResult({ test }: { test: OpsLoadTest }) {
  const { t } = useLanguage();
  const state = test.interrupted ? "interrupted" : test.state;
  return (
    <>
      <p className="mb-6 text-ink-soft">
        <When at={test.at} /> · {t(`capacity.state.${state}`)} · {t("capacity.token")}
      </p>
      {test.why != null && <p className="mb-6 text-harm break-words">{t("capacity.why", { why: test.why })}</p>}
      {test.measure != null && <Measured measure={test.measure} />}
    </>
  );
}
