import { useQuery } from "@tanstack/react-query";
import { fetchAnswer, readList, type Input } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { Empty } from "@/ui/answer";
import { List } from "@/ui/list";
import type { ReactNode } from "react";
import { useTransactionColumns } from "./columns";

interface Props {
  filter: { block?: string; address?: string };
  cursor: string | undefined;
  filters?: ReactNode;
}

export function TransactionList({ filter, cursor, filters }: Props) {
  const { t } = useLanguage();
  const input = (at: string | undefined) =>
    ({ query: { ...filter, cursor: at, limit: 25 } }) as Input<"/explorer/transactions">;
  const query = useQuery(readList("/explorer/transactions", input(cursor)));
  return (
    <List
      caption={t("explorer.transactions")}
      name="transactions"
      columns={useTransactionColumns()}
      query={query}
      cursor={cursor}
      rowKey={(row) => row.hash}
      fetchPage={(at) => fetchAnswer("/explorer/transactions", input(at))}
      filters={filters}
      empty={<Empty title={t("explorer.no_transactions")} />}
    />
  );
}
