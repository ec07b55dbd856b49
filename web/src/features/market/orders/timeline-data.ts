import type { OrderDetail } from "@/lib/api/types";

type Entry = OrderDetail["timeline"][number];

/** An argument of an event as text; numbers travel as decimal strings. */
export function argument(entry: Entry | undefined, name: string): string | null {
  const value: unknown = entry?.data[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

export const lastEvent = (order: OrderDetail, name: string): Entry | undefined =>
  order.timeline.findLast(({ event }) => event === name);

/** An amount of an event in the order's token; null where the event has none. */
export function amountOf(entry: Entry | undefined, name: string): bigint | null {
  const text = argument(entry, name);
  return text !== null && /^\d+$/.test(text) ? BigInt(text) : null;
}
