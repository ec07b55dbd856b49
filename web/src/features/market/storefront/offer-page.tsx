import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { OfferDetail } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { useCategories } from "@/lib/queries";
import { Address, CopyButton, TransactionLink } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Money } from "@/ui/money";
import { Facts, Section, usePageTitle } from "@/ui/page";
import { When } from "@/ui/when";
import { BuyBox } from "./buy-box";
import { Gallery } from "./gallery";
import { Promises } from "./promises";
import { Recommend } from "./recommend";
import { offerQuery } from "./queries";
import { Related } from "./related";

const route = getRouteApi("/offers/$id");

function Crumbs({ offer }: { offer: OfferDetail }) {
  const { t, language } = useLanguage();
  const category = useCategories().data?.find(({ slug }) => slug === offer.category);
  return (
    <nav aria-label={t("shell.trail")} className="py-6 text-[15px] text-ink-soft">
      <Link to="/market" className="link">
        {t("page.offers")}
      </Link>
      {category !== undefined && (
        <>
          <span aria-hidden className="mx-2">
            /
          </span>
          <Link to="/market" search={{ category: category.slug }} className="link">
            {localized(category.name, language)}
          </Link>
        </>
      )}
    </nav>
  );
}

function Proof({ offer }: { offer: OfferDetail }) {
  const { t } = useLanguage();
  return (
    <Section title={t("offer.proof")} lead={t("offer.proof_text")}>
      <Facts
        rows={[
          [
            t("offer.terms_hash"),
            <span key="terms" className="flex items-start gap-2 font-mono text-sm break-all">
              {offer.terms_hash}
              <CopyButton text={offer.terms_hash} />
            </span>,
          ],
          [
            t("offer.metadata_hash"),
            <span key="meta" className="flex items-start gap-2 font-mono text-sm break-all">
              {offer.metadata_hash}
              <CopyButton text={offer.metadata_hash} />
            </span>,
          ],
          ...offer.versions.map(
            (version) =>
              [
                t("offer.version", { version: version.version }),
                <span key={version.version} className="flex flex-wrap gap-x-4">
                  <Money value={version.price} />
                  <When at={version.at} />
                  <TransactionLink hash={version.tx_hash} />
                </span>,
              ] as const,
          ),
        ]}
      />
    </Section>
  );
}

interface Reviewed {
  /** What buyers say of an offer. */
  reviews: (id: string) => ReactNode;
}

function OfferView({ offer, reviews }: Reviewed & { offer: OfferDetail }) {
  const { t, language } = useLanguage();
  const title = localized(offer.title, language);
  usePageTitle(title);
  const description = localized(offer.description, language);
  return (
    <>
      <Crumbs offer={offer} />
      <div className="grid gap-x-12 gap-y-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,420px)]">
        <Gallery pictures={offer.pictures.length > 0 ? offer.pictures : [offer.picture_url ?? null]} title={title} kind={offer.category} />
        <div className="min-w-0">
          <h1 className="text-[34px] break-words md:text-[40px]">{title}</h1>
          <p className="mt-3 mb-6 text-[17px]">
            <Address address={offer.seller.address} name={offer.seller.name} to="seller" size={24} />
          </p>
          <BuyBox offer={offer} />
          <Recommend offer={offer} />
        </div>
      </div>
      <div className="mt-12 grid gap-x-12 lg:grid-cols-2">
        <Section title={t("offer.about")}>
          {description.split(/\n{2,}/).map((paragraph, n) => (
            <p key={n} className="mb-4 max-w-[44rem] text-[17px] leading-relaxed">
              {paragraph}
            </p>
          ))}
          {offer.attributes.length > 0 && (
            <Facts
              rows={offer.attributes.map(({ name, value }) => [localized(name, language), localized(value, language)] as const)}
            />
          )}
        </Section>
        <Section title={t("offer.promises")}>
          <Promises offer={offer} />
        </Section>
      </div>
      {reviews(offer.id)}
      <Related offerId={offer.id} />
      <Proof offer={offer} />
    </>
  );
}

export function OfferPage({ reviews }: Reviewed) {
  const { id } = route.useParams();
  const query = useQuery(offerQuery(id));
  return (
    <Answer query={query} blank={<Blank lines={8} height={72} />}>
      {(offer) => <OfferView key={offer.id} offer={offer} reviews={reviews} />}
    </Answer>
  );
}
