import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { read } from "@/lib/api/read";
import type { ArbitrationDetail } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { formatDateTime } from "@/lib/time";
import { useWallet } from "@/lib/wallet/state";
import { Address, TransactionLink } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Money } from "@/ui/money";
import { Facts, PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";
import { Evidence } from "./evidence";
import { MyPart } from "./my-part";
import { Turns } from "./steps";

type Round = ArbitrationDetail["rounds"][number];
type Seat = Round["seats"][number];

function voteWord(seat: Seat): string {
  if (seat.choice) return `ruling.${seat.choice}`;
  return seat.committed_at ? "arbitration.sealed" : "arbitration.not_yet";
}

function Outcome({ seat }: { seat: Seat }) {
  if (seat.lost) return <span className="text-harm">−<Money value={seat.lost} /></span>;
  return seat.reward ? <Money value={seat.reward} /> : <>–</>;
}

function RoundPart({ round, only }: { round: Round; only: boolean }) {
  const { t, locale } = useLanguage();
  const date = (at: string) => formatDateTime(at, locale);
  const columns: Column<Seat>[] = [
    { id: "arbiter", title: t("arbitration.arbiter"), cell: (seat) => <span className="flex min-w-0 max-w-[9.5rem] sm:max-w-none"><Address address={seat.arbiter.address} name={seat.arbiter.name} /></span> },
    {
      id: "vote",
      title: t("arbitration.vote"),
      cell: (seat) => (
        <>
          {t(voteWord(seat))}
          <span className="block text-sm sm:hidden">
            <Outcome seat={seat} />
          </span>
        </>
      ),
    },
    { id: "paid", title: t("arbitration.outcome"), cell: (seat) => <Outcome seat={seat} />, end: true, from: "sm" },
  ];
  return (
    <Section title={only ? t("arbitration.panel") : t(round.round === 1 ? "arbitration.first_round" : "arbitration.second_round")}>
      <Facts
        rows={[
          [t("arbitration.fee"), <Money key="f" value={round.fee} />],
          [t("arbitration.secrets"), t("arbitration.secrets_count", { sealed: round.secrets.length, opened: round.secrets.filter(({ state }) => state === "opened").length, date: date(round.secrets_by) })],
          [t("arbitration.evidence_by"), <When key="e" at={round.evidence_by} />],
          ...(round.drawn_at ? [[t("arbitration.drawn"), <When key="d" at={round.drawn_at} />] as const] : []),
          ...(round.commit_by ? [[t("arbitration.seal_by"), <When key="c" at={round.commit_by} />] as const] : []),
          ...(round.reveal_by ? [[t("arbitration.open_by"), <When key="r" at={round.reveal_by} />] as const] : []),
          ...(round.ruling ? [[t("case.ruling"), round.tied ? t("arbitration.tied") : t(`ruling.${round.ruling}`)] as const] : []),
        ]}
      />
      <div className="mt-4">
        {round.failed && <p className="mb-3 text-amber">{t("arbitration.round_failed")}</p>}
        {round.seats.length === 0 ? (
          <p className="text-ink-soft">{t("arbitration.no_panel", { date: date(round.evidence_by), size: round.size })}</p>
        ) : (
          <Table caption={t("arbitration.panel")} columns={columns} rows={round.seats} rowKey={(seat) => seat.arbiter.address} />
        )}
      </div>
    </Section>
  );
}

function Story({ found }: { found: ArbitrationDetail }) {
  const { t, locale } = useLanguage();
  const date = found.deadline ? formatDateTime(found.deadline, locale) : "";
  const ruling = found.ruling ? t(`ruling.${found.ruling}`) : "";
  return t(`case_story.${found.phase}`, { date, ruling, size: found.panel_size });
}

function History({ found }: { found: ArbitrationDetail }) {
  const { t } = useLanguage();
  const told = found.timeline.map((entry, n) => ({ entry, n, word: t(`case_event.${entry.event}`, { defaultValue: "" }) })).filter(({ word }) => word !== "");
  return (
    <ol className="relative ml-2 border-l border-line-strong">
      {told.map(({ entry, n, word }) => (
        <li key={n} className="relative pb-5 pl-6">
          <span aria-hidden className="absolute top-1.5 -left-[6px] size-[11px] rotate-45 bg-ink-soft" />
          <p className="font-serif text-lg leading-snug text-title">{word}</p>
          <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[15px] text-ink-soft">
            <When at={entry.at} />
            <Address address={entry.by.address} name={entry.by.name} />
            <TransactionLink hash={entry.tx_hash} />
          </p>
        </li>
      ))}
    </ol>
  );
}

/** Offers, as both sides made them, of the order a case is about. */
function Offers({ orderId }: { orderId: string }) {
  const { t } = useLanguage();
  const query = useQuery(read("/market/orders/{id}", { path: { id: Number(orderId) } }));
  return (
    <Answer query={query} blank={<Blank lines={3} />}>
      {(order) => (
        <Facts
          rows={[
            [t("order.order"), <Link key="o" to="/orders/$id" params={{ id: orderId }} className="link">{t("order.number", { id: orderId })}</Link>],
            [t("arbitration.at_stake"), <Money key="t" value={order.total} />],
            [t("order.buyer"), <Address key="b" address={order.buyer.address} name={order.buyer.name} />],
            [t("order.seller"), <Address key="s" address={order.seller.address} name={order.seller.name} to="seller" />],
            ...(order.case?.buyer_claim ? [[t("ruling.buyer"), <span key="bc">{t("arbitration.buyer_gets")} <Money value={order.case.buyer_claim} /></span>] as const] : []),
            ...(order.case?.seller_claim ? [[t("ruling.seller"), <span key="sc">{t("arbitration.buyer_gets")} <Money value={order.case.seller_claim} /></span>] as const] : []),
          ]}
        />
      )}
    </Answer>
  );
}

export function CasePage({ id }: { id: string }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const query = useQuery(read("/arbitrations/{id}", { path: { id: Number(id) } }));
  const settings = useQuery(read("/arbitration-settings")).data;
  return (
    <Answer query={query} blank={<Blank lines={8} height={64} />}>
      {(found) => {
        const isParty = [found.first_party, found.second_party].some(({ address }) => sameAddress(address, wallet?.address));
        const open = ["evidence", "voting", "appealable"].includes(found.phase);
        return (
          <>
            <PageHead title={t("arbitration.case_number", { id })} above={t(`case_phase.${found.phase}`)} lead={<Story found={found} />} />
            <div className="grid gap-x-12 lg:grid-cols-[1fr_380px]">
              <div className="min-w-0">
                {settings !== undefined && <MyPart found={found} settings={settings} />}
                {found.rounds.toReversed().map((round) => (
                  <RoundPart key={round.round} round={round} only={found.rounds.length === 1} />
                ))}
                <Section title={t("evidence.title")} lead={t("evidence.text")}>
                  {found.order_id && <Evidence orderId={found.order_id} giver={isParty && open ? (wallet?.address ?? null) : null} />}
                </Section>
                {settings !== undefined && found.next.some(({ who }) => who === "anyone") && (
                  <Section title={t("arbitration.turns")} lead={t("arbitration.turns_text")}>
                    <Turns panel={settings.panel} row={found} />
                  </Section>
                )}
              </div>
              <div className="min-w-0">
                <Section title={t("arbitration.disputed")}>{found.order_id && <Offers orderId={found.order_id} />}</Section>
                <Section title={t("order.timeline")}>
                  <History found={found} />
                </Section>
              </div>
            </div>
          </>
        );
      }}
    </Answer>
  );
}
