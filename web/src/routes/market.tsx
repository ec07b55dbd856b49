import { OfferPage } from "@/features/market/storefront/offer-page";
import { SellerPage } from "@/features/market/storefront/seller-page";
import { Reviews } from "@/features/reviews/review-list";

export { Home } from "@/features/market/home/home";
export { WishesPage } from "@/features/market/storefront/wishes-page";
export { Storefront } from "@/features/market/storefront/storefront";
export { BasketPage } from "@/features/market/checkout/basket-page";
export { CheckoutPage } from "@/features/market/checkout/checkout-page";
export { LearnPage } from "@/features/house/learn-page";
export { StatusPage } from "@/features/house/status-page";

export const OfferRoute = () => <OfferPage reviews={(id) => <Reviews scope={{ offer: Number(id) }} />} />;

export const SellerRoute = () => <SellerPage reviews={(address) => <Reviews scope={{ seller: address }} />} />;
