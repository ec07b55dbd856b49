import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import type { Block, TransactionRow } from "@/lib/api/types";
import { useChain } from "@/lib/queries";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, toDecimal, units } from "@/lib/money";
import { formatExact } from "@/lib/time";
import { Address, TransactionLink } from "@/ui/address";
import { Count } from "@/ui/money";
import type { Column } from "@/ui/table";
import { When } from "@/ui/when";

export function useBlockColumns(): Column<Block>[] {
  const { t } = useLanguage();
  return [
    {
      id: "number",
      title: t("explorer.block"),
      cell: (block) => (
        <Link to="/explorer/blocks/$id" params={{ id: String(block.number) }} className="link font-semibold">
          <Count value={block.number} />
        </Link>
      ),
      csv: (block) => String(block.number),
    },
    { id: "age", title: t("explorer.age"), cell: (block) => <When at={block.timestamp} relative />, csv: (b) => formatExact(b.timestamp) },
    {
      id: "hash",
      title: t("explorer.hash"),
      cell: (block) => <span className="font-mono text-sm text-ink-soft">{block.hash.slice(0, 18)}…</span>,
      csv: (block) => block.hash,
      from: "md",
    },
    { id: "count", title: t("explorer.transactions"), cell: (b) => <Count value={b.tx_count} />, csv: (b) => String(b.tx_count), end: true },
    { id: "gas", title: t("explorer.gas_used"), cell: (b) => <Count value={BigInt(b.gas_used)} />, csv: (b) => String(b.gas_used), end: true, from: "sm" },
  ];
}

/** "Market.accept", "transfer of coin", "deployment": what a transaction does, in as few words as hold. */
export function useDeed() {
  const { t } = useLanguage();
  return (row: Pick<TransactionRow, "to" | "contract" | "function">): string => {
    if (!row.to) return t("explorer.deployment");
    if (row.function) return row.contract ? `${row.contract} · ${row.function}` : row.function;
    return row.contract ? t("explorer.call_to", { contract: row.contract }) : t("explorer.plain");
  };
}

export function useTransactionColumns(): Column<TransactionRow>[] {
  const { t, locale } = useLanguage();
  const native = useChain().data?.native;
  const deed = useDeed();
  return [
    {
      id: "hash",
      title: t("explorer.transaction"),
      cell: (row) => (
        <>
          <TransactionLink hash={row.hash} />
          {!row.status && <span className="ml-2 text-sm text-harm">{t("explorer.failed")}</span>}
          <span className="block max-w-[44vw] truncate text-sm text-ink-soft sm:max-w-none">{deed(row)}</span>
        </>
      ),
      csv: (row) => row.hash,
    },
    { id: "age", title: t("explorer.age"), cell: (row) => <When at={row.timestamp} relative />, csv: (row) => formatExact(row.timestamp) },
    { id: "from", title: t("explorer.from"), cell: (row) => <Address address={row.from} />, csv: (row) => row.from, from: "md" },
    {
      id: "arrow",
      title: t("explorer.to"),
      cell: (row) => (
        <span className="flex items-center gap-3">
          <ArrowRight aria-hidden size={14} className="shrink-0 text-ink-faint" />
          {row.to ? <Address address={row.to} name={row.contract} /> : t("explorer.deployment")}
        </span>
      ),
      csv: (row) => row.to ?? "",
      from: "md",
    },
    {
      id: "value",
      title: native?.symbol ?? t("explorer.value"),
      cell: (row) => <span className="figures">{formatUnits(units(row.value), native?.decimals ?? 18, locale, { min: 0, max: 6 })}</span>,
      csv: (row) => toDecimal(units(row.value), native?.decimals ?? 18),
      end: true,
      from: "lg",
    },
  ];
}
