import { Check } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";
import type { OrderDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { units } from "@/lib/money";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { Facts, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { useCaseStory } from "./case-story";
import { claims, type Side } from "./claim";
import { amountOf, lastEvent } from "./timeline-data";

type Case = NonNullable<OrderDetail["case"]>;

const BUYERS = { background: "var(--ink-soft)" };
const SELLERS = { background: "var(--line-strong)" };
const OPEN = { background: "repeating-linear-gradient(135deg, var(--accent) 0 3px, transparent 3px 8px)" };

interface Part {
  label: string;
  amount: bigint;
  look: CSSProperties;
}

/** The order's whole amount as one bar. */
function Bar({ order, parts }: { order: OrderDetail; parts: readonly Part[] }) {
  const total = units(order.total.amount);
  const share = (amount: bigint) => `${total === 0n ? 0 : Number((amount * 10_000n) / total) / 100}%`;
  return (
    <>
      <div aria-hidden className="flex h-4 overflow-hidden rounded-[3px] border border-line-strong bg-sunken">
        {parts.map(({ label, amount, look }) => (
          <div key={label} className="h-full" style={{ width: share(amount), ...look }} />
        ))}
      </div>
      <ul className="mt-2 flex flex-wrap gap-x-6 gap-y-1 text-sm text-ink-soft">
        {parts.map(({ label, amount, look }) => (
          <li key={label} className="flex items-center gap-2">
            <span aria-hidden className="size-3 shrink-0 border border-line-strong" style={look} />
            {label} <Money value={{ ...order.total, amount: amount.toString() }} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** What both leave to the buyer, what they argue about, and what both leave to the seller. */
function ClaimBar({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const { buyer, seller } = claims(order);
  const money = (amount: bigint) => <Money value={{ ...order.total, amount: amount.toString() }} />;
  return (
    <div className="my-5">
      <dl className="mb-2 flex flex-wrap justify-between gap-x-8 gap-y-2">
        <div>
          <dt className="text-sm text-ink-faint">{t("case.seller_says")}</dt>
          <dd className="text-lg font-semibold">{money(seller)}</dd>
        </div>
        <div className="text-right">
          <dt className="text-sm text-ink-faint">{t("case.buyer_says")}</dt>
          <dd className="text-lg font-semibold">{money(buyer)}</dd>
        </div>
      </dl>
      <Bar
        order={order}
        parts={[
          { label: t("case.part_buyer"), amount: seller, look: BUYERS },
          { label: t("case.part_open"), amount: buyer - seller, look: OPEN },
          { label: t("case.part_seller"), amount: units(order.total.amount) - buyer, look: SELLERS },
        ]}
      />
    </div>
  );
}

/** How the money of a settled order was parted, the house fee within the seller's part. */
function SettledBar({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const end = lastEvent(order, "OrderSettled");
  const got = (name: string) => amountOf(end, name) ?? 0n;
  return (
    <div className="my-5">
      <Bar
        order={order}
        parts={[
          { label: t("case.got_buyer"), amount: got("buyerAmount"), look: BUYERS },
          { label: t("case.got_seller"), amount: got("sellerAmount"), look: SELLERS },
          { label: t("case.got_house"), amount: got("fee"), look: { background: "var(--accent)" } },
        ]}
      />
    </div>
  );
}

const RETURN_STEPS = [
  ["requested", "ReturnRequested"],
  ["approved", "ReturnApproved"],
  ["sent", "ReturnSent"],
  ["confirmed", "OrderRefunded"],
] as const;

/** The way back of the goods, step by step. */
function ReturnSteps({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const came = order.refund_reason === "returned";
  return (
    <ol className="my-5 grid gap-x-6 gap-y-2 sm:grid-cols-4">
      {RETURN_STEPS.map(([step, event]) => {
        const entry = step === "confirmed" && !came ? undefined : lastEvent(order, event);
        return (
          <li key={step} className={`border-t-2 pt-2 ${entry ? "border-ink-soft" : "border-line text-ink-faint"}`}>
            <span className="flex items-center gap-1.5 font-semibold">
              {entry && <Check aria-hidden size={16} className="text-safe" />}
              {t(`case.step_${step}`)}
            </span>
            <span className="text-sm text-ink-faint">{entry ? <When at={entry.at} /> : t("case.step_open")}</span>
          </li>
        );
      })}
    </ol>
  );
}

function arbitersWord(now: Case, ended: boolean): string {
  if (now.ruling) return now.is_final ? "decided_final" : "decided";
  if (now.with_arbiters && !ended) return "have_it";
  if (!now.escalated_by) return "not_called";
  return ended ? "no_decision" : "called";
}

function CaseFacts({ order, now }: { order: OrderDetail; now: Case }) {
  const { t } = useLanguage();
  const party = (side: Side) => <Address address={order[side].address} name={order[side].name} />;
  const rows: [ReactNode, ReactNode][] = [];
  if (order.deadline && now.awaited && order.state !== "ruled") {
    rows.push([
      t("case.awaited"),
      <span key="a" className="flex flex-wrap items-center gap-x-3">
        {party(now.awaited)}
        <span className="text-amber">
          {t("case.until")} <When at={order.deadline} />
        </span>
      </span>,
    ]);
  }
  if (now.claimant) {
    rows.push([t("case.opened_by"), party(now.claimant)]);
    rows.push([t("case.arbiters"), t(`case.arbiters_${arbitersWord(now, !order.deadline)}`)]);
  }
  if (now.deposit) {
    const word = now.defended ? "case.deposit_both" : "case.deposit_single";
    rows.push([t("case.deposits"), <span key="d">{t(word)} <Money value={now.deposit} /></span>]);
    if (order.deadline) rows.push([t("case.pot"), <Money key="p" value={now.pot} />]);
  } else if (now.deposit_needed && order.state === "disputed") {
    rows.push([t("case.deposit_price"), <Money key="n" value={now.deposit_needed} />]);
  }
  if (now.ruling && now.ruled) {
    rows.push([t("case.ruling"), <span key="r">{t(`case.ruling_${now.ruling}`)} <Money value={now.ruled} /></span>]);
  }
  if (now.appealed_by) rows.push([t("case.appeal_by"), party(now.appealed_by)]);
  return rows.length === 0 ? null : <Facts rows={rows} />;
}

/** The return or dispute of an order: where it stands, who is awaited, and what each side says. */
export function CasePanel({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const story = useCaseStory(order);
  const now = order.case;
  if (!now) return null;
  const disputed = now.claimant !== null;
  return (
    <Section title={t(disputed ? "case.dispute" : "case.return")}>
      <div className="max-w-[44rem] space-y-2 text-[17px]">
        {story.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {now.return_step && <ReturnSteps order={order} />}
      {disputed && order.deadline && <ClaimBar order={order} />}
      {order.state === "settled" && <SettledBar order={order} />}
      <CaseFacts order={order} now={now} />
    </Section>
  );
}
