import { Check as Passed, X as Failed } from "lucide-react";
import { Link } from "@tanstack/react-router";
import type { OpsTrial } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";

type Backtest = NonNullable<OpsTrial["backtest"]>;
type Found = Backtest["found"][number];

/** Whether a rule may be proposed: its tests passed, and its expression gave an answer for every block. */
export const passed = (trial: OpsTrial | undefined) =>
  trial !== undefined && trial.tests.every(({ fault }) => fault == null) && trial.backtest?.fault == null;

function Past({ backtest }: { backtest: Backtest }) {
  const { t } = useLanguage();
  const columns: Column<Found>[] = [
    {
      id: "block",
      title: t("rule.block"),
      cell: (row) => <Link to="/explorer/blocks/$id" params={{ id: String(row.block) }} className="link figures">{row.block}</Link>,
    },
    { id: "labels", title: t("rule.labels"), cell: (row) => <span className="break-all">{Object.entries(row.labels).map(([name, value]) => `${name} ${value}`).join(", ")}</span> },
    { id: "at", title: t("rule.at"), cell: (row) => <When at={row.at} />, end: true, from: "sm" },
  ];
  return (
    <>
      <p className="mb-4">
        <strong className="font-semibold">{t("rule.would_fire", { count: backtest.fired })}</strong>{" "}
        {t("rule.in_blocks", { from: backtest.from, to: backtest.to })}
        {backtest.cut && <> {t("rule.cut")}</>}
      </p>
      {backtest.fault != null && <p role="alert" className="mb-4 text-harm break-words">{backtest.fault}</p>}
      {backtest.found.length > 0 && (
        <Table caption={t("rule.findings")} columns={columns} rows={backtest.found} rowKey={(row) => `${row.block} ${JSON.stringify(row.labels)}`} />
      )}
    </>
  );
}

/** What came of trying a rule. */
export function Trial({ trial }: { trial: OpsTrial }) {
  const { t } = useLanguage();
  return (
    <>
      <ul className="mb-6">
        {trial.tests.map((test, place) => (
          <li key={place} className="flex gap-3 border-b border-line py-2">
            {test.fault == null ? <Passed aria-hidden size={18} className="mt-1 shrink-0 text-safe" /> : <Failed aria-hidden size={18} className="mt-1 shrink-0 text-harm" />}
            <span className="min-w-0">
              <span className="text-ink-soft">{t(`rule.test.${test.kind}`)}</span> {test.shows}
              {test.fault == null ? (
                <span className="sr-only"> {t("rule.passed")}</span>
              ) : (
                <span className="block text-harm break-words">{test.fault}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {trial.backtest != null ? (
        <Past backtest={trial.backtest} />
      ) : (
        passed(trial) && <p className="text-ink-soft">{t("rule.timed")}</p>
      )}
    </>
  );
}
