import { useTranslation } from "react-i18next";

/** How bad, and only as loud as it is. */
export function Severity({ level }: { level: string }) {
  const colour = level === "P1" ? "text-harm" : level === "P2" ? "text-amber" : "text-ink-soft";
  return <strong className={`figures font-semibold ${colour}`}>{level}</strong>;
}

export function AlertState({ state }: { state: string }) {
  const { t } = useTranslation();
  const colour = state === "firing" ? "text-harm" : state === "resolved" ? "text-safe" : "text-ink-soft";
  return <span className={`whitespace-nowrap ${colour}`}>{t(`watch.alert_state.${state}`)}</span>;
}

export function IncidentState({ state }: { state: string }) {
  const { t } = useTranslation();
  const early = state === "declared" || state === "triaged";
  const colour = early ? "text-harm" : state === "resolved" || state === "reviewed" ? "text-safe" : "text-amber";
  return <span className={`whitespace-nowrap ${colour}`}>{t(`watch.incident_state.${state}`)}</span>;
}
