import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { client } from "./api/client";
import { read } from "./api/read";
import { useSession } from "./queries";
import { createStore } from "./store";
import { sessionIsFor } from "./wallet/session";
import { useWallet } from "./wallet/state";

const WISHES_MAX = 200;

function parse(raw: unknown): string[] {
  return Array.isArray(raw) ? raw.filter((id): id is string => typeof id === "string" && /^\d+$/.test(id)).slice(0, WISHES_MAX) : [];
}

/** The list of somebody who has not signed in; it stays in this browser until they do. */
const store = createStore<string[]>("guildhall.wishes", parse);

const isWishes = ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] === "/wishes";

/** Moves a list that was made before signing in to the house. Kept here should the house not take it. */
export async function mergeWishes(queries: QueryClient): Promise<void> {
  const local = store.get();
  if (local.length === 0) return;
  await client.POST("/wishes", { body: { offer_ids: local } });
  store.set([]);
  await queries.invalidateQueries({ predicate: isWishes });
}

/** The offers one would like to have, and how to change that; in this browser or, signed in, wherever one signs in. */
export function useWishes() {
  const queries = useQueryClient();
  const wallet = useWallet();
  const session = useSession().data;
  const signedIn = sessionIsFor(session, wallet);
  const local = store.use();
  const kept = useQuery({ ...read("/wishes"), enabled: signedIn, staleTime: 30_000 });
  const ids = signedIn ? (kept.data ?? []).map(({ offer_id }) => offer_id) : local;
  const toggle = async (id: string) => {
    const has = ids.includes(id);
    if (!signedIn) return store.set(has ? local.filter((other) => other !== id) : [id, ...local].slice(0, WISHES_MAX));
    const params = { path: { offer: Number(id) } };
    if (has) await client.DELETE("/wishes/{offer}", { params });
    else await client.PUT("/wishes/{offer}", { params });
    await queries.invalidateQueries({ predicate: isWishes });
  };
  return { ids, toggle, signedIn, loading: signedIn && kept.isPending };
}
