import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { OpsInboxItem } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Answer, Blank, Empty } from "@/ui/answer";
import { PageHead } from "@/ui/page";
import { When } from "@/ui/when";

const EVERY = 10_000;
const LINK = "link text-lg font-semibold break-words";

/** Where it is done. A measure of no incident is among those of the watch. */
function To({ item, children }: { item: OpsInboxItem; children: ReactNode }) {
  if (item.kind === "ticket") return <Link to="/office/changes/$id" params={{ id: item.id }} className={LINK}>{children}</Link>;
  if (item.kind === "rule") return <Link to="/office/rules/$id" params={{ id: item.id }} className={LINK}>{children}</Link>;
  if (item.incident != null) return <Link to="/office/incidents/$id" params={{ id: String(item.incident) }} className={LINK}>{children}</Link>;
  return <Link to="/office/watch" hash="measures" className={LINK}>{children}</Link>;
}

function Item({ item }: { item: OpsInboxItem }) {
  const { t, language } = useLanguage();
  return (
    <li className="grid gap-x-8 gap-y-1 border-b border-line py-4 md:grid-cols-[120px_1fr_auto]">
      <span className="overline-label md:pt-1.5">{t(`inbox.kind.${item.kind}`)}</span>
      <div className="min-w-0">
        <To item={item}>{localized(item.title, language)}</To>
        <p className="max-w-[44rem]">{t(`inbox.why.${item.kind}_${item.why}`)}</p>
        {item.kind !== "incident" && item.incident != null && (
          <p className="text-sm text-ink-soft">{t("inbox.incident", { id: item.incident })}</p>
        )}
      </div>
      <dl className="flex flex-wrap gap-x-4 text-sm md:grid md:grid-cols-[auto_auto] md:content-start md:gap-y-1 md:pt-1.5">
        <div className="flex gap-2 md:contents">
          <dt className="text-ink-soft">{t("inbox.since")}</dt>
          <dd className="md:text-right"><When at={item.since} /></dd>
        </div>
        {item.until != null && (
          <div className="flex gap-2 md:contents">
            <dt className="text-ink-soft">{t("inbox.until")}</dt>
            <dd className="text-amber md:text-right"><When at={item.until} /></dd>
          </div>
        )}
      </dl>
    </li>
  );
}

function Inside() {
  const { t } = useLanguage();
  const query = useQuery({ ...read("/ops/inbox"), refetchInterval: EVERY });
  return (
    <Answer query={query} blank={<Blank lines={4} height={88} />}>
      {(items) =>
        items.length === 0 ? (
          <Empty title={t("inbox.empty")} text={t("inbox.empty_text")} />
        ) : (
          <>
            <p role="status" className="text-ink-soft">{t("inbox.count", { count: items.length })}</p>
            <ul>{items.map((item) => <Item key={`${item.kind}/${item.id}`} item={item} />)}</ul>
          </>
        )
      }
    </Answer>
  );
}

/** Everything that waits for whoever is signed in. */
export function InboxDesk({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("inbox.title")} lead={t("inbox.lead")} />
      {gate(<Inside />)}
    </>
  );
}
