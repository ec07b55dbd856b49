import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsRule } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { READERS, useHolds } from "@/lib/staff";
import { useStepUp } from "@/features/security/step-up";
import { Severity } from "@/features/watch/badges";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Facts, PageHead, Section } from "@/ui/page";
import { Does } from "./does";
import { Editor } from "./editor";
import { Revision } from "./revision";
import { TEMPLATE } from "./template";

const NEW = "new";

function About({ rule }: { rule: OpsRule }) {
  const { t, language } = useLanguage();
  return (
    <Facts
      rows={[
        [t("watch.severity"), <Severity key="severity" level={rule.severity} />],
        [t("watch.when"), <code key="when" className="break-words">{rule.expr}</code>],
        [t("rule.runbook"), localized(rule.runbook, language)],
        [t("watch.does"), <Does key="does" rule={rule} />],
        [t("rule.settings"), Object.keys(rule.settings).length === 0 ? t("rule.no_settings") : Object.entries(rule.settings).map(([name, value]) => `${name} ${value}`).join(", ")],
      ]}
    />
  );
}

function Pause({ id }: { id: string }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const { guarded, question } = useStepUp();
  const [reason, setReason] = useState("");
  const pause = useMutation({
    mutationFn: async () => {
      await client.POST("/ops/rules/{id}/pause", { params: { path: { id } }, body: { reason } });
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/ops/") });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    guarded(() => pause.mutate());
  };
  return (
    <form onSubmit={submit} className="flex max-w-[44rem] flex-col items-start gap-4">
      <div className="w-full">
        <Field label={t("rule.pause_why")}>
          {(a) => <Input {...a} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
      </div>
      <Button type="submit" look="harm" busy={pause.isPending} blocked={reason.trim() === "" ? t("rule.why_first") : null}>{t("rule.to.paused")}</Button>
      {pause.isError && <p role="alert" className="text-harm break-words">{pause.error.message}</p>}
      {question}
    </form>
  );
}

function Inside({ id }: { id: string }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const rules = useQuery(read("/ops/rules"));
  const written = useQuery({ ...read("/ops/rule-revisions"), refetchInterval: 5_000 });
  return (
    <Answer query={rules}>
      {(all) => {
        const rule = all.find((one) => one.id === id);
        const own = (written.data ?? []).filter((revision) => revision.rule === id);
        if (rule === undefined && own.length === 0 && id !== NEW) return <Empty title={t("rule.unknown")} text={t("rule.unknown_text")} />;
        const start = rule?.text ?? own[0]?.text ?? TEMPLATE;
        return (
          <>
            {rule !== undefined && <Section title={t("rule.about")}><About rule={rule} /></Section>}
            {own.length > 0 && (
              <Section title={t("rule.written")} lead={t("rule.written_lead")}>
                <ul>
                  {own.map((revision) => <Revision key={revision.id} revision={revision} current={rule?.text} />)}
                </ul>
              </Section>
            )}
            <Editor key={start} start={start} onProposed={() => { if (id === NEW) void navigate({ to: "/office/rules" }); }} />
            {rule !== undefined && !rule.id.includes("~") && (
              <Section title={t("rule.pause")} lead={t("rule.pause_lead")}><Pause id={id} /></Section>
            )}
          </>
        );
      }}
    </Answer>
  );
}

/** One rule: what it says, how it is written, and what becomes of it. */
export function RuleSheet({ id, gate }: { id: string; gate: (inside: ReactNode) => ReactNode }) {
  const { t, language } = useLanguage();
  // Before the gate: whoever may not look is not to be asked for.
  const looks = useHolds(READERS);
  const rule = useQuery({ ...read("/ops/rules"), enabled: looks && id !== NEW }).data?.find((one) => one.id === id);
  const title = id === NEW ? t("rule.new") : rule === undefined ? id : localized(rule.title, language);
  return (
    <>
      <PageHead title={title} lead={id === NEW ? t("rule.new_lead") : undefined} above={<Link to="/office/rules" className="link">{t("rule.title")}</Link>} />
      {gate(<Inside id={id} />)}
    </>
  );
}
