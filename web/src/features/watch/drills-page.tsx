import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { OpsDrill } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Answer, Blank } from "@/ui/answer";
import { PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";

type Played = OpsDrill["played"][number];

const COMMAND = "guildhall drill run all --data-dir DIR";

function Outcome({ played }: { played: Played }) {
  const { t } = useLanguage();
  const word = played.contained ? "stopped" : played.detected ? "found" : "missed";
  return <strong className={`font-semibold ${word === "stopped" ? "text-safe" : "text-harm"}`}>{t(`drill.${word}`)}</strong>;
}

function Drill({ drill }: { drill: OpsDrill }) {
  const { t, language, locale } = useLanguage();
  const seconds = (value: number | null | undefined) =>
    value == null ? "–" : new Intl.NumberFormat(locale, { style: "unit", unit: "second", maximumFractionDigits: 3 }).format(value);
  const amount = (value: number) => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(value);
  const blocks = (value: number | null | undefined) => (value == null ? "–" : t("drill.blocks", { count: value }));
  const columns: Column<Played>[] = [
    { id: "at", title: t("drill.played"), cell: (row) => <When at={row.at} /> },
    { id: "outcome", title: t("drill.outcome"), cell: (row) => <Outcome played={row} /> },
    { id: "found", title: t("drill.found_after"), cell: (row) => <>{blocks(row.blocks_to_detect)} · {seconds(row.seconds_to_detect)}</>, end: true },
    { id: "stopped", title: t("drill.stopped_after"), cell: (row) => seconds(row.seconds_to_contain), end: true, from: "sm" },
    { id: "lost", title: t("drill.lost"), cell: (row) => <>{amount(row.loss_with)} / {amount(row.loss_without)}</>, end: true, from: "md" },
  ];
  return (
    <Section title={localized(drill.title, language)} lead={localized(drill.story, language)}>
      <p className="mb-3 text-sm text-ink-soft">
        {t("drill.must_find")} <code className="break-all">{drill.rule}</code>
      </p>
      {drill.played.length === 0 ? (
        <p className="text-ink-soft">{t("drill.never")}</p>
      ) : (
        <Table caption={localized(drill.title, language)} columns={columns} rows={drill.played} rowKey={(row) => row.at} />
      )}
    </Section>
  );
}

/** Whether the watch would find what it is there for, and when that was last seen. */
export function DrillBoard({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("drill.title")} lead={t("drill.lead")} />
      {gate(<Board />)}
    </>
  );
}

function Board() {
  const { t } = useLanguage();
  const query = useQuery(read("/ops/drills"));
  return (
    <Answer query={query} blank={<Blank lines={6} height={80} />}>
      {(drills) => (
        <>
          <p className="mb-8 max-w-[44rem]">
            {t("drill.how")} <code className="figures break-all">{COMMAND}</code>
          </p>
          {drills.map((drill) => (
            <Drill key={drill.id} drill={drill} />
          ))}
        </>
      )}
    </Answer>
  );
}
