import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsSilence } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { useStepUp } from "@/features/security/step-up";
import { Address } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Select } from "@/ui/field";
import { When } from "@/ui/when";

const MINUTES = [30, 60, 240, 1_440, 10_080];
/** It says that nothing heard can be trusted: the house refuses to silence it. */
const NEVER = "monitoring-blind";

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/ops/") });
}

function Form({ onDone }: { onDone: () => void }) {
  const { t, language } = useLanguage();
  const { guarded, question } = useStepUp();
  const rules = useQuery(read("/ops/rules"));
  const [rule, setRule] = useState("");
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState(60);
  const keep = useMutation({
    mutationFn: () => client.POST("/ops/silences", { body: { rule: rule === "" ? null : rule, reason, minutes } }),
    onSuccess: onDone,
  });
  return (
    <>
      <form
        className="mt-6 grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          guarded(() => keep.mutate());
        }}
      >
        <Field label={t("silence.rule")}>
          {(attributes) => (
            <Select {...attributes} value={rule} onChange={(event) => setRule(event.target.value)}>
              <option value="">{t("silence.every_rule")}</option>
              {(rules.data ?? [])
                .filter(({ id }) => id !== NEVER)
                .map((one) => (
                  <option key={one.id} value={one.id}>
                    {localized(one.title, language)}
                  </option>
                ))}
            </Select>
          )}
        </Field>
        <Field label={t("silence.minutes")}>
          {(attributes) => (
            <Select {...attributes} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
              {MINUTES.map((one) => (
                <option key={one} value={one}>
                  {t(`silence.for.${one}`)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t("silence.reason")} hint={t("silence.reason_hint")}>
          {(attributes) => <Input {...attributes} required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {keep.isError && (
          <p role="alert" className="text-harm">
            {t("watch.failed", { message: keep.error.message })}
          </p>
        )}
        <p>
          <Button type="submit" look="primary" busy={keep.isPending}>
            {t("silence.begin")}
          </Button>
        </p>
      </form>
      {question}
    </>
  );
}

function Row({ silence }: { silence: OpsSilence }) {
  const { t, language } = useLanguage();
  const refresh = useRefresh();
  const rules = useQuery(read("/ops/rules"));
  const end = useMutation({
    mutationFn: async () => {
      await client.DELETE("/ops/silences/{id}", { params: { path: { id: silence.id } } });
      await refresh();
    },
  });
  const rule = rules.data?.find(({ id }) => id === silence.rule);
  const about = silence.rule == null ? t("silence.every_rule") : rule === undefined ? silence.rule : localized(rule.title, language);
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0">
        <p className="font-semibold">{about}</p>
        <p className="break-words">{silence.reason}</p>
        <p className="flex flex-wrap items-center gap-x-3 text-sm text-ink-soft">
          <Address address={silence.author} to="none" size={16} />
          <span>
            {t("silence.until")} <When at={silence.until} />
          </span>
        </p>
        {end.isError && (
          <p role="alert" className="text-harm">
            {t("watch.failed", { message: end.error.message })}
          </p>
        )}
      </div>
      <Button small busy={end.isPending} onClick={() => end.mutate()}>
        {t("silence.end")}
      </Button>
    </li>
  );
}

/** What is kept back on purpose, by whom and until when. Alerts show here all the same; only messages wait. */
export function Silences() {
  const { t } = useLanguage();
  const refresh = useRefresh();
  const [open, setOpen] = useState(false);
  const query = useQuery({ ...read("/ops/silences"), refetchInterval: 10_000 });
  return (
    <>
      <Answer query={query}>
        {(all) => {
          const active = all.filter((silence) => silence.active);
          return active.length === 0 ? (
            <p className="mb-4 text-ink-soft">{t("silence.none")}</p>
          ) : (
            <ul className="ruled mb-4">
              {active.map((silence) => (
                <Row key={silence.id} silence={silence} />
              ))}
            </ul>
          );
        }}
      </Answer>
      <Button onClick={() => setOpen(true)}>{t("silence.begin")}</Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t("silence.begin")} lead={t("silence.lead")}>
        <Form
          onDone={() => {
            setOpen(false);
            void refresh();
          }}
        />
      </Dialog>
    </>
  );
}
