import { Link } from "@tanstack/react-router";
import type { OfferCard as Offer } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { Picture } from "@/ui/picture";

const FEW = 5;

export function OfferCard({ offer, eager = false }: { offer: Offer; eager?: boolean }) {
  const { t, language } = useLanguage();
  const title = localized(offer.title, language);
  const soldOut = offer.stock === 0;
  return (
    <article className="group relative flex min-w-0 flex-col">
      <div className={`aspect-[4/3] overflow-hidden rounded-[6px] border border-line bg-sunken ${soldOut ? "opacity-60" : ""}`}>
        <Picture src={offer.picture_url} kind={offer.category} alt="" eager={eager} />
      </div>
      <h3 className="mt-3 text-[19px] leading-snug font-medium">
        <Link
          to="/offers/$id"
          params={{ id: offer.id }}
          className="decoration-accent decoration-1 underline-offset-4 group-hover:underline after:absolute after:inset-0 after:rounded-[6px] focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-offset-4 focus-visible:after:outline-accent"
        >
          {title}
        </Link>
      </h3>
      <p className="mt-0.5 flex min-w-0 text-[15px] text-ink-soft">
        <Address address={offer.seller.address} name={offer.seller.name} to="none" size={16} />
      </p>
      <p className="mt-1.5 flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="text-[17px] font-semibold">
          <Money value={offer.price} />
        </span>
        <span className="text-sm text-ink-faint">
          {soldOut
            ? t("offer.sold_out")
            : offer.stock <= FEW
              ? t("offer.few_left", { count: offer.stock })
              : offer.digital
                ? t("offer.digital")
                : null}
        </span>
      </p>
    </article>
  );
}

export const OfferGrid = ({ offers, eager = 0 }: { offers: readonly Offer[]; eager?: number }) => (
  <ul className="grid grid-cols-2 gap-x-4 gap-y-8 md:grid-cols-3 md:gap-x-6 md:gap-y-10 xl:grid-cols-4">
    {offers.map((offer, n) => (
      <li key={offer.id} className="min-w-0">
        <OfferCard offer={offer} eager={n < eager} />
      </li>
    ))}
  </ul>
);

/** Holds the grid's place while the offers are on their way. */
export const OfferGridBlank = ({ count = 8 }: { count?: number }) => (
  <div aria-hidden className="grid grid-cols-2 gap-x-4 gap-y-8 md:grid-cols-3 md:gap-x-6 md:gap-y-10 xl:grid-cols-4">
    {Array.from({ length: count }, (_, n) => (
      <div key={n}>
        <div className="aspect-[4/3] animate-pulse rounded-[6px] bg-sunken" />
        <div className="mt-3 h-[86px]" />
      </div>
    ))}
  </div>
);
