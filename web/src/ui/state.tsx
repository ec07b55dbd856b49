import { useTranslation } from "react-i18next";
import type { OrderState } from "@/lib/api/types";

const STEP: Record<OrderState, number> = {
  funded: 1,
  accepted: 2,
  shipped: 3,
  contested: 3,
  delivered: 4,
  return: 3,
  disputed: 2,
  escalated: 2,
  ruled: 3,
  released: 4,
  settled: 4,
  refunded: 0,
};
const TICKS = ["M12 3a9 9 0 0 1 9 9", "M21 12a9 9 0 0 1-9 9", "M12 21a9 9 0 0 1-9-9", "M3 12a9 9 0 0 1 9-9"];

/** Amber where a deadline decides between two sides, green where everybody has been paid. */
const COLOUR: Partial<Record<OrderState, string>> = {
  contested: "text-amber",
  return: "text-amber",
  disputed: "text-amber",
  escalated: "text-amber",
  ruled: "text-amber",
  released: "text-safe",
  settled: "text-safe",
  refunded: "text-ink-faint",
};

const BACK = "M15.5 8.5H10a3 3 0 0 0 0 6h3M8.5 8.5 11 6M8.5 8.5 11 11";
const SPLIT = "M12 8v8M8 8v8M16 8v8";
const QUESTION = "M12 8v4.6M12 15.4v.6";
const SCALES = "M12 7.5v9M8 9.5h8M9.5 16.5h5";

/** What a state adds inside the dial. */
const SIGN: Partial<Record<OrderState, string>> = {
  contested: QUESTION,
  return: BACK,
  disputed: QUESTION,
  escalated: SCALES,
  ruled: SCALES,
  released: "m8 12.2 2.8 2.8L16 9.5",
  settled: SPLIT,
  refunded: BACK,
};

/** How far an order has come, as a dial of four quarters beside its word. */
export function State({ state }: { state: OrderState }) {
  const { t } = useTranslation();
  const done = STEP[state];
  return (
    <span className={`inline-flex items-center gap-2 whitespace-nowrap ${COLOUR[state] ?? "text-ink"}`}>
      <svg aria-hidden viewBox="0 0 24 24" width={18} height={18} fill="none" strokeWidth={3.2}>
        {TICKS.map((tick, n) => (
          <path key={tick} d={tick} stroke={n < done ? "currentColor" : "var(--line-strong)"} opacity={n < done ? 1 : 0.6} />
        ))}
        {SIGN[state] !== undefined && <path d={SIGN[state]} stroke="currentColor" strokeWidth={2.2} />}
      </svg>
      {t(`state.${state}`)}
    </span>
  );
}
