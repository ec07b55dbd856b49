import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Chain } from "@/lib/api/types";
import type { Tools } from "@/lib/chain/tools";
import { useChain, useDemo } from "@/lib/queries";
import { useSessionGate } from "@/lib/wallet/use-session-gate";
import { useWallet } from "@/lib/wallet/state";

/** Runs something that needs the wallet and a session, and says whether it is under way or failed. */
export function useSealing() {
  const queries = useQueryClient();
  const wallet = useWallet();
  const chain = useChain().data;
  const demo = useDemo().data;
  const ensureSession = useSessionGate();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const run = async (act: (tools: Tools, chain: Chain) => Promise<void>) => {
    if (wallet === null || chain === undefined) return;
    setBusy(true);
    setFailed(null);
    try {
      await ensureSession();
      const { openTools } = await import("@/lib/chain/tools");
      await act(openTools(chain, wallet, demo ?? null), chain);
      await queries.invalidateQueries({ predicate: ({ queryKey }) => /delivery|personal/.test(String(queryKey[0])) });
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return { run, busy, failed };
}
