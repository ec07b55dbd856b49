import { useQueryClient } from "@tanstack/react-query";
import { useChain, useDemo, useSession } from "@/lib/queries";
import { sessionIsFor, signIn } from "@/lib/wallet/session";
import { useWallet } from "@/lib/wallet/state";

/** Opens a session for the connected wallet when there is none yet; resolves once there is one. */
export function useSessionGate(): () => Promise<void> {
  const queries = useQueryClient();
  const chain = useChain().data;
  const demo = useDemo().data;
  const session = useSession().data;
  const wallet = useWallet();
  return async () => {
    if (sessionIsFor(session, wallet)) return;
    if (chain === undefined || wallet === null) throw new Error("signing in needs a connected wallet");
    await signIn(queries, chain, wallet, demo ?? null);
  };
}
