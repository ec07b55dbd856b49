export { Home } from "@/features/market/home/home";
export { Storefront } from "@/features/market/storefront/storefront";
export { OfferPage } from "@/features/market/storefront/offer-page";
export { SellerPage } from "@/features/market/storefront/seller-page";
export { BasketPage } from "@/features/market/checkout/basket-page";
export { CheckoutPage } from "@/features/market/checkout/checkout-page";
export { LearnPage } from "@/features/house/learn-page";
export { StatusPage } from "@/features/house/status-page";
