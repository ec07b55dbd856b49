import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, Download, TriangleAlert } from "lucide-react";
import { Fragment } from "react";
import { readList } from "@/lib/api/read";
import type { Solvency, SolvencyToken } from "@/lib/api/types";
import { downloadCsv } from "@/lib/csv";
import { useLanguage } from "@/lib/i18n";
import { toDecimal } from "@/lib/money";
import { Address } from "@/ui/address";
import { Answer, Empty } from "@/ui/answer";
import { Button, buttonClass } from "@/ui/button";
import { Info } from "@/ui/info";
import { Count, Money } from "@/ui/money";
import { PageHead } from "@/ui/page";
import { useChain } from "@/lib/queries";
import { When } from "@/ui/when";
import { CoverageChart } from "./coverage-chart";

const PARTS = ["open_orders", "bonds", "deposits", "budgets", "credits"] as const;
const SHADES = {
  open_orders: "var(--ink-soft)",
  bonds: "var(--mark-3)",
  deposits: "var(--accent)",
  budgets: "var(--mark-1)",
  credits: "var(--line-strong)",
};

/** What is owed, part by part, as widths of one bar against what is held. */
function Scale({ token }: { token: SolvencyToken }) {
  const most = [BigInt(token.balance), BigInt(token.liabilities), 1n].reduce((a, b) => (a > b ? a : b));
  const share = (amount: string) => `${Number((BigInt(amount) * 10_000n) / most) / 100}%`;
  return (
    <div aria-hidden className="my-4 space-y-1">
      <div className="h-3 bg-sunken">
        <div className={`h-full ${token.covered ? "bg-safe" : "bg-harm"}`} style={{ width: share(token.balance) }} />
      </div>
      <div className="flex h-3 bg-sunken">
        {PARTS.map((part) => (
          <div key={part} className="h-full" style={{ width: share(token[part]), background: SHADES[part] }} />
        ))}
      </div>
    </div>
  );
}

function Book({ token }: { token: SolvencyToken }) {
  const { t } = useLanguage();
  const money = (amount: string) => <Money value={{ ...token, amount }} />;
  const row = (label: string, amount: string, shade?: string, strong = false) => (
    <div className={`flex items-baseline justify-between gap-4 border-b border-line py-2 ${strong ? "font-semibold" : ""}`}>
      <dt className={`flex items-center gap-2 ${strong ? "" : "text-ink-soft"}`}>
        {shade !== undefined && <span aria-hidden className="size-3" style={{ background: shade }} />}
        {label}
      </dt>
      <dd>{money(amount)}</dd>
    </div>
  );
  const sound = token.covered && token.agrees;
  const Icon = sound ? CircleCheck : TriangleAlert;
  return (
    <section className="mb-12" aria-label={token.symbol}>
      <h2 className="flex flex-wrap items-center justify-between gap-x-6 border-b border-line pb-2 text-2xl">
        {token.symbol}
        <span className={`flex items-center gap-2 font-sans text-base font-semibold ${sound ? "text-safe" : "text-harm"}`}>
          <Icon aria-hidden size={18} />
          {t(!token.covered ? "solvency.short" : token.agrees ? "solvency.token_covered" : "solvency.disagrees")}
        </span>
      </h2>
      <div className="grid gap-x-12 md:grid-cols-2">
        <div>
          <p className="mt-4 text-ink-soft">{t("solvency.held_text")}</p>
          <p className="font-serif text-[40px] leading-tight text-title">{money(token.balance)}</p>
          <Scale token={token} />
          <p className="flex items-center gap-1 text-ink-soft">
            {t("solvency.coverage")} <span className="figures font-semibold text-ink">{token.coverage ?? "–"}</span>
            <Info>{t("solvency.coverage_text")}</Info>
          </p>
        </div>
        <dl>
          {PARTS.map((part) => (
            <Fragment key={part}>{row(t(`solvency.${part}`), token[part], SHADES[part])}</Fragment>
          ))}
          {row(t("solvency.liabilities"), token.liabilities, undefined, true)}
          {row(t("solvency.contract_says"), token.contract_liabilities)}
        </dl>
      </div>
    </section>
  );
}

function exportBooks(books: Solvency) {
  const rows = books.tokens.map((token) => [
    token.symbol,
    token.token,
    ...[token.balance, ...PARTS.map((part) => token[part]), token.liabilities].map((amount) =>
      toDecimal(BigInt(amount), token.decimals),
    ),
    String(books.block.number),
  ]);
  downloadCsv("solvency", [
    ["symbol", "token", "balance", ...PARTS, "liabilities", "block"],
    ...rows,
  ]);
}

function Books({ books }: { books: Solvency }) {
  const { t } = useLanguage();
  const chain = useChain().data;
  return (
    <>
      <p className="mb-10 flex flex-wrap items-center gap-x-6 gap-y-2 text-ink-soft">
        <span>
          {t("shell.block")}{" "}
          <Link to="/explorer/blocks/$id" params={{ id: String(books.block.number) }} className="link">
            <Count value={books.block.number} />
          </Link>
        </span>
        <When at={books.block.timestamp} />
        <span>
          {t("solvency.open_count")} <Count value={books.open_orders_count} />
        </span>
        {chain !== undefined && <Address address={chain.contracts.market} name={t("solvency.contract")} copy />}
      </p>
      {books.tokens.length === 0 && <Empty title={t("solvency.nothing")} text={t("solvency.nothing_text")} />}
      {books.tokens.map((token) => (
        <Book key={token.token} token={token} />
      ))}
      <CoverageChart books={books} />
      <p className="max-w-[44rem] text-ink-soft">{t("solvency.method")}</p>
    </>
  );
}

export function SolvencyPage() {
  const { t } = useLanguage();
  const query = useQuery(readList("/market/solvency"));
  return (
    <>
      <PageHead
        title={t("solvency.title")}
        lead={t("solvency.lead")}
        aside={
          query.data !== undefined && (
            <>
              <Button onClick={() => query.data && exportBooks(query.data)}>
                <Download aria-hidden size={16} />
                {t("list.export")}
              </Button>
              <Link to="/learn" className={buttonClass("quiet")}>
                {t("page.learn")}
              </Link>
            </>
          )
        }
      />
      <Answer query={query}>{(books) => <Books books={books} />}</Answer>
    </>
  );
}
