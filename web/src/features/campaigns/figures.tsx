import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { fetchAnswer, read } from "@/lib/api/read";
import type { ArmOrder, Campaign, Redemption } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { toDecimal, units } from "@/lib/money";
import { Address } from "@/ui/address";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Info } from "@/ui/info";
import { ExportButton } from "@/ui/list";
import { Count, Money } from "@/ui/money";
import { Figure, Figures, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";

const OrderLink = ({ id }: { id: string }) => (
  <Link to="/orders/$id" params={{ id }} className="link figures">
    {id}
  </Link>
);

const plain = (money: { amount: string; decimals: number }) => toDecimal(units(money.amount), money.decimals);

/** Rows that grow by a page at a press, and can be taken along whole. */
function Rows<T extends { order_id: string }>({
  caption,
  name,
  columns,
  fetchPage,
  queryKey,
  none,
}: {
  caption: string;
  name: string;
  columns: readonly Column<T>[];
  fetchPage: (cursor: string | undefined) => Promise<{ items: T[]; next?: string | null }>;
  queryKey: readonly unknown[];
  none: string;
}) {
  const { t } = useLanguage();
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined]);
  const at = cursors[cursors.length - 1];
  const query = useQuery({ queryKey: [...queryKey, at ?? ""], queryFn: () => fetchPage(at) });
  return (
    <Answer query={query}>
      {(page) =>
        page.items.length === 0 && cursors.length === 1 ? (
          <Empty title={none} />
        ) : (
          <>
            <Table caption={caption} columns={columns} rows={page.items} rowKey={(row) => row.order_id} />
            <div className="mt-3 flex flex-wrap gap-3">
              {cursors.length > 1 && (
                <Button small onClick={() => setCursors(cursors.slice(0, -1))}>
                  {t("list.previous")}
                </Button>
              )}
              {page.next != null && (
                <Button small onClick={() => setCursors([...cursors, page.next ?? undefined])}>
                  {t("list.next")}
                </Button>
              )}
              <ExportButton name={name} columns={columns} fetchPage={fetchPage} />
            </div>
          </>
        )
      }
    </Answer>
  );
}

export function UsedIn({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const id = Number(campaign.id);
  const columns: Column<Redemption>[] = [
    { id: "order", title: t("campaign.order"), cell: (row) => <OrderLink id={row.order_id} />, csv: (row) => row.order_id },
    { id: "buyer", title: t("campaign.buyer"), cell: ({ buyer }) => <Address address={buyer.address} name={buyer.name} />, csv: ({ buyer }) => buyer.address },
    { id: "worth", title: t("campaign.worth"), cell: ({ worth }) => <Money value={worth} />, csv: ({ worth }) => plain(worth), end: true, from: "sm" },
    { id: "paid", title: t("campaign.put_in"), cell: ({ amount }) => <Money value={amount} />, csv: ({ amount }) => plain(amount), end: true },
    { id: "outcome", title: t("campaign.outcome"), cell: ({ outcome }) => t(`campaign_outcome.${outcome}`), csv: ({ outcome }) => outcome, from: "sm" },
    { id: "at", title: t("campaign.at"), cell: ({ at }) => <When at={at} />, csv: ({ at }) => at, from: "lg" },
  ];
  return (
    <Section title={t("campaign.used_in")}>
      <Rows
        caption={t("campaign.used_in")}
        name={`campaign-${campaign.id}-used`}
        columns={columns}
        queryKey={["/campaigns/{id}/redemptions", id]}
        fetchPage={(cursor) => fetchAnswer("/campaigns/{id}/redemptions", { path: { id }, query: { cursor, limit: 15 } })}
        none={t("campaign.used_none")}
      />
    </Section>
  );
}

function ArmRows({ campaign, arm }: { campaign: Campaign; arm: "offered" | "held" }) {
  const { t } = useLanguage();
  const id = Number(campaign.id);
  const columns: Column<ArmOrder>[] = [
    { id: "order", title: t("campaign.order"), cell: (row) => <OrderLink id={row.order_id} />, csv: (row) => row.order_id },
    { id: "buyer", title: t("campaign.buyer"), cell: ({ buyer }) => <Address address={buyer.address} name={buyer.name} />, csv: ({ buyer }) => buyer.address },
    { id: "worth", title: t("campaign.worth"), cell: ({ worth }) => <Money value={worth} />, csv: ({ worth }) => plain(worth), end: true, from: "sm" },
    { id: "net", title: t("campaign.net"), cell: ({ net }) => <Money value={net} />, csv: ({ net }) => plain(net), end: true },
    { id: "at", title: t("campaign.at"), cell: ({ at }) => <When at={at} />, csv: ({ at }) => at, from: "lg" },
  ];
  return (
    <details className="mb-4">
      <summary className="link cursor-pointer">{t(`campaign.rows_${arm}`)}</summary>
      <div className="mt-3">
        <Rows
          caption={t(`campaign.rows_${arm}`)}
          name={`campaign-${campaign.id}-${arm}`}
          columns={columns}
          queryKey={["/campaigns/{id}/orders", id, arm]}
          fetchPage={(cursor) => fetchAnswer("/campaigns/{id}/orders", { path: { id }, query: { arm, cursor, limit: 15 } })}
          none={t("campaign.used_none")}
        />
      </div>
    </details>
  );
}

/** What a campaign brought, beside those it was kept from, with the orders behind each number. */
export function Brought({ campaign }: { campaign: Campaign }) {
  const { t, locale } = useLanguage();
  const query = useQuery(read("/campaigns/{id}/figures", { path: { id: Number(campaign.id) } }));
  const counted = (campaign.holdout_bps ?? 0) > 0;
  const rate = (roi: string) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(Number(roi));
  return (
    <Section title={t("campaign.brought")} lead={t(counted ? "campaign.brought_text" : "campaign.no_holdout")}>
      {counted && (
        <Answer query={query}>
          {({ offered, held, cost, incremental, roi }) => (
            <>
              <Figures>
                <Figure label={t("campaign.offered_people")} note={t("campaign.buyers", { count: offered.buyers })}>
                  <Count value={offered.people} />
                </Figure>
                <Figure label={t("campaign.nmv_offered")}>
                  <Money value={offered.nmv} />
                </Figure>
                <Figure label={t("campaign.held_people")} note={t("campaign.buyers", { count: held.buyers })}>
                  <Count value={held.people} />
                </Figure>
                <Figure label={t("campaign.nmv_held")}>
                  <Money value={held.nmv} />
                </Figure>
                <Figure label={<>{t("campaign.incremental")} <Info>{t("campaign.incremental_info")}</Info></>}>
                  {incremental == null ? "–" : <Money value={incremental} />}
                </Figure>
                <Figure label={<>{t("campaign.cost")} <Info>{t("campaign.cost_info")}</Info></>}>
                  <Money value={cost} />
                </Figure>
                <Figure label={<>{t("campaign.roi")} <Info>{t("campaign.roi_info")}</Info></>}>{roi == null ? "–" : rate(roi)}</Figure>
              </Figures>
              <ArmRows campaign={campaign} arm="offered" />
              <ArmRows campaign={campaign} arm="held" />
            </>
          )}
        </Answer>
      )}
    </Section>
  );
}
