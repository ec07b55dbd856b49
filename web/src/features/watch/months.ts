const MONTHS = 13;

const text = (year: number, month: number) => new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 7);

/** The months up to now, the newest first, as `2026-11`. */
export const recentMonths = (now: Date): string[] =>
  Array.from({ length: MONTHS }, (_, back) => text(now.getUTCFullYear(), now.getUTCMonth() - back));

/** The days between which a month lies, the second not in it, as the API takes them. */
export function monthSpan(month: string): { from: string; to: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return { from: `${month}-01`, to: `${text(year, number)}-01` };
}
