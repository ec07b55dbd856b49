import type { EChartsType } from "echarts/core";
import { ChartColumn, Table2 } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ChartOption } from "./chart-engine";
import { usePalette, type Palette } from "./chart-theme";
import { Info } from "./info";
import { Table, type Column } from "./table";

interface CanvasProps {
  label: string;
  height: number;
  option: (palette: Palette) => ChartOption;
  onPick?: (index: number) => void;
}

/** The drawing itself; the chart library loads when the first chart comes onto the page. */
function Canvas({ label, height, option, onPick }: CanvasProps) {
  const palette = usePalette();
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const latest = useRef({ option, palette, onPick });
  latest.current = { option, palette, onPick };

  useEffect(() => {
    const host = element.current;
    if (host === null) return;
    let gone = false;
    const observer = new ResizeObserver(() => chart.current?.resize());
    void import("./chart-engine").then(({ open }) => {
      if (gone) return;
      chart.current = open(host);
      chart.current.setOption(latest.current.option(latest.current.palette));
      chart.current.on("click", ({ dataIndex }) => {
        if (typeof dataIndex === "number") latest.current.onPick?.(dataIndex);
      });
      observer.observe(host);
    });
    return () => {
      gone = true;
      observer.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    chart.current?.setOption(option(palette));
  }, [option, palette]);

  return <div ref={element} role="img" aria-label={label} style={{ height }} className="w-full" />;
}

interface Props<T> extends Omit<CanvasProps, "label" | "height"> {
  /** A chart answers one question, and its title is that question. */
  question: string;
  definition: ReactNode;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  height?: number;
  className?: string;
}

export function Chart<T>({ question, definition, columns, rows, rowKey, height = 260, className = "", ...canvas }: Props<T>) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const Icon = asTable ? ChartColumn : Table2;
  return (
    <section className={`mb-12 min-w-0 ${className}`}>
      <div className="mb-3 flex items-center justify-between gap-3 border-b border-line pb-1">
        <h2 className="flex items-center gap-1 text-xl">
          {question}
          <Info>{definition}</Info>
        </h2>
        <button
          type="button"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
          className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-[4px] px-2 text-sm text-ink-soft hover:bg-sunken hover:text-ink"
        >
          <Icon aria-hidden size={16} />
          <span className="hidden sm:inline">{t(asTable ? "chart.as_chart" : "chart.as_table")}</span>
          <span className="sr-only sm:hidden">{t(asTable ? "chart.as_chart" : "chart.as_table")}</span>
        </button>
      </div>
      {rows.length === 0 ? (
        <p className="flex items-center text-ink-soft" style={{ height }}>
          {t("chart.empty")}
        </p>
      ) : asTable ? (
        <div className="max-h-[480px] overflow-auto" tabIndex={0} role="region" aria-label={question}>
          <Table caption={question} columns={columns} rows={rows} rowKey={rowKey} />
        </div>
      ) : (
        <Canvas label={question} height={height} {...canvas} />
      )}
    </section>
  );
}
