import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleDashed, ShieldCheck } from "lucide-react";
import type { TraceStep } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { useChain } from "@/lib/queries";
import { When } from "@/ui/when";
import { verify, type Verdict } from "./verify";

const STEPS = new Set([
  "accepting", "arriving", "assembling", "commissioning", "departing", "destroying", "disassembling", "holding",
  "inspecting", "installing", "loading", "packing", "receiving", "repackaging", "retail_selling", "sampling",
  "sensor_reporting", "shipping", "stocking", "storing", "transporting", "unloading", "unpacking",
]);

const DISPOSITIONS = new Set(["recalled", "retail_sold", "in_transit", "sellable_accessible", "damaged", "expired", "stolen", "conformant"]);

const DETAILS = new Set(["lotNumber", "bestBeforeDate", "cultivar", "picking", "altitude", "firing"]);

/** Follows the proof of a step in this browser, once. */
export function useVerdict(step: TraceStep) {
  const chain = useChain().data;
  return useQuery({
    queryKey: ["trace-verdict", step.proof.eventHash, step.proof.root, step.proof.state] as const,
    queryFn: () => verify(step.proof, chain?.rpc_url ?? ""),
    enabled: chain !== undefined,
    staleTime: Infinity,
  });
}

function Proof({ verdict }: { verdict: Verdict | undefined }) {
  const { t } = useLanguage();
  if (verdict?.kind === "proven") {
    return (
      <p className="flex flex-wrap items-center gap-x-2 text-[15px] text-safe">
        <ShieldCheck aria-hidden size={17} />
        {t("trace.proven")}
        <Link to="/explorer/blocks/$id" params={{ id: String(verdict.block) }} className="link figures">
          {t("trace.in_block", { block: String(verdict.block) })}
        </Link>
      </p>
    );
  }
  if (verdict?.kind === "refuted") {
    return (
      <p className="flex items-center gap-2 text-[15px] text-harm">
        <CircleAlert aria-hidden size={17} />
        {t(`trace.refuted_${verdict.step}`)}
      </p>
    );
  }
  return (
    <p className="flex items-center gap-2 text-[15px] text-ink-faint">
      <CircleDashed aria-hidden size={17} />
      {t(`trace.${verdict?.kind ?? "checking"}`)}
    </p>
  );
}

function Step({ step, corrected }: { step: TraceStep; corrected: boolean }) {
  const { t, language } = useLanguage();
  const verdict = useVerdict(step).data;
  const word = step.biz_step != null && STEPS.has(step.biz_step) ? step.biz_step : null;
  const title = step.event_type === "TransformationEvent" ? t("bizstep.transformed") : word !== null ? t(`bizstep.${word}`) : (step.biz_step ?? step.event_type);
  const place = step.place?.name != null ? localized(step.place.name, language) : (step.place?.id ?? null);
  const wrong = step.error != null;
  return (
    <li className="relative pb-7 pl-7">
      <span aria-hidden className={`absolute top-1.5 -left-[7px] size-[13px] rotate-45 ${wrong ? "border-2 border-harm bg-paper" : verdict?.kind === "proven" ? "bg-safe" : "bg-ink-soft"}`} />
      <p className={`font-serif text-xl leading-snug text-title ${wrong ? "line-through decoration-harm" : ""}`}>{title}</p>
      <p className="text-[15px] text-ink-soft">
        {place !== null && <span>{place} · </span>}
        <When at={step.at} />
      </p>
      {step.disposition != null && DISPOSITIONS.has(step.disposition) && (
        <p className={`text-[15px] ${step.disposition === "recalled" ? "font-semibold text-harm" : "text-ink-soft"}`}>{t(`disposition.${step.disposition}`)}</p>
      )}
      {step.details.length > 0 && (
        <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-4 text-[15px]">
          {step.details.map((detail) => (
            <div key={detail.name} className="contents">
              <dt className="text-ink-soft">{DETAILS.has(detail.name) ? t(`detail.${detail.name}`) : detail.name}</dt>
              <dd>{detail.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {step.error != null && (
        <p className="text-[15px] text-harm">
          {t("trace.declared_wrong")} <When at={step.error.at} />
        </p>
      )}
      {corrected && <p className="text-[15px] text-ink-soft">{t("trace.corrects")}</p>}
      <Proof verdict={verdict} />
    </li>
  );
}

/** Every step of the way, oldest first, and what this browser could prove of it. */
export function Way({ steps }: { steps: readonly TraceStep[] }) {
  const corrective = new Set(steps.flatMap((step) => step.error?.corrected_by ?? []));
  return (
    <ol className="relative ml-2 border-l border-line-strong">
      {steps.map((step) => (
        <Step key={`${step.event_id}${step.captured_at}${step.at}${step.error?.at ?? ""}`} step={step} corrected={corrective.has(step.event_id)} />
      ))}
    </ol>
  );
}
