import { useQueryClient } from "@tanstack/react-query";
import { fetchAnswer, read } from "@/lib/api/read";
import { useSession } from "@/lib/queries";
import { sessionIsFor, signIn } from "@/lib/wallet/session";
import { useWallet } from "@/lib/wallet/state";

/** Opens a session for the connected wallet when there is none yet; resolves once there is one. */
export function useSessionGate(): () => Promise<void> {
  const queries = useQueryClient();
  const session = useSession().data;
  const wallet = useWallet();
  return async () => {
    if (sessionIsFor(session, wallet)) return;
    if (wallet === null) throw new Error("signing in needs a connected wallet");
    // A button can be pressed before the page has asked for these.
    const chain = await queries.ensureQueryData(read("/chain"));
    await signIn(queries, chain, wallet, chain.demo ? await fetchAnswer("/demo") : null);
  };
}
