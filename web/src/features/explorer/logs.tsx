import type { Transaction } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Address } from "@/ui/address";
import { Section } from "@/ui/page";
import { Value } from "./value";

/** The events of a transaction, decoded where the contract is known, with the raw words one press away. */
export function Logs({ logs }: { logs: Transaction["logs"] }) {
  const { t } = useLanguage();
  if (logs.length === 0) return null;
  return (
    <Section title={t("explorer.events")}>
      <ol className="ruled">
        {logs.map((log) => (
          <li key={log.log_index} className="border-b border-line py-4">
            <h3 className="flex flex-wrap items-center gap-x-4 gap-y-1 text-lg">
              {log.event ?? t("explorer.unknown_event")}
              <span className="font-sans text-[15px]">
                <Address address={log.address} name={log.contract} />
              </span>
            </h3>
            <dl className="mt-2">
              {log.args.map((arg) => (
                <div key={arg.name} className="grid gap-x-6 py-0.5 sm:grid-cols-[160px_1fr]">
                  <dt className="text-ink-soft">{arg.name}</dt>
                  <dd className="min-w-0">
                    <Value value={arg.value} />
                  </dd>
                </div>
              ))}
            </dl>
            <details className="mt-2 text-sm">
              <summary className="w-fit text-ink-faint hover:text-ink">{t("explorer.raw")}</summary>
              <div className="mt-1 space-y-1 font-mono break-all text-ink-soft">
                {log.topics.map((topic) => (
                  <p key={topic}>{topic}</p>
                ))}
                <p>{log.data}</p>
              </div>
            </details>
          </li>
        ))}
      </ol>
    </Section>
  );
}
