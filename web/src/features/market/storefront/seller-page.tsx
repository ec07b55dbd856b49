import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { shortAddress } from "@/lib/address";
import { read, readList } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { formatDate } from "@/lib/time";
import { CopyButton } from "@/ui/address";
import { Answer, Blank, Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Hallmark } from "@/ui/hallmark";
import { Pager } from "@/ui/list";
import { Count } from "@/ui/money";
import { Figure, Figures, PageHead } from "@/ui/page";
import { OfferGrid, OfferGridBlank } from "./offer-card";

const route = getRouteApi("/sellers/$address");

/** A ratio of the API ("0.963") as a whole-number percentage, without pretending to more digits. */
function percent(ratio: string, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(Number(ratio));
}

function Stall({ address, cursor }: { address: string; cursor: string | undefined }) {
  const { t } = useLanguage();
  const offers = useQuery(readList("/market/offers", { query: { seller: address, active: true, cursor, limit: 24 } }));
  return (
    <Answer query={offers} blank={<OfferGridBlank count={4} />}>
      {(page) =>
        page.items.length === 0 ? (
          <Empty
            title={t("seller.no_offers")}
            action={
              <Link to="/market" className={buttonClass("primary")}>
                {t("market.show_all")}
              </Link>
            }
          />
        ) : (
          <>
            <h2 className="sr-only">{t("page.offers")}</h2>
            <OfferGrid offers={page.items} />
            <Pager cursor={cursor} next={page.next} />
          </>
        )
      }
    </Answer>
  );
}

interface Props {
  /** What buyers say of a seller. */
  reviews: (address: string) => ReactNode;
}

export function SellerPage({ reviews }: Props) {
  const { t, locale } = useLanguage();
  const { address } = route.useParams();
  const { cursor } = route.useSearch();
  const query = useQuery(read("/market/sellers/{address}", { path: { address } }));
  return (
    <Answer query={query} blank={<Blank lines={4} height={80} />}>
      {(seller) => {
        const name = seller.name ?? shortAddress(address);
        return (
          <>
            <PageHead
              name={name}
              title={
                <span className="flex flex-wrap items-center gap-4">
                  <Hallmark address={address} size={56} />
                  {name}
                </span>
              }
              lead={
                <span className="flex flex-wrap items-center gap-x-3">
                  {seller.since ? t("seller.since", { date: formatDate(seller.since, locale) }) : null}
                  <span className="inline-flex items-center gap-1 font-mono text-[15px]">
                    {shortAddress(address)}
                    <CopyButton text={address} />
                  </span>
                </span>
              }
            />
            <Figures>
              <Figure label={t("seller.orders")}>
                <Count value={seller.orders} />
              </Figure>
              <Figure label={t("seller.released")} note={t("seller.released_note")}>
                <Count value={seller.released} />
              </Figure>
              <Figure label={t("seller.refunded")} note={t("seller.refunded_note")}>
                <Count value={seller.refunded} />
              </Figure>
              <Figure label={t("seller.on_time")} note={t("seller.on_time_note")}>
                {seller.on_time_rate ? percent(seller.on_time_rate, locale) : "–"}
              </Figure>
            </Figures>
            <Stall address={address} cursor={cursor} />
            <div className="mt-12">{reviews(address)}</div>
          </>
        );
      }}
    </Answer>
  );
}
