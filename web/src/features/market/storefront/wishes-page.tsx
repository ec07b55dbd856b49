import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLanguage } from "@/lib/i18n";
import { useWishes } from "@/lib/wishes";
import { Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { PageHead } from "@/ui/page";
import { OfferCard, OfferGridBlank } from "./offer-card";
import { offerQuery } from "./queries";
import { WishButton } from "./wish-button";

/** What one would like to have. */
export function WishesPage() {
  const { t } = useLanguage();
  const { ids, signedIn, loading } = useWishes();
  const offers = useQueries({ queries: ids.map((id) => offerQuery(id)) });
  const waiting = loading || offers.some(({ isPending }) => isPending);
  return (
    <>
      <PageHead title={t("page.wishes")} lead={t(signedIn ? "wish.lead_kept" : "wish.lead_local")} />
      {waiting && <OfferGridBlank count={4} />}
      {!waiting && ids.length === 0 && (
        <Empty
          title={t("wish.none")}
          text={t("wish.none_text")}
          action={
            <Link to="/market" className={buttonClass("primary")}>
              {t("home.browse")}
            </Link>
          }
        />
      )}
      {!waiting && (
        <ul className="grid grid-cols-2 gap-x-4 gap-y-10 md:grid-cols-3 md:gap-x-6 xl:grid-cols-4">
          {offers.map(({ data }, n) => (
            <li key={ids[n]} className="min-w-0">
              {data === undefined ? <p className="text-ink-soft">{t("basket.missing", { id: ids[n] })}</p> : <OfferCard offer={data} />}
              <div className="mt-2">
                <WishButton offerId={ids[n] ?? ""} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
