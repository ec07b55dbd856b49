import { Clock } from "lucide-react";
import type { Arbitration, ArbitrationStep } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useNow } from "@/lib/queries";
import { formatDateTime, toSeconds } from "@/lib/time";
import { Button } from "@/ui/button";
import { useSigning } from "@/ui/signing/context";
import { turnPlan } from "./plans";

/** Why a step can't be taken now; null when it can. */
export function useBlocked(): (step: ArbitrationStep) => string | null {
  const { t, locale } = useLanguage();
  const now = useNow();
  return (step) => {
    if (toSeconds(step.available_at) > now) return t("blocked.early", { date: formatDateTime(step.available_at, locale) });
    if (step.until && toSeconds(step.until) < now) return t("blocked.late", { date: formatDateTime(step.until, locale) });
    return null;
  };
}

export function Deadline({ until }: { until: string | null | undefined }) {
  const { t, locale } = useLanguage();
  if (!until) return null;
  return (
    <p className="flex items-center gap-1.5 text-[15px] text-ink-soft">
      <Clock aria-hidden size={14} className="shrink-0" />
      {t("blocked.until", { date: formatDateTime(until, locale) })}
    </p>
  );
}

/** What anyone may do with a case, each turn with what it does before it is pressed. */
export function Turns({ panel, row, only }: { panel: string; row: Arbitration; only?: readonly string[] }) {
  const { t, locale } = useLanguage();
  const { sign } = useSigning();
  const blocked = useBlocked();
  const turns = row.next.filter(({ who, action }) => who === "anyone" && (only === undefined || only.includes(action)));
  if (turns.length === 0) return null;
  return (
    <ul className="ruled">
      {turns.map((step) => (
        <li key={step.action} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line py-3">
          <div className="min-w-0 max-w-[36rem]">
            <h3 className="text-lg">{t(`case_step.${step.action}`)}</h3>
            <p className="text-[15px] text-ink-soft">{t(`case_effect.${step.action}`)}</p>
          </div>
          <Button blocked={blocked(step)} onClick={() => sign(turnPlan(panel, row, step.action, { t, locale }))}>
            {t(`case_action.${step.action}`)}
          </Button>
        </li>
      ))}
    </ul>
  );
}
