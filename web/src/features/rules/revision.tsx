import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { diffLines } from "diff";
import { client } from "@/lib/api/client";
import type { OpsRevision } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useSession } from "@/lib/queries";
import { useStepUp } from "@/features/security/step-up";
import { Address } from "@/ui/address";
import { Button } from "@/ui/button";
import { When } from "@/ui/when";

type State = OpsRevision["state"];

/** What may be made of a revision, in the order of its life. */
const NEXT: Record<State, readonly State[]> = {
  backtested: ["shadow", "active", "withdrawn"],
  shadow: ["active", "withdrawn"],
  active: ["paused", "retired"],
  paused: ["active", "retired"],
  retired: [],
  withdrawn: [],
};

export function RevisionState({ state }: { state: State }) {
  const { t } = useLanguage();
  const colour = state === "active" ? "text-safe" : state === "paused" ? "text-harm" : state === "retired" || state === "withdrawn" ? "text-ink-soft" : "text-amber";
  return <span className={colour}>{t(`rule.state.${state}`)}</span>;
}

/** What changes, line by line; what stays is shown in grey beside it. */
function Changes({ before, after }: { before: string; after: string }) {
  return (
    <pre className="my-4 overflow-x-auto border-l-2 border-line pl-4 text-sm leading-relaxed">
      {diffLines(before, after).map((part, place) => {
        const mark = part.added ? "+ " : part.removed ? "− " : "  ";
        const lines = part.value.replace(/\n$/, "").split("\n");
        const shown = part.added || part.removed || lines.length <= 4 ? lines : [...lines.slice(0, 2), "…", ...lines.slice(-2)];
        return (
          <span key={place} className={part.added ? "text-safe" : part.removed ? "text-harm" : "text-ink-faint"}>
            {shown.map((line) => `${mark}${line}\n`).join("")}
          </span>
        );
      })}
    </pre>
  );
}

interface Props {
  revision: OpsRevision;
  /** The text that is in force; nothing for a rule that is new. */
  current: string | undefined;
}

/** A rule as somebody wrote it: what it changes, how far it is, and what the reader may make of it. */
export function Revision({ revision, current }: Props) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const { guarded, question } = useStepUp();
  const session = useSession().data;
  const move = useMutation({
    mutationFn: async (state: State) => {
      await client.PUT("/ops/rule-revisions/{id}/state", { params: { path: { id: revision.id } }, body: { state } });
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/ops/") });
    },
  });
  const own = session?.address === revision.author;
  // What was only switched off is switched on by giving the pause up.
  const next = NEXT[revision.state].filter((to) => !(revision.state === "paused" && to === "active" && revision.approved_by == null));
  const label = (to: State) =>
    revision.state === "paused" ? t(to === "active" || revision.approved_by == null ? "rule.resume" : "rule.to.retired") : t(`rule.to.${to}`);
  const written = revision.state === "backtested" || revision.state === "shadow";
  return (
    <li className="border-b border-line py-5">
      <p className="mb-2 flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <Link to="/office/rules/$id" params={{ id: revision.rule }} className="link font-serif text-xl break-words">{revision.rule}</Link>
        <RevisionState state={revision.state} />
      </p>
      <p className="max-w-[44rem] break-words">{revision.reason}</p>
      <p className="mt-1 text-sm text-ink-soft">
        {t("rule.by")} <Address address={revision.author} /> · <When at={revision.opened} />
        {revision.approved_by != null && <> · {t("rule.agreed_by")} <Address address={revision.approved_by} /></>}
        {revision.tried != null && <> · {t("rule.tried", { count: revision.tried.fired, from: revision.tried.from, to: revision.tried.to })}</>}
      </p>
      {written && <Changes before={current ?? ""} after={revision.text} />}
      {next.length > 0 && (
        <p className="mt-4 flex flex-wrap gap-3">
          {next.map((to) => (
            <Button
              key={to}
              small
              look={to === "active" ? "primary" : "outline"}
              busy={move.isPending && move.variables === to}
              blocked={own && written && to === "active" ? t("rule.not_own") : null}
              onClick={() => guarded(() => move.mutate(to))}
            >
              {label(to)}
            </Button>
          ))}
        </p>
      )}
      {move.isError && <p role="alert" className="mt-3 text-harm break-words">{move.error.message}</p>}
      {question}
    </li>
  );
}
