import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { fetchAnswer, read } from "./api/read";
import { setCsrf } from "./api/client";
import type { Demo } from "./api/types";
import { chainNow } from "./time";

export const useChain = () => useQuery({ ...read("/chain"), staleTime: 60_000 });

const wallSeconds = () => Math.floor(Date.now() / 1000);

/** The chain's own clock, in seconds, moving every half minute or with each new head. */
export function useNow(): number {
  const head = useChain().data?.head.timestamp;
  const seen = useRef({ head: 0, at: wallSeconds() });
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  const wall = wallSeconds();
  if (head === undefined) return wall;
  if (seen.current.head !== head) seen.current = { head, at: wall };
  return chainNow(head, seen.current.at, wall);
}

/** The demo's personas, or null where the operator did not start a demo. */
export function useDemo() {
  const queries = useQueryClient();
  return useQuery({
    queryKey: ["/demo", {}] as const,
    staleTime: 30_000,
    queryFn: async (): Promise<Demo | null> => {
      const { demo } = await queries.ensureQueryData(read("/chain"));
      return demo ? fetchAnswer("/demo") : null;
    },
  });
}

export const useSession = () =>
  useQuery({
    queryKey: ["/auth/session", {}] as const,
    staleTime: 60_000,
    queryFn: async () => {
      const session = await fetchAnswer("/auth/session");
      setCsrf(session.csrf ?? null);
      return session;
    },
  });

export const useAccount = (address: string | null | undefined) =>
  useQuery({
    ...read("/market/accounts/{address}", { path: { address: address ?? "" } }),
    enabled: address != null,
  });

export const useCategories = () => useQuery({ ...read("/market/categories"), staleTime: 60_000 });
