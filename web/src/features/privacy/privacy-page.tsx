import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { client } from "@/lib/api/client";
import { isNotFound } from "@/lib/api/problem";
import { read } from "@/lib/api/read";
import type { Holding, PersonalData } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useChain, useDemo, useSession } from "@/lib/queries";
import { formatDate, formatDateTime } from "@/lib/time";
import { sessionIsFor } from "@/lib/wallet/session";
import { useWallet, type Wallet } from "@/lib/wallet/state";
import { useSessionGate } from "@/lib/wallet/use-session-gate";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

function useWords() {
  const { t, locale } = useLanguage();
  return (value: unknown): string => {
    if (typeof value === "boolean") return t(value ? "common.yes" : "common.no");
    if (value === null || value === undefined) return "–";
    if (typeof value === "object") return JSON.stringify(value);
    const text = String(value);
    return INSTANT.test(text) ? formatDateTime(text, locale) : text;
  };
}

/** The entries of a kind, whatever their fields: what is kept is shown as it is. */
function Entries({ holding }: { holding: Holding }) {
  const { t } = useLanguage();
  const words = useWords();
  const fields = [...new Set(holding.items.flatMap((item) => Object.keys(item as object)))];
  return (
    <details className="mt-2">
      <summary className="link cursor-pointer">{t("privacy.entries", { count: holding.items.length })}</summary>
      <div className="mt-2 overflow-x-auto" tabIndex={0} role="region" aria-label={t(`holding.${holding.kind}`)}>
        <table className="w-full border-collapse text-[15px]">
          <thead>
            <tr className="border-b border-line-strong">
              {fields.map((field) => (
                <th key={field} scope="col" className="overline-label py-2 pr-4 text-left">
                  {t(`holding_field.${field}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {holding.items.map((item, n) => (
              <tr key={n} className="border-b border-line">
                {fields.map((field) => (
                  <td key={field} className="py-2 pr-4 break-words">
                    {words((item as Record<string, unknown>)[field])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Kind({ holding }: { holding: Holding }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const erase = useMutation({
    mutationFn: async () => {
      await client.DELETE("/personal-data/{kind}", { params: { path: { kind: holding.kind } } });
      setSure(false);
      await queries.invalidateQueries();
    },
  });
  return (
    <Section title={t(`holding.${holding.kind}`)} lead={t(`holding.${holding.kind}_text`)}>
      {holding.items.length === 0 ? (
        <p role="status" className="text-ink-soft">
          {erase.isSuccess ? t("privacy.erased") : t("privacy.none")}
        </p>
      ) : (
        <>
          <Entries holding={holding} />
          <div className="mt-3 flex flex-wrap items-center gap-3">
            {!holding.erasable && <span className="text-ink-soft">{t("privacy.not_erasable")}</span>}
            {holding.erasable && !sure && (
              <Button small onClick={() => setSure(true)}>
                {t("privacy.erase")}
              </Button>
            )}
            {sure && (
              <span role="alert" className="flex flex-wrap items-center gap-3">
                {t("privacy.erase_sure")}
                <Button small look="harm" busy={erase.isPending} onClick={() => erase.mutate()}>
                  {t("privacy.erase")}
                </Button>
                <Button small look="quiet" onClick={() => setSure(false)}>
                  {t("common.cancel")}
                </Button>
              </span>
            )}
          </div>
        </>
      )}
      {erase.isError && (
        <p role="alert" className="mt-2 text-harm">
          {t("privacy.failed", { message: erase.error.message })}
        </p>
      )}
    </Section>
  );
}

function save(data: PersonalData) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `guildhall-${data.address}.json`;
  link.click();
  URL.revokeObjectURL(url);
}

function DeliveryKey({ wallet }: { wallet: Wallet }) {
  const { t, locale } = useLanguage();
  const queries = useQueryClient();
  const chain = useChain().data;
  const demo = useDemo().data;
  const key = useQuery({ ...read("/delivery-keys/{address}", { path: { address: wallet.address } }), retry: false });
  const publish = useMutation({
    mutationFn: async () => {
      if (chain === undefined) return;
      const [{ openTools }, { publishKey }] = await Promise.all([import("@/lib/chain/tools"), import("@/lib/sealing/keys")]);
      await publishKey(openTools(chain, wallet, demo ?? null), chain);
      await queries.invalidateQueries();
    },
  });
  const withdraw = useMutation({
    mutationFn: async () => {
      await client.DELETE("/delivery-key");
      queries.removeQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/delivery-keys") });
      await queries.invalidateQueries();
    },
  });
  const missing = key.isError && isNotFound(key.error);
  return (
    <Section title={t("privacy.key")} lead={t("privacy.key_text")}>
      {key.data !== undefined && !key.isError && (
        <p className="flex flex-wrap items-center gap-4">
          {t("privacy.key_since", { date: formatDate(key.data.at, locale) })}
          <Button small look="quiet" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {t("privacy.withdraw")}
          </Button>
        </p>
      )}
      {missing && (
        <div className="flex flex-col items-start gap-3">
          <p className="text-ink-soft">{t("privacy.key_none")}</p>
          <Button look="primary" busy={publish.isPending} onClick={() => publish.mutate()}>
            {t("privacy.publish")}
          </Button>
        </div>
      )}
      <p role="status" className="mt-2 text-safe">
        {publish.isSuccess && t("privacy.published")}
      </p>
      {publish.isError && (
        <p role="alert" className="mt-2 text-harm">
          {t("privacy.failed", { message: publish.error.message })}
        </p>
      )}
    </Section>
  );
}

function Kept({ wallet }: { wallet: Wallet }) {
  const { t } = useLanguage();
  const query = useQuery(read("/personal-data"));
  return (
    <Answer query={query}>
      {(data) => (
        <>
          <p className="mb-8">
            <Button onClick={() => save(data)}>
              <Download aria-hidden size={16} />
              {t("privacy.export")}
            </Button>
          </p>
          {data.holdings
            .filter(({ kind }) => kind !== "delivery_key")
            .map((holding) => (
              <Kind key={holding.kind} holding={holding} />
            ))}
          <DeliveryKey wallet={wallet} />
          <Section title={t("privacy.on_ledger")}>
            <p className="max-w-[44rem]">{t("privacy.on_ledger_text")}</p>
          </Section>
        </>
      )}
    </Answer>
  );
}

function Enter({ connected }: { connected: boolean }) {
  const { t } = useLanguage();
  const { connect } = useSigning();
  const ensureSession = useSessionGate();
  const enter = useMutation({ mutationFn: ensureSession });
  return (
    <>
      <Empty
        title={t("privacy.sign_in_title")}
        text={t("privacy.sign_in_text")}
        action={
          <Button look="primary" busy={enter.isPending} onClick={() => (connected ? enter.mutate() : connect())}>
            {t(connected ? "wallet.sign_in" : "wallet.connect")}
          </Button>
        }
      />
      {enter.isError && (
        <p role="alert" className="mt-4 text-harm">
          {t("privacy.failed", { message: enter.error.message })}
        </p>
      )}
    </>
  );
}

/** What is kept about whoever is here; they can take it along, and erase it. */
export function PrivacyPage() {
  const { t } = useLanguage();
  const wallet = useWallet();
  const session = useSession().data;
  return (
    <>
      <PageHead title={t("page.privacy")} lead={t("privacy.lead")} />
      {wallet !== null && sessionIsFor(session, wallet) ? <Kept key={wallet.address} wallet={wallet} /> : <Enter connected={wallet !== null} />}
    </>
  );
}
