import type { Campaign } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatMoney, units } from "@/lib/money";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { Facts } from "@/ui/page";
import { Table } from "@/ui/table";
import { share } from "./words";

const PARTS = [
  ["spent", "bg-ink-soft"],
  ["locked", "bg-amber"],
  ["available", "bg-safe"],
  ["withdrawn", "bg-line-strong"],
] as const;

/** A budget as one bar: used, in open orders, free, given back. */
export function BudgetBar({ campaign }: { campaign: Campaign }) {
  const { t, locale } = useLanguage();
  const { budget } = campaign;
  const all = units(budget.contributed.amount);
  const width = (amount: string) => (all === 0n ? 0 : Number((units(amount) * 10_000n) / all) / 100);
  return (
    <div>
      <div aria-hidden className="flex h-2 overflow-hidden rounded-full bg-sunken">
        {PARTS.map(([part, colour]) => (
          <span key={part} className={colour} style={{ width: `${width(budget[part].amount)}%` }} />
        ))}
      </div>
      <p className="mt-1 text-sm text-ink-soft">
        {t("campaign.left_of", { left: formatMoney(budget.available, locale), all: formatMoney(budget.contributed, locale) })}
      </p>
    </div>
  );
}

export function BudgetFacts({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const rows = ["contributed", "available", "reserved", "locked", "spent", "withdrawn"] as const;
  return (
    <Facts
      rows={rows.map((part) => [t(`campaign.${part}`), <Money key={part} value={campaign.budget[part]} />] as const)}
    />
  );
}

export function Funders({ campaign }: { campaign: Campaign }) {
  const { t, locale } = useLanguage();
  return (
    <Table
      caption={t("campaign.funders")}
      rows={campaign.funders}
      rowKey={({ party }) => party.address}
      columns={[
        {
          id: "who",
          title: t("campaign.funders"),
          cell: ({ party, share_bps }) => (
            <span className="flex min-w-0 flex-wrap items-center gap-x-3">
              <Address address={party.address} name={party.name} />
              <span className="figures text-ink-soft">{share(share_bps, locale)}</span>
            </span>
          ),
        },
        { id: "paid", title: t("campaign.paid_in"), cell: ({ paid }) => <Money value={paid} />, end: true },
        { id: "back", title: t("campaign.given_back"), cell: ({ given_back }) => <Money value={given_back} />, end: true, from: "sm" },
      ]}
    />
  );
}
