export default {
  notice: {
    lead: "What the other side, a carrier or the house did in your orders.",
    news: "The last 60 days",
    none: "Nothing yet",
    none_text: "When somebody moves one of your orders, it stands here.",
    unread: "new",
    read_all: "Mark all as read",
    buying: "You are buying; done by",
    selling: "You are selling; done by",
    settings: "What to tell you",
    settings_text: "Your deadlines stand under Next steps either way.",
    kind_orders: "Orders placed, accepted, sent, arrived, completed, refunded",
    kind_aftersales: "Late parcels, returns, disputes and rulings",
    sign_in_title: "Sign in to see what is new in your orders",
  },
} as const;
