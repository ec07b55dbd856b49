import { OrderCase } from "@/features/arbitration/order-case";
import { OrderRoom } from "@/features/market/orders/order-room";
import { OrderReview } from "@/features/reviews/order-review";

export { DeskPage } from "@/features/market/orders/desk-page";
export { MyOrdersPage } from "@/features/market/orders/my-orders";
export { MyOffersPage } from "@/features/market/selling/my-offers";
export { NewOfferPage } from "@/features/market/selling/new-offer";
export { EditOfferPage } from "@/features/market/selling/edit-offer";
export { PrivacyPage } from "@/features/privacy/privacy-page";
export { WalletPage } from "@/features/market/selling/wallet-page";

/** The order room, with what other businesses show of an order in it. */
export const OrderRoute = () => (
  <OrderRoom
    beside={(order) => (
      <>
        <OrderCase order={order} />
        <OrderReview order={order} />
      </>
    )}
  />
);
