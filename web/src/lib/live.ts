import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { API_BASE } from "./api/client";
import type { Chain } from "./api/types";

interface BlockEvent {
  number: number;
  hash: string;
  timestamp: number;
}

const ON_BLOCK = ["/market/solvency", "/explorer/blocks", "/explorer/transactions", "/status"];
const ON_ORDER = ["/market/orders", "/market/orders/{id}", "/market/accounts/{address}", "/market/dashboard", "/notices", "/notices/unread"];
const ON_CASE = ["/arbitrations", "/arbitrations/{id}", "/arbiters", "/arbiters/{address}", "/market/orders/{id}/evidence"];
const ON_REVIEW = ["/reviews", "/review-scores"];
const ON_OFFER = ["/market/offers", "/market/offers/{id}", "/market/categories"];

/** Bursts of events are gathered, so that a busy chain refreshes a page about once a second and no more. */
const GATHER_MS = 900;

/** Listens to the server's event stream and refreshes what is on the page; the browser reconnects by itself. */
export function useLiveUpdates() {
  const queries = useQueryClient();
  useEffect(() => {
    if (typeof EventSource === "undefined") return;
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const paths = [...stale];
      stale.clear();
      void queries.invalidateQueries({ predicate: ({ queryKey }) => paths.includes(String(queryKey[0])) });
    };
    const mark = (paths: readonly string[]) => {
      paths.forEach((path) => stale.add(path));
      timer ??= setTimeout(flush, GATHER_MS);
    };
    const source = new EventSource(`${API_BASE}/events`);
    source.addEventListener("block", (event: MessageEvent<string>) => {
      const { number, hash, timestamp } = JSON.parse(event.data) as BlockEvent;
      queries.setQueryData<Chain>(["/chain", {}], (chain) => chain && { ...chain, head: { number, hash, timestamp } });
      mark(ON_BLOCK);
    });
    source.addEventListener("order", () => mark(ON_ORDER));
    source.addEventListener("offer", () => mark(ON_OFFER));
    source.addEventListener("case", () => mark(ON_CASE));
    source.addEventListener("review", () => mark(ON_REVIEW));
    source.addEventListener("arbiter", () => mark(ON_CASE));
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [queries]);
}
