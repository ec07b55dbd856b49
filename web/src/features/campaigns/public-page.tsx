import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { readList } from "@/lib/api/read";
import type { Campaign } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useCategories } from "@/lib/queries";
import { formatDate } from "@/lib/time";
import { Answer, Blank, Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Pager } from "@/ui/list";
import { PageHead } from "@/ui/page";
import { AddMoney } from "./add-money";
import { BudgetBar, Funders } from "./budget";
import { campaignName, promise } from "./words";

function Card({ campaign }: { campaign: Campaign }) {
  const { t, language, locale } = useLanguage();
  const categories = useCategories().data ?? [];
  return (
    <li className="grid gap-x-12 gap-y-4 border-b border-line py-8 lg:grid-cols-2">
      <div className="min-w-0">
        <h2 className="text-2xl">{campaignName(campaign, t, language)}</h2>
        <p className="mt-1 text-[17px]">{promise(campaign, categories, t, language)}</p>
        <p className="mb-4 text-ink-soft">{t("coupon.until", { date: formatDate(campaign.ends_at, locale) })}</p>
        <BudgetBar campaign={campaign} />
      </div>
      <div className="min-w-0">
        <p className="mb-2 text-ink-soft">{t("campaign.funders_text")}</p>
        <Funders campaign={campaign} />
        <details className="mt-3">
          <summary className="link cursor-pointer">{t("campaign.add")}</summary>
          <p className="mt-2 text-ink-soft">{t("campaign.add_text")}</p>
          <AddMoney campaign={campaign} />
        </details>
      </div>
    </li>
  );
}

/** What is on: every discount that can be used now, and the money behind it. */
export function CampaignsPublic({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const query = useQuery(readList("/campaigns", { query: { standing: "current", cursor, limit: 25 } }));
  return (
    <>
      <PageHead title={t("page.discounts")} lead={t("campaign.lead")} />
      <Answer query={query} blank={<Blank lines={3} height={180} />}>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty
              title={t("campaign.none")}
              text={t("campaign.none_text")}
              action={
                <Link to="/market" className={buttonClass("primary")}>
                  {t("home.browse")}
                </Link>
              }
            />
          ) : (
            <>
              <ul className="-mt-8">
                {items.map((campaign) => (
                  <Card key={campaign.id} campaign={campaign} />
                ))}
              </ul>
              <Pager cursor={cursor} next={next} />
            </>
          )
        }
      </Answer>
    </>
  );
}
