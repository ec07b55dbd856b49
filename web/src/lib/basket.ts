import { createStore } from "./store";

export interface BasketLine {
  offerId: string;
  quantity: number;
}

const LINES_MAX = 40;

function parse(raw: unknown): BasketLine[] {
  if (!Array.isArray(raw)) return [];
  const lines: BasketLine[] = [];
  for (const entry of raw as unknown[]) {
    if (typeof entry !== "object" || entry === null) continue;
    const { offerId, quantity } = entry as Record<string, unknown>;
    if (typeof offerId === "string" && Number.isSafeInteger(quantity) && Number(quantity) > 0) {
      lines.push({ offerId, quantity: Number(quantity) });
    }
  }
  return lines.slice(0, LINES_MAX);
}

const store = createStore<BasketLine[]>("guildhall.basket", parse);

export const useBasket = store.use;
export const clearBasket = () => store.set([]);

export function addToBasket(offerId: string, quantity: number) {
  const lines = store.get();
  const held = lines.find((line) => line.offerId === offerId);
  setQuantity(offerId, (held?.quantity ?? 0) + quantity);
}

/** Zero takes the line out. */
export function setQuantity(offerId: string, quantity: number) {
  const lines = store.get();
  if (quantity <= 0) return store.set(lines.filter((line) => line.offerId !== offerId));
  if (lines.some((line) => line.offerId === offerId)) {
    return store.set(lines.map((line) => (line.offerId === offerId ? { offerId, quantity } : line)));
  }
  store.set([...lines, { offerId, quantity }].slice(0, LINES_MAX));
}
