import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { newOffersQuery, offerQuery, offersQuery } from "@/features/market/storefront/queries";
import { NotFound } from "./shell/not-found";
import { RouteTrouble } from "./shell/route-trouble";
import { Shell } from "./shell/shell";
import { keep, parseSearch, stringifySearch } from "./search";

/** Loaders only start their requests; the pages wait for them, so that a slow answer never blocks a change of page. */
const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Shell, notFoundComponent: NotFound, errorComponent: RouteTrouble });
const parent = { getParentRoute: () => root } as const;

const square = () => import("./market");
const desk = () => import("./desk");
const books = () => import("./books");
const explorer = () => import("./explorer");
const office = () => import("./office");
const trace = () => import("./trace");
const watch = () => import("./watch");
const court = () => import("./court");
const support = () => import("./support");
const promotions = () => import("./campaigns");

const home = createRoute({
  ...parent,
  path: "/",
  loader: ({ context }) => void context.queries.prefetchQuery(newOffersQuery()),
  component: lazyRouteComponent(square, "Home"),
});
const marketSearch = keep("q", "category", "sort", "from", "to", "stock", "kind", "cursor");
const market = createRoute({
  ...parent,
  path: "/market",
  validateSearch: marketSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => void context.queries.prefetchQuery(offersQuery(deps)),
  component: lazyRouteComponent(square, "Storefront"),
});
const offer = createRoute({
  ...parent,
  path: "/offers/$id",
  loader: ({ context, params }) => void context.queries.prefetchQuery(offerQuery(params.id)),
  component: lazyRouteComponent(square, "OfferRoute"),
});
const seller = createRoute({
  ...parent,
  path: "/sellers/$address",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(square, "SellerRoute"),
});
const basket = createRoute({ ...parent, path: "/basket", component: lazyRouteComponent(square, "BasketPage") });
const checkout = createRoute({ ...parent, path: "/checkout", component: lazyRouteComponent(square, "CheckoutPage") });
const wishes = createRoute({ ...parent, path: "/wishes", component: lazyRouteComponent(square, "WishesPage") });
const learn = createRoute({ ...parent, path: "/learn", component: lazyRouteComponent(square, "LearnPage") });
const status = createRoute({ ...parent, path: "/status", component: lazyRouteComponent(square, "StatusPage") });

const deskHome = createRoute({ ...parent, path: "/desk", component: lazyRouteComponent(desk, "DeskPage") });
const deskOrders = createRoute({
  ...parent,
  path: "/desk/orders",
  validateSearch: keep("side", "state", "cursor"),
  component: lazyRouteComponent(desk, "MyOrdersPage"),
});
const order = createRoute({ ...parent, path: "/orders/$id", component: lazyRouteComponent(desk, "OrderRoute") });
const deskOffers = createRoute({
  ...parent,
  path: "/desk/offers",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(desk, "MyOffersPage"),
});
const newOffer = createRoute({ ...parent, path: "/desk/offers/new", component: lazyRouteComponent(desk, "NewOfferPage") });
const editOffer = createRoute({ ...parent, path: "/desk/offers/$id", component: lazyRouteComponent(desk, "EditOfferPage") });
const wallet = createRoute({ ...parent, path: "/desk/wallet", component: lazyRouteComponent(desk, "WalletPage") });

const privacy = createRoute({ ...parent, path: "/desk/privacy", component: lazyRouteComponent(desk, "PrivacyPage") });

const solvency = createRoute({ ...parent, path: "/solvency", component: lazyRouteComponent(books, "SolvencyPage") });
const metrics = createRoute({
  ...parent,
  path: "/metrics",
  validateSearch: keep("from", "to", "token"),
  component: lazyRouteComponent(books, "MetricsPage"),
});

const blocks = createRoute({
  ...parent,
  path: "/explorer",
  validateSearch: keep("cursor", "view"),
  component: lazyRouteComponent(explorer, "ExplorerPage"),
});
const block = createRoute({
  ...parent,
  path: "/explorer/blocks/$id",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(explorer, "BlockPage"),
});
const transaction = createRoute({ ...parent, path: "/explorer/tx/$hash", component: lazyRouteComponent(explorer, "TransactionPage") });
const address = createRoute({
  ...parent,
  path: "/explorer/address/$address",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(explorer, "AddressPage"),
});
const tokens = createRoute({
  ...parent,
  path: "/explorer/tokens",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(explorer, "TokensPage"),
});
const token = createRoute({
  ...parent,
  path: "/explorer/tokens/$address",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(explorer, "TokenPage"),
});

const officeHome = createRoute({ ...parent, path: "/office", component: lazyRouteComponent(office, "DashboardPage") });
const officeOrders = createRoute({
  ...parent,
  path: "/office/orders",
  validateSearch: keep("state", "deadline_before", "cursor"),
  component: lazyRouteComponent(office, "OfficeOrdersPage"),
});

const scan = createRoute({ ...parent, path: "/trace", component: lazyRouteComponent(trace, "ScanPage") });
const item = lazyRouteComponent(trace, "ItemPage");
const product = createRoute({ ...parent, path: "/01/$gtin", component: item });
const productItem = createRoute({ ...parent, path: "/01/$gtin/21/$serial", component: item });
const lot = createRoute({ ...parent, path: "/01/$gtin/10/$lot", component: item });
const lotItem = createRoute({ ...parent, path: "/01/$gtin/10/$lot/21/$serial", component: item });
const officeTrace = createRoute({
  ...parent,
  path: "/office/trace",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(trace, "TraceDeskPage"),
});

const arbiters = createRoute({
  ...parent,
  path: "/arbiters",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(court, "ArbitersRoute"),
});
const arbitration = createRoute({ ...parent, path: "/arbitrations/$id", component: lazyRouteComponent(court, "CaseRoute") });
const arbiterDesk = createRoute({ ...parent, path: "/desk/arbiter", component: lazyRouteComponent(court, "ArbiterDesk") });
const officeArbiters = createRoute({ ...parent, path: "/office/arbiters", component: lazyRouteComponent(court, "ArbiterOfficeRoute") });
const notices = createRoute({
  ...parent,
  path: "/desk/notices",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(() => import("./notices"), "NoticesPage"),
});
const unsubscribe = createRoute({ ...parent, path: "/unsubscribe/$token", component: lazyRouteComponent(() => import("./notices"), "UnsubscribePage") });
const help = createRoute({ ...parent, path: "/desk/help", validateSearch: keep("cursor"), component: lazyRouteComponent(support, "HelpPage") });
const askForHelp = createRoute({
  ...parent,
  path: "/desk/help/new",
  validateSearch: keep("order", "item"),
  component: lazyRouteComponent(support, "AskPage"),
});
const myTicket = createRoute({ ...parent, path: "/desk/help/$id", component: lazyRouteComponent(support, "MyTicketPage") });
const officeSupport = createRoute({
  ...parent,
  path: "/office/support",
  validateSearch: keep("state", "cursor"),
  component: lazyRouteComponent(support, "SupportPage"),
});
const officeTicket = createRoute({ ...parent, path: "/office/support/$id", component: lazyRouteComponent(support, "StaffTicketPage") });

const campaigns = createRoute({
  ...parent,
  path: "/campaigns",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(promotions, "CampaignsPage"),
});
const officeCampaigns = createRoute({
  ...parent,
  path: "/office/campaigns",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(promotions, "CampaignDeskPage"),
});
const newCampaign = createRoute({ ...parent, path: "/office/campaigns/new", component: lazyRouteComponent(promotions, "NewCampaignPage") });
const officeCampaign = createRoute({ ...parent, path: "/office/campaigns/$id", component: lazyRouteComponent(promotions, "CampaignDetailPage") });

const officeWatch = createRoute({ ...parent, path: "/office/watch", component: lazyRouteComponent(watch, "WatchPage") });
const officeChannels = createRoute({
  ...parent,
  path: "/office/channels",
  validateSearch: keep("cursor"),
  component: lazyRouteComponent(watch, "ChannelsPage"),
});
const incident = createRoute({ ...parent, path: "/office/incidents/$id", component: lazyRouteComponent(watch, "IncidentPage") });
const officeChanges = createRoute({ ...parent, path: "/office/changes", component: lazyRouteComponent(watch, "ChangesPage") });
const officeChange = createRoute({ ...parent, path: "/office/changes/$id", component: lazyRouteComponent(watch, "ChangePage") });
const officeSecurity = createRoute({ ...parent, path: "/office/security", component: lazyRouteComponent(watch, "SecurityPage") });
const officeRules = createRoute({ ...parent, path: "/office/rules", component: lazyRouteComponent(watch, "RulesPage") });
const officeRule = createRoute({ ...parent, path: "/office/rules/$id", component: lazyRouteComponent(watch, "RulePage") });
const officeDrills = createRoute({ ...parent, path: "/office/drills", component: lazyRouteComponent(watch, "DrillsPage") });
const officeApprovals = createRoute({ ...parent, path: "/office/approvals", component: lazyRouteComponent(watch, "ApprovalsPage") });
const officeAudit = createRoute({
  ...parent,
  path: "/office/audit",
  validateSearch: keep("severity", "open"),
  component: lazyRouteComponent(watch, "AuditPage"),
});
const officeCapacity = createRoute({ ...parent, path: "/office/capacity", component: lazyRouteComponent(watch, "CapacityPage") });
const operatingReport = createRoute({
  ...parent,
  path: "/office/report",
  validateSearch: keep("month"),
  component: lazyRouteComponent(watch, "OperatingPage"),
});
const incidentReports = createRoute({ ...parent, path: "/reports", component: lazyRouteComponent(watch, "ReportsPage") });
const incidentReport = createRoute({ ...parent, path: "/reports/$id", component: lazyRouteComponent(watch, "ReportPage") });
const officeReviews = createRoute({ ...parent, path: "/office/reviews", component: lazyRouteComponent(court, "ReviewOfficeRoute") });

const tree = root.addChildren([
  home, market, offer, seller, basket, checkout, wishes, learn, status,
  deskHome, deskOrders, order, deskOffers, newOffer, editOffer, wallet, privacy,
  solvency, metrics,
  blocks, block, transaction, address, tokens, token,
  officeHome, officeOrders, officeTrace, officeWatch, officeChannels, incident, officeChanges, officeChange, officeSecurity,
  officeApprovals, officeRules, officeRule, officeDrills, officeAudit, officeCapacity, operatingReport, incidentReports, incidentReport, notices, unsubscribe, help, askForHelp, myTicket, officeSupport, officeTicket,
  campaigns, officeCampaigns, newCampaign, officeCampaign,
  scan, product, productItem, lot, lotItem,
  arbiters, arbitration, arbiterDesk, officeArbiters, officeReviews,
]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
