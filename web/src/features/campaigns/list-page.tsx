import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fetchAnswer, readList, type Input } from "@/lib/api/read";
import type { Campaign } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { toDecimal, units } from "@/lib/money";
import { useCategories } from "@/lib/queries";
import { formatDate } from "@/lib/time";
import { Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { List } from "@/ui/list";
import { Count } from "@/ui/money";
import { PageHead } from "@/ui/page";
import type { Column } from "@/ui/table";
import { BudgetBar } from "./budget";
import { campaignName, promise, Standing } from "./words";

const OpenLink = () => {
  const { t } = useLanguage();
  return (
    <Link to="/office/campaigns/new" className={buttonClass("primary")}>
      {t("campaign.open")}
    </Link>
  );
};

function useColumns(): Column<Campaign>[] {
  const { t, language, locale } = useLanguage();
  const categories = useCategories().data ?? [];
  const period = (row: Campaign) => `${formatDate(row.starts_at, locale)} – ${formatDate(row.ends_at, locale)}`;
  return [
    {
      id: "name",
      title: t("campaign.name"),
      cell: (row) => (
        <>
          <Link to="/office/campaigns/$id" params={{ id: row.id }} className="link font-semibold">
            {campaignName(row, t, language)}
          </Link>
          <span className="block text-sm text-ink-soft">{promise(row, categories, t, language)}</span>
        </>
      ),
      csv: (row) => campaignName(row, t, language),
    },
    { id: "standing", title: t("campaign.standing"), cell: (row) => <Standing campaign={row} />, csv: (row) => row.standing },
    { id: "period", title: t("campaign.period"), cell: period, csv: period, from: "lg" },
    {
      id: "budget",
      title: t("campaign.left"),
      cell: (row) => <BudgetBar campaign={row} />,
      csv: (row) => toDecimal(units(row.budget.available.amount), row.budget.available.decimals),
      from: "md",
    },
    { id: "used", title: t("campaign.redemptions"), cell: (row) => <Count value={row.redemptions} />, csv: (row) => String(row.redemptions), end: true },
  ];
}

function All({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const input = (at: string | undefined): Input<"/campaigns"> => ({ query: { cursor: at, limit: 25 } });
  const query = useQuery(readList("/campaigns", input(cursor)));
  return (
    <List
      caption={t("page.campaigns")}
      name="campaigns"
      columns={useColumns()}
      query={query}
      cursor={cursor}
      rowKey={(row) => row.id}
      fetchPage={(at) => fetchAnswer("/campaigns", input(at))}
      empty={<Empty title={t("campaign.desk_none")} text={t("campaign.desk_none_text")} action={<OpenLink />} />}
    />
  );
}

export function CampaignDesk({ cursor, gate }: { cursor: string | undefined; gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("page.campaigns")} lead={t("campaign.desk_lead")} aside={<OpenLink />} />
      {gate(<All cursor={cursor} />)}
    </>
  );
}
