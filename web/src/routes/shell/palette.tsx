import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Blocks, CornerDownLeft, FileText, Receipt, ScrollText, Search, Store, Coins, UserRound } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import { useDeferredValue, useMemo, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { readList } from "@/lib/api/read";
import { DOORS } from "./doors";

interface Entry {
  key: string;
  icon: typeof Search;
  title: string;
  subtitle: string;
  href: string;
}

const ICONS: Record<string, typeof Search> = {
  offer: Store,
  order: Receipt,
  address: UserRound,
  seller: UserRound,
  transaction: ScrollText,
  block: Blocks,
  token: Coins,
};

function usePages(text: string): Entry[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const all = DOORS.flatMap(({ id, pages }) =>
      pages.map(({ to, key }) => ({ key: to, icon: FileText, title: t(`page.${key}`), subtitle: t(`door.${id}`), href: to })),
    );
    const wanted = text.toLowerCase();
    return all.filter((entry) => entry.title.toLowerCase().includes(wanted)).slice(0, text === "" ? 8 : 4);
  }, [t, text]);
}

/** Finds any offer, order, person, transaction, block, token or page; the arrows choose and Enter goes there. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const wanted = useDeferredValue(text.trim());
  const pages = usePages(wanted);
  const found = useQuery({ ...readList("/search", { query: { q: wanted } }), enabled: wanted !== "" });
  const results: Entry[] =
    wanted === ""
      ? []
      : (found.data?.items ?? []).map((item) => ({ ...item, key: item.kind + item.href, icon: ICONS[item.kind] ?? Search }));
  const entries = [...results, ...pages];
  const active = Math.min(chosen, Math.max(0, entries.length - 1));

  const go = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    router.history.push(entry.href);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && entries.length > 0) {
      event.preventDefault();
      setChosen((active + step + entries.length) % entries.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      go(entries[active]);
    }
  };

  return (
    <Primitive.Root open onOpenChange={(open) => !open && onClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Primitive.Content
          aria-describedby={undefined}
          className="fixed inset-x-2 top-[8dvh] z-50 mx-auto flex max-h-[80dvh] max-w-[640px] flex-col overflow-hidden rounded-[6px] border border-line-strong bg-paper shadow-[0_8px_40px_rgb(0_0_0/0.25)]"
        >
          <Primitive.Title className="sr-only">{t("shell.find")}</Primitive.Title>
          <div className="flex items-center gap-3 border-b border-line-strong px-4">
            <Search aria-hidden size={20} className="shrink-0 text-ink-faint" />
            <input
              autoFocus
              role="combobox"
              aria-expanded
              aria-controls="palette-list"
              aria-activedescendant={entries.length > 0 ? `palette-${active}` : undefined}
              aria-label={t("shell.find")}
              placeholder={t("palette.placeholder")}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setChosen(0);
              }}
              onKeyDown={onKey}
              className="h-14 w-full min-w-0 bg-transparent text-lg outline-none"
            />
          </div>
          <ul id="palette-list" role="listbox" aria-label={t("palette.results")} className="overflow-y-auto p-2">
            {entries.map((entry, n) => (
              <li
                key={entry.key}
                id={`palette-${n}`}
                role="option"
                aria-selected={n === active}
                onPointerMove={() => setChosen(n)}
                onClick={() => go(entry)}
                className={`flex cursor-pointer items-center gap-3 rounded-[4px] px-3 py-2 ${n === active ? "bg-sunken" : ""}`}
              >
                <entry.icon aria-hidden size={18} className="shrink-0 text-ink-faint" />
                <span className="min-w-0 grow">
                  <span className="block truncate">{entry.title}</span>
                  <span className="block truncate text-sm text-ink-faint">{entry.subtitle}</span>
                </span>
                {n === active && <CornerDownLeft aria-hidden size={16} className="shrink-0 text-ink-faint" />}
              </li>
            ))}
          </ul>
          {entries.length === 0 && (
            <p role="status" className="px-5 pb-5 text-ink-soft">
              {t(found.isFetching ? "common.loading" : "palette.none")}
            </p>
          )}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
