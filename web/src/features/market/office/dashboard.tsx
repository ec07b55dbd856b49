import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { read, readList } from "@/lib/api/read";
import type { Dashboard, Solvency, Status } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { toSeconds } from "@/lib/time";
import { Address } from "@/ui/address";
import { Answer, Blank, Empty } from "@/ui/answer";
import { Count, Money } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { Table } from "@/ui/table";
import { useOrderColumns } from "../orders/order-table";
import { FlowCharts } from "./flow-charts";
import { OfficeGate } from "./office-gate";
import { StateChart } from "./state-chart";
import { RecommendShare } from "./recommend-share";
import { TownControls } from "./town-controls";

/** Healthy? Solvent? Served? The three questions of the morning, each with its answer and where to look. */
function Morning({ status, books, late }: { status: Status | undefined; books: Solvency | undefined; late: number }) {
  const { t } = useLanguage();
  const healthy = status?.state === "ok";
  const solvent = books?.tokens.every(({ covered, agrees }) => covered && agrees) ?? true;
  const answers = [
    { key: "healthy", good: healthy, to: "/status" },
    { key: "solvent", good: solvent, to: "/solvency" },
    { key: "served", good: late === 0, to: "/office/orders" },
  ] as const;
  return (
    <ul className="mb-10 -mt-4 grid md:grid-cols-3">
      {answers.map(({ key, good, to }) => (
        <li key={key} className="border-b border-line py-4 pr-6">
          <Link to={to} className="group flex items-start gap-3">
            {good ? (
              <CircleCheck aria-hidden size={22} className="mt-0.5 shrink-0 text-safe" />
            ) : (
              <TriangleAlert aria-hidden size={22} className={`mt-0.5 shrink-0 ${key === "served" ? "text-amber" : "text-harm"}`} />
            )}
            <span>
              <span className="block font-serif text-lg text-title group-hover:underline">{t(`office.${key}`)}</span>
              <span className="text-ink-soft">{t(`office.${key}_${good ? "yes" : "no"}`, { count: late })}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Deadlines({ orders }: { orders: Dashboard["deadlines"] }) {
  const { t } = useLanguage();
  const columns = useOrderColumns();
  return (
    <Section
      title={t("office.deadlines")}
      lead={t("office.deadlines_text")}
      aside={
        <Link to="/office/orders" className="link">
          {t("page.all_orders")}
        </Link>
      }
    >
      {orders.length === 0 ? (
        <Empty title={t("office.no_deadlines")} />
      ) : (
        <Table caption={t("office.deadlines")} columns={columns} rows={orders} rowKey={(order) => order.id} />
      )}
    </Section>
  );
}

function Sellers({ sellers }: { sellers: Dashboard["sellers_top"] }) {
  const { t } = useLanguage();
  if (sellers.length === 0) return null;
  return (
    <Section title={t("office.sellers")}>
      <Table
        caption={t("office.sellers")}
        rows={sellers}
        rowKey={(row) => row.address}
        columns={[
          { id: "seller", title: t("order.seller"), cell: (row) => <Address address={row.address} name={row.name} to="seller" /> },
          { id: "orders", title: t("metrics.orders"), cell: (row) => <Count value={row.orders} />, end: true },
          { id: "gmv", title: t("metrics.gmv"), cell: (row) => <Money value={row.gmv} />, end: true },
        ]}
      />
    </Section>
  );
}

function Board({ board }: { board: Dashboard }) {
  const { t } = useLanguage();
  const status = useQuery({ ...read("/status"), refetchInterval: 10_000 }).data;
  const books = useQuery(readList("/market/solvency")).data;
  const now = board.head.timestamp;
  const late = board.deadlines.filter(({ deadline }) => deadline && toSeconds(deadline) < now).length;
  return (
    <>
      <Morning status={status} books={books} late={late} />
      <Figures>
        <Figure label={t("office.orders_today")}>
          <Count value={board.today.orders} />
        </Figure>
        <Figure label={t("office.gmv_today")}>
          <Money value={board.today.gmv} />
        </Figure>
        <Figure label={t("office.new_buyers_today")}>
          <Count value={board.today.new_buyers} />
        </Figure>
        <Figure label={t("office.height")} note={t("office.lag", { count: board.index_lag })}>
          <Count value={board.head.number} />
        </Figure>
      </Figures>
      <TownControls />
      <RecommendShare />
      <div className="grid gap-x-12 lg:grid-cols-2">
        <StateChart rows={board.orders_by_state} />
        <FlowCharts board={board} />
      </div>
      <Deadlines orders={board.deadlines} />
      <Sellers sellers={board.sellers_top} />
    </>
  );
}

function Today() {
  const query = useQuery({ ...readList("/market/dashboard"), refetchInterval: 15_000 });
  return (
    <Answer query={query} blank={<Blank lines={8} height={80} />}>
      {(board) => <Board board={board} />}
    </Answer>
  );
}

export function DashboardPage() {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("office.title")} lead={t("office.lead")} />
      <OfficeGate>
        <Today />
      </OfficeGate>
    </>
  );
}
