import { useQuery } from "@tanstack/react-query";
import { fetchAnswer, read, readList } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { Answer, Empty } from "@/ui/answer";
import { List } from "@/ui/list";
import { Count, Money } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { Table } from "@/ui/table";
import { useArbiterColumns, useCaseColumns } from "./columns";

/** Who judges when two don't agree, what they stake on it, and what they have judged. */
export function ArbitersPage({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const settings = useQuery(read("/arbitration-settings"));
  const cases = useQuery(readList("/arbitrations", { query: { limit: 12, cursor } }));
  const arbiters = useQuery(read("/arbiters", { query: { limit: 100 } }));
  const [arbiterColumns, caseColumns] = [useArbiterColumns(), useCaseColumns()];
  return (
    <>
      <PageHead title={t("page.arbiters")} lead={t("arbitration.lead")} />
      <Answer query={settings}>
        {(now) => (
          <Figures>
            <Figure label={t("arbitration.ready")}>
              <Count value={now.active} />
            </Figure>
            <Figure label={t("arbitration.least_stake")} note={t("arbitration.least_stake_note")}>
              <Money value={now.stake_min} />
            </Figure>
            <Figure label={t("arbitration.price")} note={t("arbitration.price_note", { percent: now.price_bps / 100 })}>
              <Money value={now.floor} />
            </Figure>
            <Figure label={t("arbitration.panels")} note={t("arbitration.panels_note")}>
              {now.panel_size} · {now.appeal_size}
            </Figure>
          </Figures>
        )}
      </Answer>
      <Section title={t("arbitration.cases")} lead={t("arbitration.cases_text")}>
        <List
          caption={t("arbitration.cases")}
          name="cases"
          columns={caseColumns}
          query={cases}
          cursor={cursor}
          rowKey={(row) => row.id}
          fetchPage={(at) => fetchAnswer("/arbitrations", { query: { limit: 100, cursor: at } })}
          empty={<Empty title={t("arbitration.no_cases")} text={t("arbitration.no_cases_text")} />}
        />
      </Section>
      <Section title={t("page.arbiters")} lead={t("arbitration.arbiters_text")}>
        <Answer query={arbiters}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("arbitration.no_arbiters")} text={t("arbitration.no_arbiters_text")} />
            ) : (
              <Table caption={t("page.arbiters")} columns={arbiterColumns} rows={items} rowKey={(row) => row.address} />
            )
          }
        </Answer>
      </Section>
    </>
  );
}
