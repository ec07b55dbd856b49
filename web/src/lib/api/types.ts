import type { Answer } from "./read";

/** Names for the wire types, derived from the routes that answer with them. */
export type Chain = Answer<"/chain">;
export type Status = Answer<"/status">;
export type Session = Answer<"/auth/session">;
export type Demo = Answer<"/demo">;
export type Persona = Demo["personas"][number];
export type Category = Answer<"/market/categories">[number];
export type OfferCard = Answer<"/market/offers">["items"][number];
export type OfferDetail = Answer<"/market/offers/{id}">;
export type Order = Answer<"/market/orders">["items"][number];
export type OrderDetail = Answer<"/market/orders/{id}">;
export type OrderState = Order["state"];
export type NextAction = Order["next"][number];
export type Action = NextAction["action"];
export type Money = Order["total"];
export type Localized = OfferCard["title"];
export type Party = Order["buyer"];
export type Account = Answer<"/market/accounts/{address}">;
export type Solvency = Answer<"/market/solvency">;
export type SolvencyToken = Solvency["tokens"][number];
export type Metrics = Answer<"/market/metrics">;
export type Dashboard = Answer<"/market/dashboard">;
export type Block = Answer<"/explorer/blocks">["items"][number];
export type TransactionRow = Answer<"/explorer/transactions">["items"][number];
export type Transaction = Answer<"/explorer/transactions/{hash}">;
export type SearchItem = Answer<"/search">["items"][number];
