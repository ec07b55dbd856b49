import { read, readList, type Input } from "@/lib/api/read";
import { parseDecimal } from "@/lib/money";

export const SORTS = ["newest", "popular", "price_asc", "price_desc"] as const;
/** A search is sorted by how well things fit, unless something else is asked for. */
export const SEARCH_SORTS = ["relevance", ...SORTS] as const;
const PAGE_SIZE = 24;
/** Prices in the address are in the house's currency. */
const PRICE_DECIMALS = 6;

export interface OfferSearch {
  q?: string;
  category?: string;
  sort?: string;
  /** Prices, as people write them. */
  from?: string;
  to?: string;
  /** `1` for what is there. */
  stock?: string;
  /** `shipped` or `digital`. */
  kind?: string;
  cursor?: string;
}

export const sortOf = (search: OfferSearch) =>
  (search.q ? SEARCH_SORTS : SORTS).find((known) => known === search.sort) ?? (search.q ? "relevance" : "newest");

const price = (text: string | undefined) => (text === undefined ? undefined : parseDecimal(text, PRICE_DECIMALS)?.toString());

export const offersInput = (search: OfferSearch): Input<"/market/offers"> => ({
  query: {
    q: search.q,
    category: search.category,
    sort: sortOf(search),
    active: true,
    price_min: price(search.from),
    price_max: price(search.to),
    in_stock: search.stock === "1" ? true : undefined,
    digital: search.kind === "digital" ? true : search.kind === "shipped" ? false : undefined,
    limit: PAGE_SIZE,
    cursor: search.cursor,
  },
});

export const offersQuery = (search: OfferSearch) => readList("/market/offers", offersInput(search));

export const newOffersQuery = () => readList("/market/offers", { query: { sort: "newest", active: true, limit: 8 } });

export const offerQuery = (id: string) => read("/market/offers/{id}", { path: { id: Number(id) } });
