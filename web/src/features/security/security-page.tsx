import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { client } from "@/lib/api/client";
import { useLanguage } from "@/lib/i18n";
import { useSession } from "@/lib/queries";
import { formatDateTime } from "@/lib/time";
import { CopyButton } from "@/ui/address";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { PageHead, Section } from "@/ui/page";
import { Passkeys } from "./passkeys";
import { useStepUp } from "./step-up";

function Papers({ codes }: { codes: readonly string[] }) {
  const { t } = useLanguage();
  return (
    <div role="status">
      <p className="text-safe">{t("security.is_set")}</p>
      <h3 className="mt-6 mb-2 text-lg">{t("security.paper")}</h3>
      <p className="max-w-[44rem] text-ink-soft">{t("security.paper_text")}</p>
      <ul className="figures my-4 grid max-w-[24rem] grid-cols-2 gap-x-8 gap-y-2 text-lg">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <CopyButton text={codes.join("\n")} />
    </div>
  );
}

function SetUp() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  const { guarded, question } = useStepUp();
  const begin = useMutation({ mutationFn: async () => (await client.POST("/auth/second-factor")).data });
  const confirm = useMutation({
    mutationFn: async () => (await client.POST("/auth/second-factor/confirmation", { body: { code } })).data,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  const trouble = begin.error ?? confirm.error;
  if (confirm.data !== undefined) {
    return (
      <>
        <Papers codes={confirm.data.codes} />
        <Button look="primary" className="mt-6" onClick={() => void queries.invalidateQueries({ queryKey: ["/auth/session", {}] })}>
          {t("security.kept")}
        </Button>
      </>
    );
  }
  return (
    <>
      {begin.data === undefined ? (
        <Button look="primary" busy={begin.isPending} onClick={() => guarded(() => begin.mutate(), { first: true })}>{t("security.begin")}</Button>
      ) : (
        <div className="grid gap-8 sm:grid-cols-[220px_1fr]">
          <img src={`data:image/svg+xml,${encodeURIComponent(begin.data.qr)}`} alt={t("security.qr")} width={220} height={220} className="bg-white" />
          <div className="min-w-0">
            <p>{t("security.scan")}</p>
            <p className="mt-2 text-sm text-ink-soft">{t("security.or_type")}</p>
            <p className="figures mt-1 flex flex-wrap items-center gap-2 break-all" data-testid="secret">
              {begin.data.secret} <CopyButton text={begin.data.secret} />
            </p>
            <form onSubmit={submit} className="mt-6 flex flex-col items-start gap-4">
              <Field label={t("security.code")} hint={t("security.first_code_hint")}>
                {(a) => <Input {...a} inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code} onChange={(event) => setCode(event.target.value)} />}
              </Field>
              <Button type="submit" look="primary" busy={confirm.isPending} blocked={/^\d{6}$/.test(code) ? null : t("security.six_digits")}>
                {t("security.confirm")}
              </Button>
            </form>
          </div>
        </div>
      )}
      {trouble != null && <p role="alert" className="mt-4 text-harm">{trouble.message}</p>}
      {question}
    </>
  );
}

function IsSet() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const { guarded, question } = useStepUp();
  const remove = useMutation({
    mutationFn: async () => {
      await client.DELETE("/auth/second-factor");
      await queries.invalidateQueries({ queryKey: ["/auth/session", {}] });
    },
  });
  return (
    <>
      <p className="mb-4 text-safe">{t("security.is_set")}</p>
      <Button look="harm" busy={remove.isPending} onClick={() => guarded(() => remove.mutate())}>{t("security.remove")}</Button>
      {remove.isError && <p role="alert" className="mt-4 text-harm">{remove.error.message}</p>}
      {question}
    </>
  );
}

function Elsewhere() {
  const { t } = useLanguage();
  const end = useMutation({ mutationFn: async () => (await client.DELETE("/auth/sessions")).data });
  return (
    <>
      <Button busy={end.isPending} onClick={() => end.mutate()}>{t("security.end_others")}</Button>
      {end.data !== undefined && <p role="status" className="mt-4 text-ink-soft">{t("security.ended", { count: end.data.ended })}</p>}
      {end.isError && <p role="alert" className="mt-4 text-harm">{end.error.message}</p>}
    </>
  );
}

function Inside() {
  const { t, locale } = useLanguage();
  const session = useSession().data;
  const until = session?.stepped_up_until;
  return (
    <>
      <div className="mb-10 max-w-[44rem]">
        <p>{t("security.why")}</p>
        {session !== undefined && session.second_factors.length > 0 && (
          <p className="mt-2 text-ink-soft">{until == null ? t("security.not_fresh") : t("security.fresh", { date: formatDateTime(until, locale) })}</p>
        )}
      </div>
      <Section title={t("security.passkeys")} lead={t("security.passkeys_text")}>
        <Passkeys />
      </Section>
      <Section title={t("security.app")} lead={t("security.app_text")}>
        {session?.second_factors.includes("app") === true ? <IsSet /> : <SetUp />}
      </Section>
      <Section title={t("security.sessions")} lead={t("security.sessions_text")}>
        <Elsewhere />
      </Section>
    </>
  );
}

/** The second factor of whoever is signed in, and where else they are. */
export function SecurityDesk({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("security.title")} lead={t("security.lead")} />
      {gate(<Inside />)}
    </>
  );
}
