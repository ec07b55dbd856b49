import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowRight, CircleCheck, CircleX } from "lucide-react";
import { read } from "@/lib/api/read";
import type { Transaction } from "@/lib/api/types";
import { failureText } from "@/ui/signing/failure-text";
import { shortHash } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, units } from "@/lib/money";
import { useChain } from "@/lib/queries";
import { Address } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Count, Money } from "@/ui/money";
import { Facts, PageHead, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { Hash } from "./block-page";
import { useDeed } from "./columns";
import { Logs } from "./logs";
import { Inside } from "./trace";
import { Value } from "./value";

const route = getRouteApi("/explorer/tx/$hash");

function Outcome({ tx }: { tx: Transaction }) {
  const { t } = useLanguage();
  if (tx.status) {
    return (
      <span className="flex items-center gap-2 font-semibold text-safe">
        <CircleCheck aria-hidden size={18} />
        {t("explorer.succeeded")}
      </span>
    );
  }
  const args = Object.fromEntries((tx.error?.args ?? []).map(({ name, value }) => [name, String(value)]));
  return (
    <span className="flex items-start gap-2 font-semibold text-harm">
      <CircleX aria-hidden size={18} className="mt-1 shrink-0" />
      <span>
        {t("explorer.reverted")}
        {tx.error && <span className="block font-normal">{failureText({ kind: "revert", name: tx.error.name, args }, t)}</span>}
      </span>
    </span>
  );
}

function Decoded({ tx }: { tx: Transaction }) {
  const { t } = useLanguage();
  if (!tx.decoded) return null;
  return (
    <Section title={t("explorer.call")} lead={<span className="font-mono text-sm break-all">{tx.decoded.signature}</span>}>
      <Facts
        rows={tx.decoded.args.map(
          (arg) =>
            [
              <span key={arg.name}>
                {arg.name} <span className="block font-mono text-sm break-all text-ink-faint">{arg.type}</span>
              </span>,
              <Value key="v" value={arg.value} />,
            ] as const,
        )}
      />
    </Section>
  );
}

function Transfers({ tx }: { tx: Transaction }) {
  const { t } = useLanguage();
  if (tx.transfers.length === 0) return null;
  return (
    <Section title={t("explorer.transfers")}>
      <ul className="ruled">
        {tx.transfers.map((transfer, n) => (
          <li key={n} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2.5">
            <Address address={transfer.from} />
            <ArrowRight aria-hidden size={14} className="text-ink-faint" />
            <Address address={transfer.to} />
            <span className="ml-auto font-semibold">
              <Money value={transfer} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Details({ tx }: { tx: Transaction }) {
  const { t, locale } = useLanguage();
  const native = useChain().data?.native ?? { symbol: "", decimals: 18 };
  const coin = (amount: string) => `${formatUnits(units(amount), native.decimals, locale, { min: 0, max: 9 })} ${native.symbol}`;
  return (
    <Facts
      rows={[
        [t("explorer.outcome"), <Outcome key="o" tx={tx} />],
        [
          t("explorer.block"),
          <Link key="b" to="/explorer/blocks/$id" params={{ id: String(tx.block_number) }} className="link">
            <Count value={tx.block_number} />
          </Link>,
        ],
        [t("explorer.from"), <Address key="f" address={tx.from} size={22} copy />],
        [
          t("explorer.to"),
          tx.to ? (
            <Address key="t" address={tx.to} name={tx.decoded?.contract} size={22} copy />
          ) : tx.created ? (
            <Address key="c" address={tx.created} size={22} copy />
          ) : (
            "–"
          ),
        ],
        [t("explorer.value"), <span key="v" className="figures">{coin(tx.value)}</span>],
        [t("explorer.gas_used"), <Count key="g" value={BigInt(tx.gas_used)} />],
        [t("explorer.gas_price"), <span key="p" className="figures">{coin(tx.gas_price)}</span>],
        [t("explorer.nonce"), <Count key="n" value={tx.nonce} />],
        [t("explorer.type"), String(tx.type)],
        [t("explorer.hash"), <Hash key="h" value={tx.hash} />],
      ]}
    />
  );
}

/** Long function names may break before a capital letter, which is where a reader would break them. */
const breakable = (name: string) => name.replace(/([a-z])([A-Z])/g, "$1\u200b$2");

function View({ tx }: { tx: Transaction }) {
  const { t } = useLanguage();
  const deed = useDeed();
  const title = deed({ to: tx.to, contract: tx.decoded?.contract ?? null, function: tx.decoded?.function ?? null });
  return (
    <>
      <PageHead
        title={breakable(title)}
        name={`${title} ${shortHash(tx.hash)}`}
        above={<span className="font-mono text-sm">{shortHash(tx.hash)}</span>}
        lead={<When at={tx.timestamp} />}
      />
      <Section title={t("explorer.facts")}>
        <Details tx={tx} />
      </Section>
      <Transfers tx={tx} />
      <Decoded tx={tx} />
      <Logs logs={tx.logs} />
      <Inside hash={tx.hash} />
      <Section title={t("explorer.input")}>
        <pre
          tabIndex={0}
          className="max-h-64 overflow-auto py-1 font-mono text-sm break-all whitespace-pre-wrap text-ink-soft"
        >
          {tx.input}
        </pre>
      </Section>
    </>
  );
}

export function TransactionPage() {
  const { hash } = route.useParams();
  const query = useQuery(read("/explorer/transactions/{hash}", { path: { hash } }));
  return <Answer query={query}>{(tx) => <View tx={tx} />}</Answer>;
}
