const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const seconds = { MINUTE, HOUR, DAY };

/** The API writes instants as RFC 3339 text, the explorer as seconds since 1970. */
export const toSeconds = (instant: string | number): number =>
  typeof instant === "number" ? instant : Math.floor(Date.parse(instant) / 1000);

export function formatDate(instant: string | number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" }).format(toSeconds(instant) * 1000);
}

export function formatDateTime(instant: string | number, locale: string): string {
  const style = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(locale, style).format(toSeconds(instant) * 1000);
}

export const formatExact = (instant: string | number): string => new Date(toSeconds(instant) * 1000).toISOString();

function largestUnit(span: number): [number, "second" | "minute" | "hour" | "day"] {
  const size = Math.abs(span);
  if (size < MINUTE) return [Math.trunc(span), "second"];
  if (size < HOUR) return [Math.trunc(span / MINUTE), "minute"];
  if (size <= 2 * DAY) return [Math.trunc(span / HOUR), "hour"];
  return [Math.trunc(span / DAY), "day"];
}

/** "in 3 days", "2 hours ago"; older than a month is a date. */
export function formatRelative(instant: string | number, now: number, locale: string): string {
  const span = toSeconds(instant) - now;
  if (Math.abs(span) > 45 * DAY) return formatDate(instant, locale);
  const [value, unit] = largestUnit(span);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(value, unit);
}

/** "5 days", "48 hours": a length of time as a term of sale. */
export function formatSpan(span: number, locale: string): string {
  const [value, unit] = span % DAY === 0 && span > 2 * DAY ? ([span / DAY, "day"] as const) : largestUnit(span);
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

const IDLE_LIMIT = 60 * DAY;

/**
 * The business's clock. Deadlines are measured against block time, which a demo may have moved forward and a replay may
 * have left decades back, so neither the wall clock nor the last block alone is right: a chain ahead of the wall clock
 * runs on from its head, one far behind stands still, and an idle one follows the wall.
 */
export function chainNow(head: number, headSeenAt: number, wall: number): number {
  if (head >= headSeenAt) return head + Math.max(0, wall - headSeenAt);
  return wall - head > IDLE_LIMIT ? head : wall;
}
