import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import type { OpsPlaybook } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { ACTORS, useHolds } from "@/lib/staff";
import { formatSpan } from "@/lib/time";
import { ROLES } from "@/features/changes/roles";
import { useStepUp } from "@/features/security/step-up";
import { Button } from "@/ui/button";
import { Field, Input, Select, TextArea } from "@/ui/field";
import { usePlaybooks } from "./measure";

const TEXT_MAX = 500;
/** Who may act on the chain for the house. */
/** As the endpoint counts them: a letter outside the basic plane is one. */
const letters = (text: string) => [...text].length;

/** What can be said of a parameter: a text for everybody, or a word for a contract. */
function Parameter({ playbook, name, value, onChange }: { playbook: OpsPlaybook; name: string; value: string; onChange: (value: string) => void }) {
  const { t } = useLanguage();
  const language = playbook.statement?.en === name ? "en" : playbook.statement?.zh === name ? "zh" : null;
  if (name === "role") {
    return (
      <Field label={t("changes.role")}>
        {(a) => (
          <Select {...a} value={value} onChange={(event) => onChange(event.target.value)}>
            <option value="">{t("playbook.choose")}</option>
            {ROLES.map((one, number) => <option key={one} value={number}>{t(`changes.roles.${one}`)}</option>)}
          </Select>
        )}
      </Field>
    );
  }
  if (language === null) {
    return (
      <Field label={t(`playbook.parameter.${name}`, { defaultValue: name })}>
        {(a) => <Input {...a} value={value} maxLength={500} onChange={(event) => onChange(event.target.value)} />}
      </Field>
    );
  }
  return (
    <Field label={t(`playbook.text_${language}`)} hint={t("playbook.text_hint", { left: TEXT_MAX - letters(value) })}>
      {(a) => (
        <TextArea {...a} rows={4} maxLength={TEXT_MAX} lang={language === "zh" ? "zh-CN" : "en"} value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}

/** Where somebody runs a playbook: for an incident's room, or for the house as a whole. */
export function PlaybookForm({ incident }: { incident?: number }) {
  const { t, language, locale } = useLanguage();
  const queries = useQueryClient();
  const playbooks = usePlaybooks();
  const acts = useHolds(ACTORS);
  const { guarded, question } = useStepUp();
  const [id, setId] = useState("");
  const [values, setValues] = useState<Record<string, string>>({});
  const [about, setAbout] = useState("");
  const playbook = playbooks.find((one) => one.id === id);
  const run = useMutation({
    mutationFn: async (chosen: OpsPlaybook) => {
      const named = about.trim() === "" ? null : Number(about);
      const given = Object.fromEntries(chosen.parameters.map((name) => [name, (values[name] ?? "").trim()]));
      const { data } = await client.POST("/ops/runs", { body: { playbook: chosen.id, with: given, incident: incident ?? named } });
      return data;
    },
    onSuccess: () => {
      setId("");
      setValues({});
      setAbout("");
    },
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/ops/") }),
  });
  const title = playbook === undefined ? "" : localized(playbook.title, language);
  const empty = playbook?.parameters.find((name) => (values[name] ?? "").trim() === "");
  const label = (name: string) => {
    if (playbook?.statement?.en === name) return t("playbook.text_en");
    if (playbook?.statement?.zh === name) return t("playbook.text_zh");
    return t(`playbook.parameter.${name}`, { defaultValue: name });
  };
  const blocked = !acts
    ? t("playbook.must")
    : playbook === undefined
      ? t("playbook.choose_first")
      : empty !== undefined
        ? t("playbook.fill_first", { what: label(empty) })
        : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (playbook === undefined || blocked !== null) return;
    if (window.confirm(t("playbook.sure", { title }))) guarded(() => run.mutate(playbook));
  };
  const outcome = run.data == null ? null : t(run.data.state === "verified" ? "playbook.done" : "playbook.not_done", { title: localized(run.data.title, language) });
  return (
    <>
      <form onSubmit={submit} className="mt-5 grid max-w-[44rem] gap-5">
        <Field label={t("playbook.which")}>
          {(a) => (
            <Select {...a} value={id} onChange={(event) => { setId(event.target.value); run.reset(); }}>
              <option value="">{t("playbook.choose")}</option>
              {playbooks.map((one) => <option key={one.id} value={one.id}>{localized(one.title, language)}</option>)}
            </Select>
          )}
        </Field>
        {playbook !== undefined && (
          <>
            <div>
              <p>{localized(playbook.effect, language)}</p>
              <p className="mt-1 text-sm text-ink-soft">
                {playbook.expires_after != null
                  ? t("playbook.expires", { span: formatSpan(playbook.expires_after, locale) })
                  : t(playbook.reversible ? "playbook.stays" : "playbook.final")}
              </p>
            </div>
            {playbook.parameters.map((name) => (
              <Parameter key={name} playbook={playbook} name={name} value={values[name] ?? ""} onChange={(value) => setValues((now) => ({ ...now, [name]: value }))} />
            ))}
            {incident === undefined && (
              <Field label={t("playbook.incident")} optional={t("common.optional")} hint={t("playbook.incident_hint")}>
                {(a) => <Input {...a} inputMode="numeric" pattern="[0-9]*" value={about} onChange={(event) => setAbout(event.target.value)} />}
              </Field>
            )}
          </>
        )}
        <span>
          <Button type="submit" look="primary" busy={run.isPending} blocked={blocked}>{t("playbook.do")}</Button>
        </span>
      </form>
      {outcome !== null && <p role="status" className={`mt-3 ${run.data?.state === "verified" ? "text-safe" : "text-harm"}`}>{outcome}</p>}
      {run.isError && <p role="alert" className="mt-3 text-harm">{t("watch.failed", { message: run.error.message })}</p>}
      {question}
    </>
  );
}
