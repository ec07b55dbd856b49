import { useSyncExternalStore } from "react";

/** The page's own colours, read from its style sheet, so that charts turn with the theme. */
export interface Palette {
  ink: string;
  soft: string;
  faint: string;
  line: string;
  strong: string;
  raised: string;
  sunken: string;
  accent: string;
  safe: string;
  amber: string;
  font: string;
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour("ink"),
    soft: colour("ink-soft"),
    faint: colour("ink-faint"),
    line: colour("line"),
    strong: colour("line-strong"),
    raised: colour("raised"),
    sunken: colour("sunken"),
    accent: colour("accent"),
    safe: colour("safe"),
    amber: colour("amber"),
    font: style.fontFamily,
  };
}

let palette: Palette | null = null;

function subscribe(listener: () => void) {
  const observer = new MutationObserver(() => {
    palette = null;
    listener();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

export const usePalette = (): Palette => useSyncExternalStore(subscribe, () => (palette ??= readPalette()));

const axisLabel = (p: Palette) => ({ color: p.faint, fontFamily: p.font, fontSize: 13 });

/** What every chart shares: quiet axes, hairlines, and a tooltip that looks like the rest of the house. */
export function baseOption(p: Palette) {
  return {
    aria: { enabled: true },
    animationDuration: 300,
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: { fontFamily: p.font, color: p.ink },
    grid: { left: 4, right: 8, top: 16, bottom: 4, containLabel: true },
    tooltip: {
      trigger: "axis",
      backgroundColor: p.raised,
      borderColor: p.strong,
      textStyle: { color: p.ink, fontFamily: p.font },
      extraCssText: "border-radius:6px;box-shadow:none;",
      axisPointer: { type: "line", lineStyle: { color: p.strong, type: "solid" } },
    },
  };
}

export const categoryAxis = (p: Palette, data: readonly string[]) => ({
  type: "category",
  data,
  axisLine: { lineStyle: { color: p.strong } },
  axisTick: { show: false },
  axisLabel: { ...axisLabel(p), hideOverlap: true },
});

export const timeAxis = (p: Palette) => ({
  type: "time",
  axisLine: { lineStyle: { color: p.strong } },
  axisTick: { show: false },
  axisLabel: { ...axisLabel(p), hideOverlap: true },
  splitLine: { show: false },
});

export const valueAxis = (p: Palette, format: (value: number) => string) => ({
  type: "value",
  axisLabel: { ...axisLabel(p), formatter: format },
  splitLine: { lineStyle: { color: p.line } },
  splitNumber: 4,
});
