import type { paths } from "@/gen/api";
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
export type Trace = Answer<"/explorer/transactions/{hash}/trace">;
export type Contract = Answer<"/explorer/contracts/{address}">;
export type TraceItem = Answer<"/trace/item">;
export type TraceStep = TraceItem["steps"][number];
export type TraceProof = TraceStep["proof"];
export type TraceReadings = TraceItem["readings"][number];
export type TraceAlert = TraceItem["alerts"][number];
export type TraceEventCard = Answer<"/trace/events">["items"][number];
export type TraceBatch = Answer<"/trace/batches">["items"][number];
export type OpsAlert = Answer<"/ops/alerts">[number];
export type OpsIncident = Answer<"/ops/incidents">[number];
export type OpsRoom = Answer<"/ops/incidents/{id}">;
export type OpsRun = OpsRoom["runs"][number];
export type OpsEntry = OpsRoom["timeline"][number];
export type OpsTicket = Answer<"/ops/tickets">[number];
export type OpsReview = Answer<"/ops/incidents/{id}/review">;
export type IncidentReport = Answer<"/incident-reports/{id}">;
export type OpsRule = Answer<"/ops/rules">[number];
export type SearchItem = Answer<"/search">["items"][number];
export type Arbiter = Answer<"/arbiters">["items"][number];
export type ArbiterDetail = Answer<"/arbiters/{address}">;
export type Arbitration = Answer<"/arbitrations">["items"][number];
export type ArbitrationDetail = Answer<"/arbitrations/{id}">;
export type ArbitrationStep = Arbitration["next"][number];
export type ArbitrationSettings = Answer<"/arbitration-settings">;
export type EvidenceCard = Answer<"/market/orders/{id}/evidence">[number];
export type Notice = Answer<"/notices">["items"][number];
export type Ticket = Answer<"/tickets">["items"][number];
export type TicketDetail = Answer<"/tickets/{id}">;
export type OfficeHours = Answer<"/support/hours">["hours"];
export type Delivery = Answer<"/orders/{id}/delivery">;
export type PersonalData = Answer<"/personal-data">;
export type Holding = PersonalData["holdings"][number];
export type Campaign = Answer<"/campaigns">["items"][number];
export type CampaignFigures = Answer<"/campaigns/{id}/figures">;
export type Redemption = Answer<"/campaigns/{id}/redemptions">["items"][number];
export type ArmOrder = Answer<"/campaigns/{id}/orders">["items"][number];

type Posted<P extends keyof paths> = paths[P] extends {
  post: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

export type Quote = Posted<"/coupon-quotes">;
export type QuotedCoupon = Quote["lines"][number]["coupons"][number];
export type Vouchers = Posted<"/coupon-vouchers">;
export type SignedVoucher = Vouchers["lines"][number]["vouchers"][number];
export type Review = Answer<"/reviews">["items"][number];
export type ReviewScore = Answer<"/review-scores">;
export type Suspicion = Answer<"/suspected-reviews">["items"][number];
