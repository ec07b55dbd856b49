/** The three doors of the house and the pages behind each; the header, the menu and the palette derive from this. */
export const DOORS = [
  {
    id: "square",
    home: "/",
    pages: [
      { to: "/market", key: "offers" },
      { to: "/campaigns", key: "discounts" },
      { to: "/wishes", key: "wishes" },
      { to: "/trace", key: "scan" },
      { to: "/solvency", key: "solvency" },
      { to: "/metrics", key: "metrics" },
      { to: "/arbiters", key: "arbiters" },
      { to: "/explorer", key: "explorer" },
      { to: "/explorer/tokens", key: "tokens" },
      { to: "/learn", key: "learn" },
      { to: "/status", key: "status" },
      { to: "/reports", key: "reports" },
    ],
  },
  {
    id: "desk",
    home: "/desk",
    pages: [
      { to: "/desk", key: "next_steps" },
      { to: "/desk/orders", key: "my_orders" },
      { to: "/desk/offers", key: "my_offers" },
      { to: "/desk/wallet", key: "wallet" },
      { to: "/desk/arbiter", key: "arbiter_desk" },
      { to: "/desk/notices", key: "notices" },
      { to: "/desk/help", key: "help" },
      { to: "/desk/privacy", key: "privacy" },
    ],
  },
  {
    id: "office",
    home: "/office",
    pages: [
      { to: "/office", key: "today" },
      { to: "/office/approvals", key: "approvals" },
      { to: "/office/watch", key: "watch" },
      { to: "/office/rules", key: "rules" },
      { to: "/office/channels", key: "channels" },
      { to: "/office/changes", key: "changes" },
      { to: "/office/drills", key: "drills" },
      { to: "/office/audit", key: "audit" },
      { to: "/office/capacity", key: "capacity" },
      { to: "/office/security", key: "security" },
      { to: "/office/report", key: "operating" },
      { to: "/office/orders", key: "all_orders" },
      { to: "/office/support", key: "support" },
      { to: "/office/campaigns", key: "campaigns" },
      { to: "/office/trace", key: "trace" },
      { to: "/office/arbiters", key: "certify" },
      { to: "/office/reviews", key: "reviews" },
    ],
  },
] as const;

export type Door = (typeof DOORS)[number];

export function doorOf(path: string): Door {
  if (path.startsWith("/desk") || path.startsWith("/orders")) return DOORS[1];
  return path.startsWith("/office") ? DOORS[2] : DOORS[0];
}
