import type { Hex } from "@/lib/address";
import { asHex } from "@/lib/address";
import type { Chain } from "@/lib/api/types";
import type { Tools } from "@/lib/chain/tools";
import { createStore } from "@/lib/store";

/** Keys that this browser has derived, by wallet, panel and chain. */
type Keys = Record<string, string>;

const keys = createStore<Keys>("guildhall.arbiter", (raw) =>
  typeof raw === "object" && raw !== null
    ? Object.fromEntries(Object.entries(raw as Record<string, unknown>).filter((pair): pair is [string, string] => typeof pair[1] === "string"))
    : {},
);

/** The arbiter's key: kept in this browser, and derived again by one signature where it is not. */
export async function arbiterKey(tools: Tools, chain: Chain, panel: string): Promise<Hex> {
  const { keyOf, secretMessage } = await import("@/lib/chain/panel");
  const name = `${tools.account}-${panel}-${chain.chain_id}`.toLowerCase();
  const kept = keys.get()[name];
  if (kept !== undefined) return asHex(kept);
  const key = keyOf(await tools.signMessage(secretMessage(chain.chain_id, panel)));
  keys.set({ ...keys.get(), [name]: key });
  return key;
}
