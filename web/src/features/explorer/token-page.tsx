import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { fetchAnswer, readList, type Answer as AnswerOf, type Input } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, toDecimal, units } from "@/lib/money";
import { formatExact } from "@/lib/time";
import { Address, CopyButton, TransactionLink } from "@/ui/address";
import { Answer, Empty } from "@/ui/answer";
import { Hallmark } from "@/ui/hallmark";
import { ExportButton, Pager } from "@/ui/list";
import { Count } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";

const route = getRouteApi("/explorer/tokens/$address");
type Detail = AnswerOf<"/explorer/tokens/{address}">;
type Transfer = Detail["transfers"]["items"][number];

function useTransferColumns(decimals: number): Column<Transfer>[] {
  const { t, locale } = useLanguage();
  return [
    { id: "tx", title: t("explorer.transaction"), cell: (row) => <TransactionLink hash={row.tx_hash} />, csv: (row) => row.tx_hash },
    { id: "age", title: t("explorer.age"), cell: (row) => <When at={row.timestamp} relative />, csv: (row) => formatExact(row.timestamp), from: "sm" },
    { id: "from", title: t("explorer.from"), cell: (row) => <Address address={row.from} />, csv: (row) => row.from, from: "md" },
    { id: "to", title: t("explorer.to"), cell: (row) => <Address address={row.to} />, csv: (row) => row.to, from: "md" },
    {
      id: "amount",
      title: t("explorer.amount"),
      cell: (row) => <span className="figures">{formatUnits(units(row.amount), decimals, locale)}</span>,
      csv: (row) => toDecimal(units(row.amount), decimals),
      end: true,
    },
  ];
}

function Holders({ token }: { token: Detail }) {
  const { t, locale } = useLanguage();
  const supply = units(token.total_supply);
  const share = (balance: string) => (supply === 0n ? 0 : Number((units(balance) * 10_000n) / supply) / 10_000);
  return (
    <Section title={t("explorer.top_holders")}>
      <Table
        caption={t("explorer.top_holders")}
        rows={token.holders}
        rowKey={(holder) => holder.address}
        columns={[
          { id: "holder", title: t("explorer.holder"), cell: (row) => <Address address={row.address} name={row.name} /> },
          {
            id: "balance",
            title: t("explorer.balance"),
            cell: (row) => <span className="figures">{formatUnits(units(row.balance), token.decimals, locale)}</span>,
            end: true,
          },
          {
            id: "share",
            title: t("explorer.share"),
            cell: (row) => (
              <span className="figures">
                {new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(share(row.balance))}
              </span>
            ),
            end: true,
            from: "sm",
          },
        ]}
      />
    </Section>
  );
}

function View({ token, cursor }: { token: Detail; cursor: string | undefined }) {
  const { t, locale } = useLanguage();
  const { address } = token;
  const columns = useTransferColumns(token.decimals);
  return (
    <>
      <PageHead
        name={token.name}
        above={token.symbol}
        title={
          <span className="flex flex-wrap items-center gap-4">
            <Hallmark address={address} size={56} />
            {token.name}
          </span>
        }
        lead={
          <span className="flex items-start gap-2 font-mono text-[15px] break-all">
            {address}
            <CopyButton text={address} />
          </span>
        }
      />
      <Figures>
        <Figure label={t("explorer.supply")}>
          {formatUnits(units(token.total_supply), token.decimals, locale, { min: 0, max: 2 })}
        </Figure>
        <Figure label={t("explorer.holders")}>
          <Count value={token.holders_count} />
        </Figure>
        <Figure label={t("explorer.transfers")}>
          <Count value={token.transfers_count} />
        </Figure>
        <Figure label={t("explorer.decimals")}>
          <Count value={token.decimals} />
        </Figure>
      </Figures>
      <div className="grid gap-x-12 lg:grid-cols-[2fr_3fr]">
        <Holders token={token} />
        <Section
          title={t("explorer.transfers")}
          aside={
            <ExportButton
              name={`transfers-${token.symbol}`}
              columns={columns}
              fetchPage={async (at) =>
                (
                  await fetchAnswer("/explorer/tokens/{address}", {
                    path: { address },
                    query: { cursor: at, limit: 100 },
                  } as Input<"/explorer/tokens/{address}">)
                ).transfers
              }
            />
          }
        >
          {token.transfers.items.length === 0 ? (
            <Empty title={t("explorer.no_transfers")} />
          ) : (
            <Table caption={t("explorer.transfers")} columns={columns} rows={token.transfers.items} rowKey={(row) => `${row.tx_hash}${row.to}${row.amount}`} />
          )}
          <Pager cursor={cursor} next={token.transfers.next} />
        </Section>
      </div>
    </>
  );
}

export function TokenPage() {
  const { address } = route.useParams();
  const { cursor } = route.useSearch();
  const query = useQuery(
    readList("/explorer/tokens/{address}", {
      path: { address },
      query: { cursor, limit: 25 },
    } as Input<"/explorer/tokens/{address}">),
  );
  return <Answer query={query}>{(token) => <View token={token} cursor={cursor} />}</Answer>;
}
