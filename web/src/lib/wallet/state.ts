import { asHex, type Hex } from "@/lib/address";
import { createStore } from "@/lib/store";

/** A persona of the demo town, a fresh demo customer whose key lives in this browser, or the visitor's own wallet. */
export type Wallet =
  | { kind: "persona"; address: Hex; index: number; name: { en: string; zh: string } }
  | { kind: "fresh"; address: Hex; privateKey: Hex }
  | { kind: "injected"; address: Hex; rdns: string; name: string };

function parse(raw: unknown): Wallet | null {
  if (typeof raw !== "object" || raw === null) return null;
  const value = raw as Record<string, unknown>;
  try {
    const address = asHex(String(value.address));
    if (value.kind === "persona") {
      return { kind: "persona", address, index: Number(value.index), name: value.name as { en: string; zh: string } };
    }
    if (value.kind === "fresh") return { kind: "fresh", address, privateKey: asHex(String(value.privateKey)) };
    if (value.kind === "injected") {
      return { kind: "injected", address, rdns: String(value.rdns), name: String(value.name) };
    }
  } catch {
    // A damaged entry means no wallet.
  }
  return null;
}

const store = createStore<Wallet | null>("guildhall.wallet", parse);

export const useWallet = store.use;
export const currentWallet = store.get;
export const setWallet = store.set;

export const isDemoWallet = (wallet: Wallet): boolean => wallet.kind !== "injected";
