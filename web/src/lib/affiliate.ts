import { asHex, sameAddress, type Hex } from "./address";
import { createStore } from "./store";

/** Who recommended what is bought here, as the link that led here said. */
interface Recommender {
  address: string;
  /** Forgotten after this time, in milliseconds since 1970. */
  until: number;
}

const KEPT_MS = 30 * 24 * 3_600_000;

const store = createStore<Recommender | null>("guildhall.recommender", (raw) => {
  if (typeof raw !== "object" || raw === null) return null;
  const { address, until } = raw as Partial<Recommender>;
  return typeof address === "string" && /^0x[0-9a-fA-F]{40}$/.test(address) && typeof until === "number" ? { address, until } : null;
});

/** Remembers who recommended, from the address that was opened; the last link counts, for thirty days. */
export function noteRecommender(search: string, now: number) {
  const via = new URLSearchParams(search).get("via") ?? "";
  if (/^0x[0-9a-fA-F]{40}$/.test(via)) store.set({ address: via, until: now + KEPT_MS });
}

/** Who gets a share of the fee of a purchase; nobody who buys or sells in it. */
export function recommenderOf(parties: readonly string[], now: number): Hex | null {
  const kept = store.get();
  if (kept === null || kept.until < now || parties.some((party) => sameAddress(party, kept.address))) return null;
  return asHex(kept.address);
}

export const recommendation = (origin: string, offerId: string, address: string): string => `${origin}/offers/${offerId}?via=${address}`;
