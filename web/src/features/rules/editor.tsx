import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { useLanguage } from "@/lib/i18n";
import { useStepUp } from "@/features/security/step-up";
import { Button } from "@/ui/button";
import { Field, Input, TextArea } from "@/ui/field";
import { Section } from "@/ui/page";
import { passed, Trial } from "./trial";

/** How long nobody types before a text is tried. */
const PAUSE_MS = 700;
const REASON_MAX = 500;

function useSettled(text: string) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

interface Props {
  /** The rule as it is, or what a new one begins with. */
  start: string;
  onProposed: () => void;
}

/** Writes a rule. While it is written it is tried: on its own tests, and on the blocks of the past. */
export function Editor({ start, onProposed }: Props) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const { guarded, question } = useStepUp();
  const [text, setText] = useState(start);
  const [from, setFrom] = useState("");
  const [reason, setReason] = useState("");
  const settled = useSettled(text);
  const first = useSettled(from);
  const trial = useQuery({
    queryKey: ["rule-trial", { settled, first }] as const,
    queryFn: async () => {
      const body = { text: settled, from: first === "" ? null : Number(first), to: null };
      return (await client.POST("/ops/rule-trials", { body })).data ?? null;
    },
    retry: false,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  const propose = useMutation({
    mutationFn: async () => {
      await client.POST("/ops/rule-revisions", { body: { text, reason } });
      await queries.invalidateQueries({ queryKey: ["/ops/rule-revisions"] });
      setReason("");
      onProposed();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    guarded(() => propose.mutate());
  };
  const behind = trial.isFetching || settled !== text || first !== from;
  const good = passed(trial.data ?? undefined) && !trial.isError;
  const blocked =
    text === start ? t("rule.change_first") : behind ? t("rule.trying") : !good ? t("rule.pass_first") : reason.trim() === "" ? t("rule.why_first") : null;
  return (
    <div className="grid gap-x-10 xl:grid-cols-2">
      <Section title={t("rule.text")} lead={t("rule.text_lead")}>
        <form onSubmit={submit} className="flex flex-col items-start gap-5">
          <div className="w-full">
            <Field label={t("rule.yaml")}>
              {(a) => (
                <TextArea {...a} rows={26} spellCheck={false} maxLength={20_000} wrap="off" className="overflow-x-auto font-mono text-sm" value={text} onChange={(event) => setText(event.target.value)} />
              )}
            </Field>
          </div>
          <div className="w-full">
            <Field label={t("rule.why")} hint={t("rule.why_hint")}>
              {(a) => <Input {...a} maxLength={REASON_MAX} value={reason} onChange={(event) => setReason(event.target.value)} />}
            </Field>
          </div>
          <p className="flex flex-wrap gap-3">
            <Button type="submit" look="primary" busy={propose.isPending} blocked={blocked}>{t("rule.propose")}</Button>
            {text !== start && <Button look="quiet" onClick={() => setText(start)}>{t("rule.undo")}</Button>}
          </p>
          {propose.isError && <p role="alert" className="text-harm break-words">{propose.error.message}</p>}
          {propose.isSuccess && text === start && <p role="status" className="text-safe">{t("rule.proposed")}</p>}
          {question}
        </form>
      </Section>
      <Section title={t("rule.trial")} lead={t("rule.trial_lead")}>
        <div className="mb-6 max-w-[14rem]">
          <Field label={t("rule.from")} optional={t("common.optional")}>
            {(a) => <Input {...a} inputMode="numeric" value={from} onChange={(event) => setFrom(event.target.value.replace(/\D/g, ""))} />}
          </Field>
        </div>
        <div aria-live="polite" aria-busy={behind} className={behind ? "opacity-60" : ""}>
          {trial.isError ? (
            <pre role="alert" className="overflow-x-auto text-sm whitespace-pre-wrap text-harm">{trial.error.message}</pre>
          ) : trial.data == null ? (
            <p className="text-ink-soft">{t("rule.trying")}</p>
          ) : (
            <Trial trial={trial.data} />
          )}
        </div>
      </Section>
    </div>
  );
}
