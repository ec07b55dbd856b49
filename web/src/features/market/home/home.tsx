import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { localized, useLanguage } from "@/lib/i18n";
import { useCategories } from "@/lib/queries";
import { Answer, Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Count } from "@/ui/money";
import { Section, usePageTitle } from "@/ui/page";
import { OfferGrid, OfferGridBlank } from "../storefront/offer-card";
import { newOffersQuery } from "../storefront/queries";
import { EscrowNow } from "./escrow-now";
import { LatestOrders } from "./latest-orders";

const STEPS = ["pay", "ship", "inspect", "settle"] as const;

function HowItGoes() {
  const { t } = useLanguage();
  return (
    <Section
      title={t("home.how")}
      aside={
        <Link to="/learn" className="link">
          {t("home.learn")}
        </Link>
      }
    >
      <ol className="grid gap-x-8 gap-y-6 sm:grid-cols-2 lg:grid-cols-4">
        {STEPS.map((step, n) => (
          <li key={step}>
            <span aria-hidden className="figures font-serif text-4xl text-accent-ink">
              {n + 1}
            </span>
            <h3 className="mt-1 text-xl">{t(`home.step_${step}`)}</h3>
            <p className="mt-1 text-ink-soft">{t(`home.step_${step}_text`)}</p>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Categories() {
  const { t, language } = useLanguage();
  const categories = (useCategories().data ?? []).filter(({ offers }) => offers > 0);
  return (
    <nav aria-label={t("market.categories")} className="mb-12 min-h-14 border-y border-line py-3">
      <ul className="flex flex-wrap gap-x-8 gap-y-1">
        {categories.map(({ slug, name, offers }) => (
          <li key={slug}>
            <Link
              to="/market"
              search={{ category: slug }}
              className="flex min-h-8 items-baseline gap-1.5 font-serif text-[21px] hover:text-accent-ink"
            >
              {localized(name, language)}
              <span className="font-sans text-sm text-ink-faint">
                <Count value={offers} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NewOffers() {
  const { t } = useLanguage();
  const offers = useQuery(newOffersQuery());
  return (
    <Section
      title={t("home.new")}
      aside={
        <Link to="/market" className="link inline-flex items-center gap-1">
          {t("home.all_offers")}
          <ArrowRight aria-hidden size={16} />
        </Link>
      }
    >
      <Answer query={offers} blank={<OfferGridBlank />}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty
              title={t("home.no_offers")}
              text={t("home.no_offers_text")}
              action={
                <Link to="/desk/offers/new" className={buttonClass("primary")}>
                  {t("selling.publish")}
                </Link>
              }
            />
          ) : (
            <OfferGrid offers={page.items} eager={4} />
          )
        }
      </Answer>
    </Section>
  );
}

export function Home() {
  const { t } = useLanguage();
  usePageTitle("");
  return (
    <>
      <div className="grid items-end gap-x-16 gap-y-10 py-10 lg:grid-cols-[1fr_400px] lg:py-16">
        <div>
          <h1 className="text-[44px] leading-[1.04] md:text-[64px]">{t("home.title")}</h1>
          <p className="mt-5 max-w-[36rem] text-lg text-ink-soft">{t("home.lead")}</p>
          <div className="mt-8 flex flex-wrap gap-3">
            <Link to="/market" className={buttonClass("primary")}>
              {t("home.browse")}
            </Link>
            <Link to="/desk/offers/new" className={buttonClass("outline")}>
              {t("home.sell")}
            </Link>
          </div>
        </div>
        <EscrowNow />
      </div>
      <Categories />
      <NewOffers />
      <LatestOrders />
      <HowItGoes />
    </>
  );
}
