import { Link } from "@tanstack/react-router";
import type { Arbiter, Arbitration } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { toDecimal, units } from "@/lib/money";
import { Address } from "@/ui/address";
import { Count, Money } from "@/ui/money";
import type { Column } from "@/ui/table";
import { When } from "@/ui/when";

export function useCaseColumns(): Column<Arbitration>[] {
  const { t } = useLanguage();
  return [
    {
      id: "case",
      title: t("arbitration.case"),
      cell: (row) => (
        <>
          <Link to="/arbitrations/$id" params={{ id: row.id }} className="link font-semibold">
            {t("arbitration.case_number", { id: row.id })}
          </Link>
          {row.order_id && (
            <Link to="/orders/$id" params={{ id: row.order_id }} className="link block text-sm">
              {t("order.number", { id: row.order_id })}
            </Link>
          )}
        </>
      ),
      csv: (row) => row.id,
    },
    {
      id: "parties",
      title: t("order.parties"),
      cell: (row) => (
        <span className="flex flex-col gap-1">
          <Address address={row.first_party.address} name={row.first_party.name} />
          <Address address={row.second_party.address} name={row.second_party.name} to="seller" />
        </span>
      ),
      csv: (row) => `${row.first_party.address} ${row.second_party.address}`,
      from: "md",
    },
    { id: "phase", title: t("arbitration.stands"), cell: (row) => t(`case_phase.${row.phase}`), csv: (row) => row.phase },
    {
      id: "ruling",
      title: t("case.ruling"),
      cell: (row) => (row.ruling ? t(`ruling.${row.ruling}`) : "–"),
      csv: (row) => row.ruling ?? "",
      from: "sm",
    },
    {
      id: "deadline",
      title: t("arbitration.until"),
      cell: (row) => (row.deadline ? <When at={row.deadline} relative /> : "–"),
      csv: (row) => row.deadline ?? "",
      end: true,
    },
  ];
}

export function useArbiterColumns(): Column<Arbiter>[] {
  const { t } = useLanguage();
  return [
    { id: "arbiter", title: t("arbitration.arbiter"), cell: (row) => <Address address={row.address} name={row.name} />, csv: (row) => row.address },
    { id: "state", title: t("order.state"), cell: (row) => t(`arbiter_state.${row.state}`), csv: (row) => row.state, from: "sm" },
    {
      id: "stake",
      title: t("arbitration.stake_column"),
      cell: (row) => <Money value={row.stake} />,
      csv: (row) => toDecimal(units(row.stake.amount), row.stake.decimals),
      end: true,
    },
    { id: "seats", title: t("arbitration.seats"), cell: (row) => <Count value={row.seats} />, csv: (row) => String(row.seats), end: true, from: "md" },
    { id: "rewarded", title: t("arbitration.with_ruling"), cell: (row) => <Count value={row.rewarded} />, csv: (row) => String(row.rewarded), end: true, from: "md" },
    { id: "slashed", title: t("arbitration.slashed"), cell: (row) => <Count value={row.slashed} />, csv: (row) => String(row.slashed), end: true, from: "lg" },
    { id: "earned", title: t("arbitration.earned"), cell: (row) => <Money value={row.earned} />, csv: (row) => toDecimal(units(row.earned.amount), row.earned.decimals), end: true, from: "lg" },
  ];
}
