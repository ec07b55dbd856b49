import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "@/lib/api/client";
import { read, readList, type Answer } from "@/lib/api/read";
import type { Notice } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useSession } from "@/lib/queries";
import { sessionIsFor } from "@/lib/wallet/session";
import { useWallet } from "@/lib/wallet/state";
import { useSessionGate } from "@/lib/wallet/use-session-gate";
import { Address } from "@/ui/address";
import { Answer as Loaded, Blank, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Check } from "@/ui/field";
import { Pager } from "@/ui/list";
import { PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { When } from "@/ui/when";
import { Ways } from "./ways";

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/notices") });
}

function Row({ notice }: { notice: Notice }) {
  const { t } = useLanguage();
  return (
    <li className={`grid grid-cols-[12px_1fr] gap-x-3 border-b border-line py-3 ${notice.unread ? "" : "text-ink-soft"}`}>
      <span aria-hidden className={`mt-2 size-2 rounded-full ${notice.unread ? "bg-accent" : "bg-transparent"}`} />
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline justify-between gap-x-6">
          <Link to="/orders/$id" params={{ id: notice.order_id }} className={`link ${notice.unread ? "font-semibold" : ""}`}>
            {t(`event.${notice.event}`, { defaultValue: notice.event })} · {t("order.number", { id: notice.order_id })}
            {notice.unread && <span className="sr-only"> ({t("notice.unread")})</span>}
          </Link>
          <span className="text-sm">
            <When at={notice.at} relative />
          </span>
        </p>
        <p className="flex flex-wrap items-center gap-x-2 text-sm text-ink-soft">
          {t(`notice.${notice.side}`)} <Address address={notice.by.address} name={notice.by.name} to="none" size={16} />
        </p>
      </div>
    </li>
  );
}

function List({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const refresh = useRefresh();
  const query = useQuery(readList("/notices", { query: { cursor, limit: 25 } }));
  const all = useMutation({
    mutationFn: async () => {
      await client.DELETE("/notices/unread");
      await refresh();
    },
  });
  return (
    <Loaded query={query} blank={<Blank lines={6} />}>
      {({ items, next }) =>
        items.length === 0 ? (
          <Empty title={t("notice.none")} text={t("notice.none_text")} />
        ) : (
          <>
            {items.some(({ unread }) => unread) && (
              <p className="mb-4">
                <Button small busy={all.isPending} onClick={() => all.mutate()}>
                  {t("notice.read_all")}
                </Button>
              </p>
            )}
            <ul className="ruled">
              {items.map((notice) => (
                <Row key={notice.id} notice={notice} />
              ))}
            </ul>
            <Pager cursor={cursor} next={next} />
          </>
        )
      }
    </Loaded>
  );
}

type Wanted = Answer<"/notices/settings">;

function Kinds({ kept }: { kept: Wanted }) {
  const { t } = useLanguage();
  const refresh = useRefresh();
  // What was pressed is shown at once; should it not be taken, what is kept comes back.
  const [shown, setShown] = useState(kept);
  const set = useMutation({
    mutationFn: async (body: Wanted) => {
      await client.PUT("/notices/settings", { body });
      await refresh();
    },
    onError: () => setShown(kept),
  });
  const want = (next: Wanted) => {
    setShown(next);
    set.mutate(next);
  };
  return (
    <>
      {(["orders", "aftersales"] as const).map((kind) => (
        <Check
          key={kind}
          label={t(`notice.kind_${kind}`)}
          checked={shown[kind]}
          onChange={(event) => want({ ...shown, [kind]: event.target.checked })}
        />
      ))}
      {set.isError && (
        <p role="alert" className="text-harm">
          {t("privacy.failed", { message: set.error.message })}
        </p>
      )}
    </>
  );
}

function Settings() {
  const { t } = useLanguage();
  const query = useQuery(read("/notices/settings"));
  return (
    <Section title={t("notice.settings")} lead={t("notice.settings_text")}>
      <Loaded query={query}>{(kept) => <Kinds kept={kept} />}</Loaded>
    </Section>
  );
}

/** What others did in one's orders. */
export function NoticesView({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const session = useSession().data;
  const { connect } = useSigning();
  const enter = useMutation({ mutationFn: useSessionGate() });
  return (
    <>
      <PageHead title={t("page.notices")} lead={t("notice.lead")} />
      {sessionIsFor(session, wallet) ? (
        <>
          <Section title={t("notice.news")}>
            <List cursor={cursor} />
          </Section>
          <Settings />
          <Ways />
        </>
      ) : (
        <Empty
          title={t("notice.sign_in_title")}
          text={t("privacy.sign_in_text")}
          action={
            <Button look="primary" busy={enter.isPending} onClick={() => (wallet === null ? connect() : enter.mutate())}>
              {t(wallet === null ? "wallet.connect" : "wallet.sign_in")}
            </Button>
          }
        />
      )}
      {enter.isError && (
        <p role="alert" className="mt-4 text-harm">
          {t("privacy.failed", { message: enter.error.message })}
        </p>
      )}
    </>
  );
}
