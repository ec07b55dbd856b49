import { useTranslation } from "react-i18next";
import type { OrderState } from "@/lib/api/types";

const STEP: Record<string, number> = { funded: 1, accepted: 2, shipped: 3, delivered: 4, released: 4, refunded: 0 };
const TICKS = ["M12 3a9 9 0 0 1 9 9", "M21 12a9 9 0 0 1-9 9", "M12 21a9 9 0 0 1-9-9", "M3 12a9 9 0 0 1 9-9"];

const COLOUR: Record<string, string> = { released: "text-safe", refunded: "text-ink-faint" };

/** How far an order has come, as a dial of four quarters beside its word. */
export function State({ state }: { state: OrderState | string }) {
  const { t } = useTranslation();
  const done = STEP[state] ?? 0;
  return (
    <span className={`inline-flex items-center gap-2 whitespace-nowrap ${COLOUR[state] ?? "text-ink"}`}>
      <svg aria-hidden viewBox="0 0 24 24" width={18} height={18} fill="none" strokeWidth={3.2}>
        {TICKS.map((tick, n) => (
          <path key={tick} d={tick} stroke={n < done ? "currentColor" : "var(--line-strong)"} opacity={n < done ? 1 : 0.6} />
        ))}
        {state === "released" && <path d="m8 12.2 2.8 2.8L16 9.5" stroke="currentColor" strokeWidth={2.6} />}
        {state === "refunded" && <path d="M15.5 8.5H10a3 3 0 0 0 0 6h3M8.5 8.5 11 6M8.5 8.5 11 11" stroke="currentColor" strokeWidth={2} />}
      </svg>
      {t(`state.${state}`)}
    </span>
  );
}
