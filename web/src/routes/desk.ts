export { DeskPage } from "@/features/market/orders/desk-page";
export { MyOrdersPage } from "@/features/market/orders/my-orders";
export { OrderRoom } from "@/features/market/orders/order-room";
export { MyOffersPage } from "@/features/market/selling/my-offers";
export { NewOfferPage } from "@/features/market/selling/new-offer";
export { EditOfferPage } from "@/features/market/selling/edit-offer";
export { WalletPage } from "@/features/market/selling/wallet-page";
