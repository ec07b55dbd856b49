import type { QueryClient } from "@tanstack/react-query";
import { client, setCsrf } from "@/lib/api/client";
import type { Chain, Demo, Session } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import type { Wallet } from "./state";

const KEY = ["/auth/session", {}] as const;

/** Answers that say more to whoever may know it, by how their paths begin. */
const FOR_THE_VIEWER = ["/campaigns", "/tickets", "/personal-data", "/orders/{id}/delivery", "/wishes", "/notices"];

const forgetOthersView = (queries: QueryClient) =>
  queries.invalidateQueries({
    predicate: ({ queryKey }) => FOR_THE_VIEWER.some((start) => String(queryKey[0]).startsWith(start)),
  });

/** Sign-In with Ethereum: the wallet signs one message that costs nothing and moves nothing. */
export async function signIn(queries: QueryClient, chain: Chain, wallet: Wallet, demo: Demo | null): Promise<Session> {
  const [{ openTools }, { createSiweMessage }] = await Promise.all([import("@/lib/chain/tools"), import("viem/siwe")]);
  const { data: nonce } = await client.POST("/auth/nonce");
  if (nonce === undefined) throw new Error("the server gave no nonce");
  const { getAddress } = await import("viem");
  const message = createSiweMessage({
    address: getAddress(wallet.address),
    chainId: chain.chain_id,
    domain: window.location.host,
    nonce: nonce.nonce,
    uri: window.location.origin,
    version: "1",
    statement: "Sign in to Guildhall. This moves no money.",
  });
  const signature = await openTools(chain, wallet, demo).signMessage(message);
  const { data: session } = await client.POST("/auth/verify", { body: { message, signature } });
  if (session === undefined) throw new Error("the server gave no session");
  setCsrf(session.csrf ?? null);
  queries.setQueryData(KEY, session);
  void forgetOthersView(queries);
  // A list that can't be merged stays where it is; signing in does not fail for it.
  void import("@/lib/wishes").then(({ mergeWishes }) => mergeWishes(queries)).catch(() => undefined);
  return session;
}

export async function signOut(queries: QueryClient) {
  await client.DELETE("/auth/session");
  setCsrf(null);
  await queries.invalidateQueries({ queryKey: KEY });
  await forgetOthersView(queries);
}

/** True when the signed-in address is the one that the wallet would sign with. */
export const sessionIsFor = (session: Session | undefined, wallet: Wallet | null): boolean =>
  wallet !== null && sameAddress(session?.address, wallet.address);
