import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useState, type FormEvent } from "react";
import { fetchAnswer, readList, type Input } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { Empty } from "@/ui/answer";
import { Button, buttonClass } from "@/ui/button";
import { inputClass } from "@/ui/field";
import { List } from "@/ui/list";
import { PageHead } from "@/ui/page";
import { useBlockColumns } from "./columns";
import { TransactionList } from "./transaction-list";

const route = getRouteApi("/explorer");

function SearchBox() {
  const { t } = useLanguage();
  const router = useRouter();
  const [text, setText] = useState("");
  const [missing, setMissing] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === "") return;
    const { items } = await fetchAnswer("/search", { query: { q: wanted } });
    const found = items[0];
    setMissing(found === undefined);
    if (found !== undefined) router.history.push(found.href);
  };
  return (
    <form role="search" onSubmit={(event) => void submit(event)} className="mb-8">
      <div className="flex gap-2">
        <span className="relative grow">
          <Search aria-hidden size={18} className="absolute top-3 left-3 text-ink-faint" />
          <input
            type="search"
            aria-label={t("explorer.search")}
            placeholder={t("explorer.search")}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className={`${inputClass} pl-10`}
          />
        </span>
        <Button type="submit" look="primary">
          {t("explorer.find")}
        </Button>
      </div>
      <p role="status" className="mt-1 min-h-6 text-ink-soft">
        {missing && t("explorer.not_found")}
      </p>
    </form>
  );
}

function ViewSwitch({ view }: { view: "blocks" | "transactions" }) {
  const { t } = useLanguage();
  return (
    <div role="group" aria-label={t("explorer.view")} className="flex gap-1">
      {(["blocks", "transactions"] as const).map((one) => (
        <Link
          key={one}
          to="/explorer"
          search={one === "blocks" ? {} : { view: one }}
          aria-current={view === one ? "true" : undefined}
          className={buttonClass(view === one ? "chosen" : "outline")}
        >
          {t(`explorer.${one}`)}
        </Link>
      ))}
    </div>
  );
}

function BlockList({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const input = (at: string | undefined): Input<"/explorer/blocks"> => ({ query: { cursor: at, limit: 25 } });
  const query = useQuery(readList("/explorer/blocks", input(cursor)));
  return (
    <List
      caption={t("explorer.blocks")}
      name="blocks"
      columns={useBlockColumns()}
      query={query}
      cursor={cursor}
      rowKey={(block) => block.hash}
      fetchPage={(at) => fetchAnswer("/explorer/blocks", input(at))}
      filters={<ViewSwitch view="blocks" />}
      empty={<Empty title={t("explorer.no_blocks")} />}
    />
  );
}

export function ExplorerPage() {
  const { t } = useLanguage();
  const { cursor, view } = route.useSearch();
  return (
    <>
      <PageHead title={t("page.explorer")} lead={t("explorer.lead")} />
      <SearchBox />
      {view === "transactions" ? (
        <TransactionList filter={{}} cursor={cursor} filters={<ViewSwitch view="transactions" />} />
      ) : (
        <BlockList cursor={cursor} />
      )}
    </>
  );
}
