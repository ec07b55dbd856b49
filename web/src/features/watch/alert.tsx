import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { client } from "@/lib/api/client";
import type { OpsAlert } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Address, TransactionLink } from "@/ui/address";
import { Button } from "@/ui/button";
import { When } from "@/ui/when";
import { AlertState, Severity } from "./badges";

/** The event that caused an alert, argument by argument. */
function Cause({ alert }: { alert: OpsAlert }) {
  const { t } = useLanguage();
  const signal = alert.signal;
  if (signal == null) return null;
  const args = Object.entries(signal.args as Record<string, unknown>);
  return (
    <details className="mt-2">
      <summary className="cursor-pointer text-sm text-ink-soft">{t("watch.cause")}</summary>
      <dl className="mt-2 grid gap-x-6 gap-y-1 text-sm sm:grid-cols-[auto_1fr]">
        <dt className="text-ink-soft">{signal.contract}</dt>
        <dd>{signal.name}</dd>
        {args.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-soft">{name}</dt>
            <dd className="figures break-all">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
        {signal.from != null && (
          <>
            <dt className="text-ink-soft">{t("trace.transaction")}</dt>
            <dd className="flex flex-wrap gap-x-4">
              <Address address={signal.from} />
              {signal.transaction != null && <TransactionLink hash={signal.transaction} />}
            </dd>
          </>
        )}
      </dl>
    </details>
  );
}

/** What another monitoring system said, where the alert is one of its: the rule alone does not say which it is. */
function Reported({ alert }: { alert: OpsAlert }) {
  if (alert.signal?.name !== "ExternalAlert") return null;
  const args = alert.signal.args as Record<string, unknown>;
  const said = [args["alertname"], args["instance"], args["summary"]].filter((text) => typeof text === "string" && text !== "");
  return <p className="mt-1 max-w-[44rem] break-words">{said.join(" · ")}</p>;
}

/** An alert, what to do about it, and the two things a person says to it. */
export function AlertCard({ alert, inRoom = false }: { alert: OpsAlert; inRoom?: boolean }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const say = useMutation({
    mutationFn: async (what: "acknowledgement" | "resolution") => {
      await client.POST(`/ops/alerts/{id}/${what}`, { params: { path: { id: alert.id } } });
      await queries.invalidateQueries();
    },
  });
  const open = alert.state === "firing" || alert.state === "acknowledged";
  return (
    <li className="border-b border-line py-4">
      <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <Severity level={alert.severity} />
        <span className="min-w-0 font-semibold">{localized(alert.title, language)}</span>
        <AlertState state={alert.state} />
      </p>
      <p className="mt-1 flex flex-wrap gap-x-4 text-sm text-ink-soft">
        <When at={alert.since} />
        <span>{t("watch.times", { count: alert.count })}</span>
        <Link to="/explorer/blocks/$id" params={{ id: String(alert.block_number) }} className="link figures">
          {t("shell.block")} {alert.block_number}
        </Link>
        {!inRoom && alert.incident != null && (
          <Link to="/office/incidents/$id" params={{ id: String(alert.incident) }} className="link">
            {t("watch.to_incident")}
          </Link>
        )}
      </p>
      <Reported alert={alert} />
      <p className="mt-2 max-w-[44rem]">{localized(alert.runbook, language)}</p>
      <Cause alert={alert} />
      {open && (
        <p className="mt-3 flex flex-wrap gap-3">
          {alert.state === "firing" && (
            <Button busy={say.isPending} onClick={() => say.mutate("acknowledgement")}>
              {t("watch.acknowledge")}
            </Button>
          )}
          <Button busy={say.isPending} onClick={() => say.mutate("resolution")}>
            {t("watch.resolve")}
          </Button>
        </p>
      )}
      {say.isError && (
        <p role="alert" className="mt-2 text-harm">
          {t("watch.failed", { message: say.error.message })}
        </p>
      )}
    </li>
  );
}
