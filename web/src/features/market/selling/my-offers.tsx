import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { fetchAnswer, readList, type Input } from "@/lib/api/read";
import type { OfferCard } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { toDecimal, units } from "@/lib/money";
import { useWallet } from "@/lib/wallet/state";
import { Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { List } from "@/ui/list";
import { Count, Money } from "@/ui/money";
import { PageHead } from "@/ui/page";
import { Picture } from "@/ui/picture";
import type { Column } from "@/ui/table";
import { NeedWallet } from "@/ui/need-wallet";

const route = getRouteApi("/desk/offers");

function useColumns(): Column<OfferCard>[] {
  const { t, language } = useLanguage();
  return [
    {
      id: "title",
      title: t("offer.title"),
      cell: (offer) => (
        <span className="flex items-center gap-4">
          <span className="hidden size-14 shrink-0 overflow-hidden rounded-[6px] border border-line sm:block">
            <Picture src={offer.picture_url} kind={offer.category} alt="" />
          </span>
          <span className="min-w-0">
            <Link to="/desk/offers/$id" params={{ id: offer.id }} className="link font-semibold">
              {localized(offer.title, language)}
            </Link>
            <span className={`block text-sm ${offer.active && offer.stock > 0 ? "text-safe" : "text-ink-faint"}`}>
              {t(!offer.active ? "selling.inactive" : offer.stock === 0 ? "offer.sold_out" : "selling.active")}
            </span>
          </span>
        </span>
      ),
      csv: (offer) => localized(offer.title, language),
    },
    { id: "id", title: t("offer.number"), cell: (offer) => offer.id, csv: (offer) => offer.id, from: "lg" },
    {
      id: "price",
      title: t("offer.price"),
      cell: (offer) => <Money value={offer.price} />,
      csv: (offer) => toDecimal(units(offer.price.amount), offer.price.decimals),
      end: true,
    },
    { id: "stock", title: t("offer.stock"), cell: (offer) => <Count value={offer.stock} />, csv: (o) => String(o.stock), end: true },
    { id: "sold", title: t("offer.sold"), cell: (offer) => <Count value={offer.sold} />, csv: (o) => String(o.sold), end: true, from: "sm" },
  ];
}

function OfferList({ address }: { address: string }) {
  const { t } = useLanguage();
  const { cursor } = route.useSearch();
  const input = (at: string | undefined): Input<"/market/offers"> => ({ query: { seller: address, cursor: at, limit: 25 } });
  const query = useQuery(readList("/market/offers", input(cursor)));
  return (
    <List
      caption={t("page.my_offers")}
      name="my-offers"
      columns={useColumns()}
      query={query}
      cursor={cursor}
      rowKey={(offer) => offer.id}
      fetchPage={(at) => fetchAnswer("/market/offers", input(at))}
      empty={
        <Empty
          title={t("selling.none")}
          text={t("selling.none_text")}
          action={
            <Link to="/desk/offers/new" className={buttonClass("primary")}>
              {t("selling.publish")}
            </Link>
          }
        />
      }
    />
  );
}

export function MyOffersPage() {
  const { t } = useLanguage();
  const wallet = useWallet();
  return (
    <>
      <PageHead
        title={t("page.my_offers")}
        lead={t("selling.lead")}
        aside={
          <Link to="/desk/offers/new" className={buttonClass("primary")}>
            <Plus aria-hidden size={18} />
            {t("selling.publish")}
          </Link>
        }
      />
      {wallet === null ? <NeedWallet /> : <OfferList address={wallet.address} />}
    </>
  );
}
