import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { NoticeWay } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Answer } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Check, Field, Input, Select } from "@/ui/field";
import { Section } from "@/ui/page";

type Kind = "mail" | "webhook";

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/notices/ways") });
}

function Failed({ error }: { error: Error | null }) {
  const { t } = useLanguage();
  return error === null ? null : (
    <p role="alert" className="mt-2 text-harm">
      {t("privacy.failed", { message: error.message })}
    </p>
  );
}

function Add({ kind, onSecret }: { kind: Kind; onSecret: (secret: string | null) => void }) {
  const { t, language } = useLanguage();
  const refresh = useRefresh();
  const [address, setAddress] = useState("");
  const add = useMutation({
    mutationFn: async () => {
      const body = { kind, address, language: language === "zh" ? ("zh" as const) : ("en" as const), orders: true, aftersales: true };
      const { data } = await client.POST("/notices/ways", { body });
      onSecret(data?.secret ?? null);
      await refresh();
    },
  });
  return (
    <form
      className="max-w-[32rem]"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Field label={t(`way.address_${kind}`)} hint={t(`way.hint_${kind}`)}>
        {(attributes) => (
          <Input
            {...attributes}
            required
            type={kind === "mail" ? "email" : "url"}
            autoComplete={kind === "mail" ? "email" : "off"}
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
        )}
      </Field>
      <Failed error={add.error} />
      <p className="mt-3">
        <Button type="submit" busy={add.isPending}>
          {t(`way.add_${kind}`)}
        </Button>
      </p>
    </form>
  );
}

/** Asks for the code that was sent to a mailbox. */
function Confirm({ way }: { way: NoticeWay }) {
  const { t } = useLanguage();
  const refresh = useRefresh();
  const [code, setCode] = useState("");
  const path = { params: { path: { id: way.id } } };
  const confirm = useMutation({
    mutationFn: async () => {
      await client.POST("/notices/ways/{id}/confirmation", { ...path, body: { code } });
      await refresh();
    },
  });
  const again = useMutation({ mutationFn: () => client.POST("/notices/ways/{id}/codes", path) });
  return (
    <form
      className="mt-3 max-w-[32rem]"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <Field label={t("way.code")} hint={t("way.code_hint", { hint: way.hint })}>
        {(attributes) => (
          <Input {...attributes} required inputMode="numeric" autoComplete="one-time-code" value={code} onChange={(event) => setCode(event.target.value)} />
        )}
      </Field>
      <Failed error={confirm.error ?? again.error} />
      {again.isSuccess && (
        <p role="status" className="mt-2 text-ink-soft">
          {t("way.sent_again")}
        </p>
      )}
      <p className="mt-3 flex flex-wrap gap-3">
        <Button type="submit" look="primary" busy={confirm.isPending}>
          {t("way.confirm")}
        </Button>
        <Button busy={again.isPending} onClick={() => again.mutate()}>
          {t("way.send_again")}
        </Button>
      </p>
    </form>
  );
}

function Way({ way }: { way: NoticeWay }) {
  const { t } = useLanguage();
  const refresh = useRefresh();
  const path = { params: { path: { id: way.id } } };
  const set = useMutation({
    mutationFn: async (next: Partial<NoticeWay>) => {
      const { language, orders, aftersales } = { ...way, ...next };
      await client.PUT("/notices/ways/{id}", { ...path, body: { language, orders, aftersales } });
      await refresh();
    },
  });
  const end = useMutation({
    mutationFn: async () => {
      await client.DELETE("/notices/ways/{id}", path);
      await refresh();
    },
  });
  return (
    <div>
      <p className="flex flex-wrap items-baseline gap-x-4">
        <strong className="font-semibold break-all">{way.hint}</strong>
        <span className={way.confirmed ? "text-safe" : "text-amber"}>{t(way.confirmed ? "way.counts" : "way.waits")}</span>
      </p>
      {way.confirmed ? (
        <div className="mt-3">
          {(["orders", "aftersales"] as const).map((kind) => (
            <Check key={kind} label={t(`notice.kind_${kind}`)} checked={way[kind]} onChange={(event) => set.mutate({ [kind]: event.target.checked })} />
          ))}
          <div className="mt-3 max-w-[16rem]">
            <Field label={t("channel.language")}>
              {(attributes) => (
                <Select {...attributes} value={way.language} onChange={(event) => set.mutate({ language: event.target.value === "zh" ? "zh" : "en" })}>
                  <option value="en">{t("channel.english")}</option>
                  <option value="zh">{t("channel.chinese")}</option>
                </Select>
              )}
            </Field>
          </div>
        </div>
      ) : (
        <Confirm way={way} />
      )}
      <Failed error={set.error ?? end.error} />
      <p className="mt-4">
        <Button small busy={end.isPending} onClick={() => end.mutate()}>
          {t("way.end")}
        </Button>
      </p>
    </div>
  );
}

/** By which ways somebody is told outside the page. */
export function Ways() {
  const { t } = useLanguage();
  const query = useQuery(read("/notices/ways"));
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Answer query={query}>
      {(ways) => (
        <>
          {(["mail", "webhook"] as const).map((kind) => {
            const way = ways.items.find((one) => one.kind === kind);
            return (
              <Section key={kind} title={t(`way.title_${kind}`)} lead={t(`way.lead_${kind}`)}>
                {way !== undefined ? (
                  <Way key={way.id} way={way} />
                ) : ways[kind] ? (
                  <Add kind={kind} onSecret={setSecret} />
                ) : (
                  <p className="text-ink-soft">{t("way.no_mail")}</p>
                )}
                {kind === "webhook" && secret !== null && (
                  <div role="status" className="mt-4 max-w-[44rem] border-l-2 border-accent pl-4">
                    <p>{t("way.secret")}</p>
                    <code className="text-sm break-all select-all">{secret}</code>
                  </div>
                )}
              </Section>
            );
          })}
        </>
      )}
    </Answer>
  );
}
