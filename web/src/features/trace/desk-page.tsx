import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { client } from "@/lib/api/client";
import { fetchAnswer, read, readList } from "@/lib/api/read";
import type { TraceBatch, TraceEventCard } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Answer, Empty } from "@/ui/answer";
import { TransactionLink } from "@/ui/address";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { List } from "@/ui/list";
import { Count } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";
import { Alerts } from "./scan";

function Events({ cursor }: { cursor: string | undefined }) {
  const { t, language } = useLanguage();
  const input = (at: string | undefined) => ({ query: { cursor: at, limit: 25 } });
  const query = useQuery(readList("/trace/events", input(cursor)));
  const columns: Column<TraceEventCard>[] = [
    { id: "at", title: t("chart.time"), cell: (row) => <When at={row.at} />, csv: (row) => row.at },
    { id: "what", title: t("trace.what"), cell: (row) => row.biz_step ?? row.event_type, csv: (row) => row.biz_step ?? row.event_type },
    { id: "where", title: t("trace.where"), cell: (row) => (row.place?.name != null ? localized(row.place.name, language) : (row.place?.id ?? "–")), from: "md" },
    {
      id: "about",
      title: t("trace.about"),
      cell: (row) =>
        row.href == null ? (
          <span className="break-all">{row.about[0] ?? "–"}</span>
        ) : (
          <Link to={row.href} className="link break-all">
            {row.about[0]}
          </Link>
        ),
      csv: (row) => row.about.join(" "),
      from: "lg",
    },
    { id: "anchored", title: t("trace.anchored"), cell: (row) => t(row.anchored ? "common.yes" : "common.no"), end: true },
  ];
  return (
    <List
      caption={t("trace.events")}
      name="events"
      columns={columns}
      query={query}
      cursor={cursor}
      rowKey={(row) => `${row.event_id}${row.captured_at}${row.at}`}
      fetchPage={(at) => fetchAnswer("/trace/events", input(at))}
      empty={<Empty title={t("trace.nothing")} text={t("trace.no_events")} />}
    />
  );
}

function Batches() {
  const { t } = useLanguage();
  const query = useQuery(read("/trace/batches", { query: { limit: 10 } }));
  const columns: Column<TraceBatch>[] = [
    { id: "id", title: t("trace.batch"), cell: (row) => String(row.batch_id) },
    { id: "leaves", title: t("trace.events"), cell: (row) => <Count value={row.leaves} />, end: true },
    { id: "block", title: t("shell.block"), cell: (row) => <Link to="/explorer/blocks/$id" params={{ id: String(row.block_number) }} className="link figures">{row.block_number}</Link>, end: true },
    { id: "tx", title: t("trace.transaction"), cell: (row) => <TransactionLink hash={row.transaction_hash} />, from: "md" },
    { id: "at", title: t("chart.time"), cell: (row) => <When at={row.at} />, end: true },
  ];
  return (
    <Answer query={query}>
      {({ items }) =>
        items.length === 0 ? <Empty title={t("trace.no_batches")} /> : <Table caption={t("trace.batches")} columns={columns} rows={items} rowKey={(row) => row.root} />
      }
    </Answer>
  );
}

/** Draws serials nobody can guess, and the codes to print. */
function Labels() {
  const { t } = useLanguage();
  const [gtin, setGtin] = useState("06901234056785");
  const [lot, setLot] = useState("");
  const draw = useMutation({
    mutationFn: async () => (await client.POST("/trace/serials", { body: { gtin, lot: lot || null, count: 4 } })).data?.links ?? [],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    draw.mutate();
  };
  const code = (link: string, format: string) => `/api/v1/trace/qr?format=${format}&link=${encodeURIComponent(link)}`;
  return (
    <form onSubmit={submit} className="flex flex-col items-start gap-4">
      <div className="grid w-full max-w-[44rem] gap-4 sm:grid-cols-2">
        <Field label={t("trace.gtin")}>{(a) => <Input {...a} inputMode="numeric" value={gtin} onChange={(e) => setGtin(e.target.value)} />}</Field>
        <Field label={t("detail.lotNumber")} optional={t("common.optional")}>{(a) => <Input {...a} value={lot} onChange={(e) => setLot(e.target.value)} />}</Field>
      </div>
      <Button look="primary" type="submit" busy={draw.isPending}>
        {t("trace.draw")}
      </Button>
      {draw.isError && <p role="alert" className="text-harm">{draw.error.message}</p>}
      {draw.data !== undefined && (
        <ul className="grid grid-cols-2 gap-6 md:grid-cols-4">
          {draw.data.map((link) => (
            <li key={link} className="min-w-0">
              <img src={code(link, "svg")} alt={t("trace.code_of", { link })} className="w-full bg-white" />
              <p className="mt-1 text-sm break-all">{link}</p>
              <a className="link text-sm" href={code(link, "png")} download={`${link.split("/").at(-1)}.png`}>PNG</a>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}

/** The brand's and the staff's view of traceability. */
export function TraceDesk({ cursor, gate }: { cursor: string | undefined; gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("trace.desk_title")} lead={t("trace.desk_lead")} />
      {gate(<Inside cursor={cursor} />)}
    </>
  );
}

function Inside({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const overview = useQuery(read("/trace/overview"));
  const alerts = useQuery(read("/trace/alerts", { query: { limit: 20 } }));
  return (
    <>
      <Answer query={overview}>
        {(now) => (
          <>
            <Figures>
              <Figure label={t("trace.events")}><Count value={now.events} /></Figure>
              <Figure label={t("trace.anchored")}><Count value={now.anchored} /></Figure>
              <Figure label={t("trace.scans")}><Count value={now.scans} /></Figure>
              <Figure label={t("trace.signs")}><Count value={now.alerts} /></Figure>
            </Figures>
            {!now.anchoring && <p role="status" className="mb-8 text-amber">{t("trace.off_text")}</p>}
          </>
        )}
      </Answer>
      <Section title={t("trace.signs")} lead={t("trace.signs_text")}>
        <Answer query={alerts}>
          {({ items }) => (items.length === 0 ? <Empty title={t("trace.no_signs")} /> : <Alerts alerts={items} />)}
        </Answer>
      </Section>
      <Section title={t("trace.labels")} lead={t("trace.labels_text")}>
        <Labels />
      </Section>
      <Section title={t("trace.events")}>
        <Events cursor={cursor} />
      </Section>
      <Section title={t("trace.batches")} lead={t("trace.batches_text")}>
        <Batches />
      </Section>
    </>
  );
}
