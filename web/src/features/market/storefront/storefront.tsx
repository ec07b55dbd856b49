import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useState, type FormEvent } from "react";
import { fetchAnswer } from "@/lib/api/read";
import type { OfferCard } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { toDecimal, units } from "@/lib/money";
import { useCategories } from "@/lib/queries";
import { Answer, Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { inputClass, Select } from "@/ui/field";
import { ExportButton, Pager } from "@/ui/list";
import { PageHead } from "@/ui/page";
import type { Column } from "@/ui/table";
import { CategoryList } from "./category-list";
import { OfferGrid, OfferGridBlank } from "./offer-card";
import { Filters } from "./filters";
import { offersInput, offersQuery, SEARCH_SORTS, sortOf, SORTS, type OfferSearch } from "./queries";

const route = getRouteApi("/market");

function SearchBox({ start }: { start: string }) {
  const { t } = useLanguage();
  const navigate = route.useNavigate();
  const [text, setText] = useState(start);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ search: (old) => ({ ...old, q: text.trim() || undefined, sort: undefined, cursor: undefined }) });
  };
  return (
    <form role="search" onSubmit={submit} className="relative min-w-0 grow basis-64">
      <Search aria-hidden size={18} className="absolute top-3 left-3 text-ink-faint" />
      <input
        type="search"
        aria-label={t("market.search")}
        placeholder={t("market.search")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`${inputClass} pl-10`}
      />
    </form>
  );
}

function useColumns(): Column<OfferCard>[] {
  const { t, language } = useLanguage();
  return [
    { id: "id", title: t("offer.number"), cell: (o) => o.id, csv: (o) => o.id },
    { id: "title", title: t("offer.title"), cell: (o) => o.id, csv: (o) => localized(o.title, language) },
    { id: "seller", title: t("order.seller"), cell: (o) => o.id, csv: (o) => o.seller.address },
    { id: "price", title: t("offer.price"), cell: (o) => o.id, csv: (o) => toDecimal(units(o.price.amount), o.price.decimals) },
    { id: "token", title: t("offer.token"), cell: (o) => o.id, csv: (o) => o.price.symbol },
    { id: "stock", title: t("offer.stock"), cell: (o) => o.id, csv: (o) => String(o.stock) },
  ];
}

export function Storefront() {
  const { t, language } = useLanguage();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const { q, category, cursor } = search;
  const query = useQuery(offersQuery(search));
  const categories = (useCategories().data ?? []).filter(({ offers }) => offers > 0);
  const columns = useColumns();
  const current = categories.find(({ slug }) => slug === category);
  const narrow = (change: Partial<OfferSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...change, cursor: undefined }) });
  const title = current === undefined ? t("market.title") : localized(current.name, language);

  return (
    <>
      <PageHead title={title} lead={q ? t("market.results_for", { q }) : t("market.lead")} />
      <div className="grid gap-x-10 gap-y-6 lg:grid-cols-[200px_1fr]">
        <div className="min-w-0">
          <CategoryList categories={categories} chosen={category} />
          <details className="mt-4 lg:hidden">
            <summary className="link cursor-pointer">{t("filter.title")}</summary>
            <div className="mt-3">
              <Filters key={`${search.from} ${search.to}`} search={search} onChange={narrow} />
            </div>
          </details>
          <div className="hidden lg:block">
            <Filters key={`${search.from} ${search.to}`} search={search} onChange={narrow} />
          </div>
        </div>
        <div className="min-w-0">
          <div className="mb-6 flex flex-wrap items-center gap-3">
            <SearchBox key={q ?? ""} start={q ?? ""} />
            <Select
              aria-label={t("market.sort")}
              value={sortOf(search)}
              className="!w-auto"
              onChange={(event) =>
                void navigate({ search: (old) => ({ ...old, sort: event.target.value, cursor: undefined }) })
              }
            >
              {(q ? SEARCH_SORTS : SORTS).map((sort) => (
                <option key={sort} value={sort}>
                  {t(`market.sort_${sort}`)}
                </option>
              ))}
            </Select>
            <ExportButton name="offers" columns={columns} fetchPage={(at) => fetchAnswer("/market/offers", offersInput({ ...search, cursor: at }))} />
          </div>
          <Answer query={query} blank={<OfferGridBlank />}>
            {(page) =>
              page.items.length === 0 ? (
                <Empty
                  title={t("market.empty")}
                  text={t("market.empty_text")}
                  action={
                    <Link to="/market" className={buttonClass("primary")}>
                      {t("market.show_all")}
                    </Link>
                  }
                />
              ) : (
                <>
                  <h2 className="sr-only">{t("page.offers")}</h2>
                  <OfferGrid offers={page.items} eager={4} />
                  <Pager cursor={cursor} next={page.next} />
                </>
              )
            }
          </Answer>
        </div>
      </div>
    </>
  );
}
