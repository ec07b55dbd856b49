import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { fetchAnswer, readList, type Answer as AnswerOf, type Input } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, toDecimal, units } from "@/lib/money";
import { Empty } from "@/ui/answer";
import { Hallmark } from "@/ui/hallmark";
import { List } from "@/ui/list";
import { Count } from "@/ui/money";
import { PageHead } from "@/ui/page";
import type { Column } from "@/ui/table";

const route = getRouteApi("/explorer/tokens");
type Token = AnswerOf<"/explorer/tokens">["items"][number];

function useColumns(): Column<Token>[] {
  const { t, locale } = useLanguage();
  return [
    {
      id: "token",
      title: t("offer.token"),
      cell: (token) => (
        <span className="flex items-center gap-3">
          <Hallmark address={token.address} size={28} />
          <span className="min-w-0">
            <Link to="/explorer/tokens/$address" params={{ address: token.address }} className="link font-semibold">
              {token.name}
            </Link>
            <span className="block text-sm text-ink-soft">{token.symbol}</span>
          </span>
        </span>
      ),
      csv: (token) => token.address,
    },
    {
      id: "supply",
      title: t("explorer.supply"),
      cell: (token) => (
        <span className="figures">{formatUnits(units(token.total_supply), token.decimals, locale, { min: 0, max: 2 })}</span>
      ),
      csv: (token) => toDecimal(units(token.total_supply), token.decimals),
      end: true,
    },
    { id: "holders", title: t("explorer.holders"), cell: (x) => <Count value={x.holders_count} />, csv: (x) => String(x.holders_count), end: true, from: "sm" },
    { id: "transfers", title: t("explorer.transfers"), cell: (x) => <Count value={x.transfers_count} />, csv: (x) => String(x.transfers_count), end: true, from: "sm" },
  ];
}

export function TokensPage() {
  const { t } = useLanguage();
  const { cursor } = route.useSearch();
  const input = (at: string | undefined) => ({ query: { cursor: at, limit: 25 } }) as Input<"/explorer/tokens">;
  const query = useQuery(readList("/explorer/tokens", input(cursor)));
  return (
    <>
      <PageHead title={t("page.tokens")} lead={t("explorer.tokens_lead")} />
      <List
        caption={t("page.tokens")}
        name="tokens"
        columns={useColumns()}
        query={query}
        cursor={cursor}
        rowKey={(token) => token.address}
        fetchPage={(at) => fetchAnswer("/explorer/tokens", input(at))}
        empty={<Empty title={t("explorer.no_tokens")} />}
      />
    </>
  );
}
