const SIZES = [
  ["gigabyte", 1e9],
  ["megabyte", 1e6],
  ["kilobyte", 1e3],
] as const;

/** A size in the largest unit that leaves a whole number before the point. */
export function formatBytes(bytes: number, locale: string): string {
  const [unit, of] = SIZES.find(([, size]) => Math.abs(bytes) >= size) ?? ["byte", 1];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumSignificantDigits: 3 }).format(bytes / of);
}

/** A rate or a part: exact where it is small, rounded where it is not. */
export const formatNumber = (value: number, locale: string): string =>
  new Intl.NumberFormat(locale, value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 }).format(value);

export const formatMillis = (value: number | null | undefined, locale: string): string =>
  value == null ? "–" : new Intl.NumberFormat(locale, { style: "unit", unit: "millisecond", ...(value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 }) }).format(value);
