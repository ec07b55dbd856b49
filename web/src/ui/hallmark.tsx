import { hallmark } from "@/lib/hallmark";

const INKS = ["var(--mark-0)", "var(--mark-1)", "var(--mark-2)", "var(--mark-3)", "var(--mark-4)", "var(--mark-5)"];

/** The seal of one address. Decorative where the name or address stands beside it, which is everywhere. */
export function Hallmark({ address, size = 20 }: { address: string; size?: number }) {
  const { outline, strokes, filled, ink } = hallmark(address);
  const colour = INKS[ink];
  return (
    <svg aria-hidden viewBox="0 0 24 24" width={size} height={size} className="inline-block shrink-0 align-[-0.2em]">
      <path d={outline} fill={filled ? colour : "none"} stroke={colour} strokeWidth={filled ? 0 : 1.6} />
      <g fill="none" stroke={filled ? "var(--paper)" : colour} strokeWidth={2} strokeLinecap="round" strokeLinejoin="round">
        {strokes.map((stroke) => (
          <path key={stroke} d={stroke} />
        ))}
      </g>
    </svg>
  );
}
