import { useSyncExternalStore } from "react";
import type { EIP1193Provider } from "viem";

/** One wallet that announced itself by EIP-6963. */
export interface Announced {
  info: { uuid: string; name: string; icon: string; rdns: string };
  provider: EIP1193Provider;
}

let announced: readonly Announced[] = [];
const listeners = new Set<() => void>();

function isAnnouncement(detail: unknown): detail is Announced {
  if (typeof detail !== "object" || detail === null) return false;
  const { info, provider } = detail as { info?: unknown; provider?: unknown };
  return typeof info === "object" && info !== null && "rdns" in info && typeof provider === "object" && provider !== null;
}

if (typeof window !== "undefined") {
  window.addEventListener("eip6963:announceProvider", (event) => {
    const { detail } = event as CustomEvent<unknown>;
    if (!isAnnouncement(detail) || announced.some(({ info }) => info.uuid === detail.info.uuid)) return;
    announced = [...announced, detail];
    listeners.forEach((listener) => listener());
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
}

export const findProvider = (rdns: string): EIP1193Provider | null =>
  announced.find(({ info }) => info.rdns === rdns)?.provider ?? null;

export function useAnnouncedWallets(): readonly Announced[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => announced,
  );
}
