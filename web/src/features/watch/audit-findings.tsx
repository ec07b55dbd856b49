import { useNavigate } from "@tanstack/react-router";
import type { OpsAuditRun } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Check, Field, Select } from "@/ui/field";

export const SEVERITIES = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"] as const;

type Finding = OpsAuditRun["findings"][number];

const SEVERITY_COLOURS: Record<string, string> = { CRITICAL: "text-harm", HIGH: "text-harm", MEDIUM: "text-amber" };
/** Decisions after which nothing is left to do, until the code or the day changes. */
const SETTLED = ["accepted", "false_positive", "verified"];

function Decision({ finding }: { finding: Finding }) {
  const { t } = useLanguage();
  const { state, fault, owner, reason, expires } = finding;
  const colour = fault ? "text-harm" : SETTLED.includes(state) ? "text-safe" : "text-ink";
  return (
    <div className="mt-2 max-w-[44rem]">
      <p className="flex flex-wrap gap-x-3">
        <strong className={`font-semibold ${colour}`}>{t(`audit.state.${state}`)}</strong>
        {expires != null && <span className="figures">{t("audit.until", { day: expires })}</span>}
        {owner != null && <span className="text-ink-soft">{t("audit.decided", { who: owner })}</span>}
      </p>
      {fault && <p className="text-harm">{t(`audit.fault.${state}`)}</p>}
      {reason != null && <p className="break-words">{reason}</p>}
    </div>
  );
}

function Item({ finding }: { finding: Finding }) {
  const { t, language } = useLanguage();
  return (
    <li className="grid gap-x-8 gap-y-1 border-b border-line py-4 md:grid-cols-[100px_1fr]">
      <strong className={`figures text-sm font-semibold md:pt-0.5 ${SEVERITY_COLOURS[finding.severity] ?? "text-ink-soft"}`}>{finding.severity}</strong>
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-4">
          <span className="min-w-0 font-semibold break-all">{finding.subject}</span>
          <code className="text-sm break-all text-ink-soft">{finding.detector}</code>
        </p>
        {finding.line > 0 && (
          <p className="text-sm text-ink-soft">
            {t("audit.where")} <code className="break-all">{finding.file}:{finding.line}</code>
          </p>
        )}
        <p className="mt-1 max-w-[44rem] break-words">{localized(finding.message, language)}</p>
        {finding.open && (
          <p className="mt-1 max-w-[44rem] break-words text-ink-soft">{t("audit.advice")}: {localized(finding.advice, language)}</p>
        )}
        <Decision finding={finding} />
      </div>
    </li>
  );
}

interface Choice {
  severity: string | undefined;
  open: boolean;
}

/** The choice stands in the URL, so that it can be shared and goes back with the browser. */
export function Filters({ severity, open }: Choice) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const set = (change: Record<string, string | undefined>) =>
    void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, ...change }), replace: true, resetScroll: false });
  return (
    <div className="mb-8 flex flex-wrap items-end gap-x-8 gap-y-3">
      <div className="w-52 max-w-full">
        <Field label={t("audit.severity")}>
          {(a) => (
            <Select {...a} value={severity ?? ""} onChange={(event) => set({ severity: event.target.value === "" ? undefined : event.target.value })}>
              <option value="">{t("audit.any")}</option>
              {SEVERITIES.map((one) => <option key={one} value={one}>{one}</option>)}
            </Select>
          )}
        </Field>
      </div>
      <div className="pb-1">
        <Check label={t("audit.only_open")} checked={open} onChange={(event) => set({ open: event.target.checked ? "1" : undefined })} />
      </div>
    </div>
  );
}

/** What was found, as far as it is of the chosen kind. */
export function Findings({ findings, severity, open }: { findings: readonly Finding[] } & Choice) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  if (findings.length === 0) return <Empty title={t("audit.none")} text={t("audit.none_text")} />;
  const shown = findings.filter((one) => (severity === undefined || one.severity === severity) && (!open || one.open));
  if (shown.length === 0) {
    return (
      <Empty
        title={t("audit.none_left")}
        action={<Button onClick={() => void navigate({ to: ".", search: {}, replace: true, resetScroll: false })}>{t("audit.show_all")}</Button>}
      />
    );
  }
  return <ul>{shown.map((one, place) => <Item key={`${one.id}/${place}`} finding={one} />)}</ul>;
}
