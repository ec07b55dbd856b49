import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsRun } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { formatDateTime, formatSpan } from "@/lib/time";
import { useStepUp } from "@/features/security/step-up";
import { Address, TransactionLink } from "@/ui/address";
import { Button } from "@/ui/button";

export const usePlaybooks = () => useQuery({ ...read("/ops/playbooks"), staleTime: 60_000 }).data ?? [];

/** Steps that name no call. */
const SAID = "statement";
const BLOCKED = /^block (0x[0-9a-f]{40})$/i;

function StepName({ step }: { step: string }) {
  const { t } = useLanguage();
  const blocked = BLOCKED.exec(step)?.[1];
  if (blocked !== undefined) {
    return (
      <span>
        {t("playbook.blocked")} <Address address={blocked} to="none" />
      </span>
    );
  }
  return step === SAID ? <span>{t("playbook.said")}</span> : <code className="break-all">{step}</code>;
}

function Steps({ run }: { run: OpsRun }) {
  const { t } = useLanguage();
  return (
    <ul className="mt-2 text-sm">
      {run.steps.map((step) => (
        <li key={step.step} className="flex flex-wrap gap-x-4 py-1">
          <StepName step={step.step} />
          <span className={step.failure == null ? "text-safe" : "text-harm"}>
            {step.failure == null ? t(step.already ? "watch.step_already" : "watch.step_done") : t("watch.step_failed", { why: step.failure })}
          </span>
          {step.transaction != null && <TransactionLink hash={step.transaction} />}
        </li>
      ))}
    </ul>
  );
}

/** A playbook that was run: what became of its steps, and what a person may still do about it. */
export function Measure({ run }: { run: OpsRun }) {
  const { t, language, locale } = useLanguage();
  const queries = useQueryClient();
  const playbook = usePlaybooks().find(({ id }) => id === run.playbook);
  const path = { params: { path: { id: run.id } } };
  const act = useMutation({
    mutationFn: async (what: "back" | "confirm") => {
      if (what === "back") await client.POST("/ops/runs/{id}/rollback", path);
      else await client.POST("/ops/runs/{id}/confirmation", path);
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const { guarded, question } = useStepUp();
  const takeBack = () => {
    const sure = said === null ? t("watch.take_back_sure", { title }) : t("playbook.withdraw_sure");
    if (window.confirm(sure)) guarded(() => act.mutate("back"));
  };
  const title = localized(run.title, language);
  const span = playbook?.expires_after == null ? null : formatSpan(playbook.expires_after, locale);
  const said = playbook?.statement == null ? null : { en: run.with[playbook.statement.en] ?? "", zh: run.with[playbook.statement.zh] ?? "" };
  return (
    <li className="border-b border-line py-4">
      <p className="flex flex-wrap items-baseline gap-x-4">
        <span className="font-semibold">{title}</span>
        <span className={run.state === "failed" ? "text-harm" : "text-ink-soft"}>{t(`watch.run_state.${run.state}`)}</span>
      </p>
      {said === null ? (
        <p className="mt-1 max-w-[44rem]">{localized(run.effect, language)}</p>
      ) : (
        <p className="mt-1 max-w-[44rem] break-words whitespace-pre-line">{localized(said, language)}</p>
      )}
      <Steps run={run} />
      <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-ink-soft">
        {run.approved_by.startsWith("0x") ? <Address address={run.approved_by} to="none" /> : <span>{t("watch.by", { who: run.approved_by })}</span>}
        {run.expires != null && <span>{t("watch.until", { date: formatDateTime(run.expires, locale) })}</span>}
      </p>
      {run.state === "verified" && run.reversible && (
        <p className="mt-3 flex flex-wrap gap-3">
          <Button busy={act.isPending} onClick={takeBack}>
            {t(said === null ? "watch.take_back" : "playbook.withdraw")}
          </Button>
          {run.expires != null && span !== null && (
            <Button busy={act.isPending} onClick={() => guarded(() => act.mutate("confirm"))}>
              {t("playbook.confirm", { span })}
            </Button>
          )}
        </p>
      )}
      {question}
      {act.isError && (
        <p role="alert" className="mt-2 text-harm">{t("watch.failed", { message: act.error.message })}</p>
      )}
    </li>
  );
}
