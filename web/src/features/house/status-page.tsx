import { useQuery } from "@tanstack/react-query";
import { CircleCheck, Loader2, TriangleAlert } from "lucide-react";
import { read } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { useChain } from "@/lib/queries";
import { formatSpan, seconds } from "@/lib/time";
import { Address, CopyButton } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Count } from "@/ui/money";
import { Facts, Figure, Figures, PageHead, Section } from "@/ui/page";
import { Statements } from "./statements";

const ICONS = { ok: CircleCheck, syncing: Loader2, degraded: TriangleAlert };
const TONES = { ok: "text-safe", syncing: "text-amber", degraded: "text-harm" };

function Contracts() {
  const { t } = useLanguage();
  const chain = useChain().data;
  if (chain === undefined) return null;
  const { contracts } = chain;
  return (
    <Section title={t("status.chain")} lead={t("status.chain_text")}>
      <Facts
        rows={[
          [t("status.network"), `${chain.name} · ${chain.chain_id}`],
          [
            t("status.rpc"),
            <span key="r" className="flex items-center gap-2 font-mono text-sm break-all">
              {chain.rpc_url}
              <CopyButton text={chain.rpc_url} />
            </span>,
          ],
          [t("status.market"), <Address key="m" address={contracts.market} copy />],
          [t("status.stable"), <Address key="s" address={contracts.stable_token} copy />],
          [t("status.guild"), <Address key="g" address={contracts.guild_token} copy />],
          [t("status.authority"), <Address key="a" address={contracts.authority} copy />],
          [
            t("status.genesis"),
            <span key="h" className="font-mono text-sm break-all">
              {chain.genesis_hash}
            </span>,
          ],
        ]}
      />
    </Section>
  );
}

export function StatusPage() {
  const { t, locale } = useLanguage();
  const query = useQuery({ ...read("/status"), refetchInterval: 5_000 });
  const uptime = (value: number) =>
    formatSpan(value >= seconds.HOUR ? value - (value % seconds.HOUR) : Math.max(value - (value % 60), 60), locale);
  return (
    <>
      <PageHead title={t("status.title")} lead={t("status.lead")} />
      <Answer query={query}>
        {(status) => {
          const Icon = ICONS[status.state];
          return (
            <>
              <p className={`mb-8 flex items-center gap-3 font-serif text-2xl ${TONES[status.state]}`}>
                <Icon aria-hidden size={26} />
                {t(`status.state_${status.state}`)}
              </p>
              <Figures>
                <Figure label={t("status.head")} note={t("status.head_age", { count: status.head_age_seconds })}>
                  <Count value={status.head} />
                </Figure>
                <Figure label={t("status.indexed")} note={t("office.lag", { count: status.lag_blocks })}>
                  <Count value={status.indexed} />
                </Figure>
                <Figure label={t("status.uptime")}>{uptime(status.uptime_seconds)}</Figure>
                <Figure label={t("status.version")}>{status.version}</Figure>
              </Figures>
            </>
          );
        }}
      </Answer>
      <Statements />
      <Contracts />
    </>
  );
}
