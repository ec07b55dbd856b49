import { useQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { read } from "@/lib/api/read";
import type { Trace } from "@/lib/api/types";
import { failureText } from "@/ui/signing/failure-text";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, units } from "@/lib/money";
import { useChain } from "@/lib/queries";
import { Address } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Count } from "@/ui/money";
import { Section } from "@/ui/page";
import { Value } from "./value";

type Call = Trace["calls"][number];
type StateChange = Trace["changes"][number];

function useCoin() {
  const { locale } = useLanguage();
  const native = useChain().data?.native ?? { symbol: "", decimals: 18 };
  return (amount: string) =>
    `${formatUnits(units(amount), native.decimals, locale, { min: 0, max: 18 })} ${native.symbol}`;
}

/** One call, set in by how deep it is nested; its data one press away. */
function CallRow({ call }: { call: Call }) {
  const { t } = useLanguage();
  const coin = useCoin();
  const args = Object.fromEntries((call.error?.args ?? []).map(({ name, value }) => [name, String(value)]));
  return (
    <li className="border-b border-line py-3">
      <div
        className="min-w-0 border-l-2 border-line-strong pl-3"
        style={{ marginLeft: `${Math.min(call.depth, 8) * 14}px` }}
      >
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="text-sm text-ink-faint">{t(`explorer.call_${call.kind}`)}</span>
          <Address address={call.from} name={call.from_name} />
          <ArrowRight aria-hidden size={14} className="text-ink-faint" />
          {call.to ? <Address address={call.to} name={call.to_name} /> : "–"}
          <span className="ml-auto text-sm text-ink-faint">
            <Count value={BigInt(call.gas_used)} /> gas
          </span>
        </div>
        {call.decoded && (
          <p className="mt-1 font-semibold break-words">
            {call.decoded.function.replace(/([a-z])([A-Z])/g, "$1\u200b$2")}
          </p>
        )}
        {call.value !== "0" && <p className="figures mt-1">{coin(call.value)}</p>}
        {!call.success && (
          <p className="mt-1 text-harm">
            {call.error ? failureText({ kind: "revert", name: call.error.name, args }, t) : call.failure}
          </p>
        )}
        {(call.decoded?.args.length || call.input !== "0x" || call.output !== "0x") && (
          <details className="mt-1 text-sm">
            <summary className="w-fit text-ink-faint hover:text-ink">{t("explorer.call_data")}</summary>
            <dl className="mt-1 space-y-1">
              {call.decoded?.args.map((arg) => (
                <div key={arg.name} className="grid gap-x-6 sm:grid-cols-[140px_1fr]">
                  <dt className="text-ink-soft">{arg.name}</dt>
                  <dd className="min-w-0">
                    <Value value={arg.value} />
                  </dd>
                </div>
              ))}
              <Raw name={t("explorer.input")} bytes={call.input} />
              <Raw name={t("explorer.output")} bytes={call.output} />
            </dl>
          </details>
        )}
      </div>
    </li>
  );
}

function Raw({ name, bytes }: { name: string; bytes: string }) {
  if (bytes === "0x") return null;
  return (
    <div className="grid gap-x-6 sm:grid-cols-[140px_1fr]">
      <dt className="text-ink-soft">{name}</dt>
      <dd className="max-h-40 min-w-0 overflow-auto font-mono break-all text-ink-soft" tabIndex={0}>
        {bytes}
      </dd>
    </div>
  );
}

function FromTo({ before, after }: { before: string; after: string }) {
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      <span className="figures min-w-0 break-all text-ink-soft">{before}</span>
      <ArrowRight aria-hidden size={14} className="shrink-0 text-ink-faint" />
      <span className="figures min-w-0 break-all">{after}</span>
    </span>
  );
}

/** A word of storage: as a number where it is a small one, else as it is. */
function word(hex: string): string {
  const value = BigInt(hex);
  return value < 2n ** 64n ? value.toString() : hex;
}

function ChangeRow({ change }: { change: StateChange }) {
  const { t } = useLanguage();
  const coin = useCoin();
  const rows: [string, string, string][] = [];
  if (change.balance) rows.push([t("explorer.balance"), coin(change.balance.before), coin(change.balance.after)]);
  if (change.nonce) rows.push([t("explorer.nonce"), change.nonce.before, change.nonce.after]);
  if (change.code_bytes) rows.push([t("explorer.code_bytes"), change.code_bytes.before, change.code_bytes.after]);
  return (
    <li className="border-b border-line py-3">
      <Address address={change.address} name={change.name} />
      <dl className="mt-2 space-y-1">
        {rows.map(([name, before, after]) => (
          <div key={name} className="grid gap-x-6 sm:grid-cols-[140px_1fr]">
            <dt className="text-ink-soft">{name}</dt>
            <dd className="min-w-0">
              <FromTo before={before} after={after} />
            </dd>
          </div>
        ))}
      </dl>
      {change.slots.length > 0 && (
        <details className="mt-2 text-sm">
          <summary className="w-fit text-ink-faint hover:text-ink">
            {t("explorer.slots", { count: change.slots.length })}
          </summary>
          <ul className="mt-1 space-y-2 font-mono">
            {change.slots.map((slot) => (
              <li key={slot.slot}>
                <span className="block break-all text-ink-faint">{slot.slot}</span>
                <FromTo before={word(slot.value.before)} after={word(slot.value.after)} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

/** What a transaction did inside: the calls it led to, and the state it left changed. */
export function Inside({ hash }: { hash: string }) {
  const { t } = useLanguage();
  const query = useQuery({ ...read("/explorer/transactions/{hash}/trace", { path: { hash } }), staleTime: Infinity });
  return (
    <Answer query={query}>
      {(trace) => (
        <>
          <Section title={t("explorer.calls")} lead={trace.calls.length < 2 ? t("explorer.no_calls") : undefined}>
            {trace.calls.length > 1 && (
              <ol className="ruled">
                {trace.calls.map((call, n) => (
                  <CallRow key={n} call={call} />
                ))}
              </ol>
            )}
          </Section>
          <Section title={t("explorer.changes")} lead={trace.changes.length === 0 ? t("explorer.no_changes") : undefined}>
            {trace.changes.length > 0 && (
              <ul className="ruled">
                {trace.changes.map((change) => (
                  <ChangeRow key={change.address} change={change} />
                ))}
              </ul>
            )}
          </Section>
        </>
      )}
    </Answer>
  );
}
