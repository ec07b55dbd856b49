import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { ArrowLeft, ArrowRight, Download } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { collectPages, downloadCsv, type Page } from "@/lib/csv";
import { Answer, Blank } from "./answer";
import { Button } from "./button";
import { csvRows, Table, type Column } from "./table";

/** Next and previous by cursor; the cursor lives in the URL, so the browser's own buttons work too. */
export function Pager({ cursor, next }: { cursor: string | undefined; next: string | null | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const router = useRouter();
  if (cursor === undefined && !next) return null;
  const go = (to: string | undefined) =>
    void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, cursor: to }), resetScroll: true });
  return (
    <nav aria-label={t("list.pages")} className="mt-6 flex flex-wrap gap-3">
      {cursor !== undefined && (
        <>
          <Button small onClick={() => router.history.back()}>
            <ArrowLeft aria-hidden size={16} />
            {t("list.previous")}
          </Button>
          <Button small look="quiet" onClick={() => go(undefined)}>
            {t("list.first")}
          </Button>
        </>
      )}
      {next ? (
        <Button small onClick={() => go(next)}>
          {t("list.next")}
          <ArrowRight aria-hidden size={16} />
        </Button>
      ) : null}
    </nav>
  );
}

interface ExportProps<T> {
  name: string;
  columns: readonly Column<T>[];
  fetchPage: (cursor: string | undefined) => Promise<Page<T>>;
}

export function ExportButton<T>({ name, columns, fetchPage }: ExportProps<T>) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      downloadCsv(name, csvRows(columns, await collectPages(fetchPage)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button small look="quiet" busy={busy} onClick={() => void run()}>
      <Download aria-hidden size={16} />
      {t("list.export")}
    </Button>
  );
}

interface ListProps<T> extends ExportProps<T> {
  caption: string;
  query: UseQueryResult<Page<T>>;
  cursor: string | undefined;
  rowKey: (row: T) => string;
  filters?: ReactNode;
  empty: ReactNode;
}

/** A whole list page: filters, table, export, paging and the empty state. */
export function List<T>({ caption, query, cursor, rowKey, filters, empty, ...out }: ListProps<T>) {
  return (
    <div className="min-w-0">
      <div className="mb-4 flex flex-wrap items-end justify-between gap-3">
        <div className="flex min-w-0 flex-wrap items-end gap-3">{filters}</div>
        {query.data?.items.length !== 0 && <ExportButton {...out} />}
      </div>
      <Answer query={query} blank={<Blank lines={10} />}>
        {(page) =>
          page.items.length === 0 ? (
            empty
          ) : (
            <>
              <Table caption={caption} columns={out.columns} rows={page.items} rowKey={rowKey} />
              <Pager cursor={cursor} next={page.next} />
            </>
          )
        }
      </Answer>
    </div>
  );
}
