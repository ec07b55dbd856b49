import { read, readList, type Input } from "@/lib/api/read";

export const SORTS = ["newest", "popular", "price_asc", "price_desc"] as const;
const PAGE_SIZE = 24;

export interface OfferSearch {
  q?: string;
  category?: string;
  sort?: string;
  cursor?: string;
}

export const sortOf = (search: OfferSearch) => SORTS.find((known) => known === search.sort) ?? "newest";

export const offersInput = (search: OfferSearch): Input<"/market/offers"> => ({
  query: {
    q: search.q,
    category: search.category,
    sort: sortOf(search),
    active: true,
    limit: PAGE_SIZE,
    cursor: search.cursor,
  },
});

export const offersQuery = (search: OfferSearch) => readList("/market/offers", offersInput(search));

export const newOffersQuery = () => readList("/market/offers", { query: { sort: "newest", active: true, limit: 8 } });

export const offerQuery = (id: string) => read("/market/offers/{id}", { path: { id: Number(id) } });
