import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { OrderDetail } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { formatDateTime, formatSpan } from "@/lib/time";
import { Address } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Facts, PageHead, Section } from "@/ui/page";
import { Picture } from "@/ui/picture";
import { State } from "@/ui/state";
import { Delivery } from "../delivery/delivery";
import { Actions } from "./actions";
import { CasePanel } from "./case-panel";
import { TextNote } from "./fingerprints";
import { OrderCoupons } from "./order-coupons";
import { OrderMoney } from "./order-money";
import { Timeline } from "./timeline";
import { argument, lastEvent } from "./timeline-data";

const route = getRouteApi("/orders/$id");

function useSummary(order: OrderDetail): string {
  const { t, locale } = useLanguage();
  const values = {
    seller: order.seller.name ?? t("order.the_seller"),
    buyer: order.buyer.name ?? t("order.the_buyer"),
    awaited: order.case?.awaited ? (order[order.case.awaited].name ?? t(`order.the_${order.case.awaited}`)) : "",
    date: order.deadline ? formatDateTime(order.deadline, locale) : "",
  };
  if (order.state === "escalated" && order.case?.awaited) return t("summary.undefended", values);
  if (order.state !== "refunded") return t(`summary.${order.state}`, values);
  return t(`refund_reason.${order.refund_reason ?? ""}`, { ...values, defaultValue: t("summary.refunded") });
}

type Row = readonly [string, string];

function Terms({ order }: { order: OrderDetail }) {
  const { t, locale } = useLanguage();
  const span = (value: number) => formatSpan(value, locale);
  const after = order.after_sales;
  const returns: Row[] = !after?.returnable
    ? []
    : [
        [t("term.return_answer"), span(after.answer_within)],
        [t("term.return_send"), span(after.return_within)],
        [t("term.return_confirm"), span(after.confirm_within)],
      ];
  const disputes: Row[] = !after
    ? [[t("term.returns"), t("term.no_aftersales")]]
    : [
        [t("term.contest"), span(after.contest_within)],
        [t("term.returns"), t(after.returnable ? "term.returns_yes" : "term.returns_no")],
        ...returns,
        [t("term.negotiate"), span(after.negotiate_within)],
        [t("term.arbiters"), span(after.arbiter_within)],
        [t("term.appeal"), span(after.appeal_within)],
      ];
  return (
    <Facts
      rows={[
        [t("term.accept"), span(order.terms.accept_within)],
        [t("term.ship"), span(order.terms.ship_within)],
        [t("term.deliver"), span(order.terms.deliver_within)],
        [t("term.inspect"), span(order.terms.inspect_within)],
        ...disputes,
        [t("offer.version_label"), order.offer.version],
      ]}
    />
  );
}

/** Every text of this order of which the chain keeps only a fingerprint. */
function Notes({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const hash = (event: string, name: string) => argument(lastEvent(order, event), name);
  return (
    <>
      <Delivery order={order} />
      <TextNote hash={order.tracking} title={t("note.tracking")} check={t("note.check_tracking")} />
      <TextNote hash={hash("ReturnRequested", "reasonHash")} title={t("note.return_reason")} check={t("note.check_text")} />
      <TextNote hash={hash("ReturnApproved", "addressHash")} title={t("note.return_address")} check={t("note.check_salted")} />
      <TextNote hash={hash("ReturnSent", "trackingHash")} title={t("note.return_tracking")} check={t("note.check_tracking")} />
      <TextNote hash={hash("OrderDisputed", "reasonHash")} title={t("note.dispute_reason")} check={t("note.check_text")} />
    </>
  );
}

interface Beside {
  /** What other businesses show of an order, after its actions. */
  beside: (order: OrderDetail) => ReactNode;
}

function Room({ order, beside }: Beside & { order: OrderDetail }) {
  const { t, language } = useLanguage();
  const title = localized(order.offer.title, language);
  return (
    <>
      <PageHead
        name={`${t("order.number", { id: order.id })}: ${title}`}
        above={
          <span className="flex flex-wrap items-center gap-x-4">
            <span className="figures">{t("order.number", { id: order.id })}</span>
            <span className="text-lg">
              <State state={order.state} />
            </span>
          </span>
        }
        title={
          <>
            {title}
            {order.quantity > 1 && <span className="figures text-ink-soft"> × {order.quantity}</span>}
          </>
        }
        lead={useSummary(order)}
        aside={
          <Link to="/desk/help/new" search={{ order: order.id }} className={buttonClass()}>
            {t("help.get_help")}
          </Link>
        }
      />
      <div className="grid gap-x-12 lg:grid-cols-[1fr_380px]">
        <div className="min-w-0">
          <CasePanel order={order} />
          <Section title={t("order.actions")}>
            <Actions order={order} />
          </Section>
          {beside(order)}
          <Section title={t("order.timeline")} lead={t("order.timeline_text")}>
            <Timeline order={order} />
          </Section>
        </div>
        <div className="min-w-0">
          <Section title={t("order.money")}>
            <OrderMoney order={order} />
            <OrderCoupons orderId={order.id} />
          </Section>
          <Section title={t("order.parties")}>
            <Facts
              rows={[
                [t("order.buyer"), <Address key="b" address={order.buyer.address} name={order.buyer.name} size={22} copy />],
                [
                  t("order.seller"),
                  <Address key="s" address={order.seller.address} name={order.seller.name} to="seller" size={22} copy />,
                ],
                ...(order.affiliate
                  ? [[t("order.affiliate"), <Address key="a" address={order.affiliate.address} name={order.affiliate.name} size={22} />] as const]
                  : []),
              ]}
            />
            <Link
              to="/offers/$id"
              params={{ id: order.offer.id }}
              className="mt-4 flex items-center gap-4 hover:text-accent-ink"
            >
              <span className="block size-16 shrink-0 overflow-hidden rounded-[6px] border border-line">
                <Picture src={order.offer.picture_url} alt="" />
              </span>
              <span className="link">{t("order.see_offer")}</span>
            </Link>
          </Section>
          <Section title={t("order.agreed")}>
            <Terms order={order} />
          </Section>
          <Section title={t("order.off_chain")} lead={t("order.off_chain_text")}>
            <Notes order={order} />
          </Section>
        </div>
      </div>
    </>
  );
}

export function OrderRoom({ beside }: Beside) {
  const { id } = route.useParams();
  const query = useQuery(read("/market/orders/{id}", { path: { id: Number(id) } }));
  return (
    <Answer query={query} blank={<Blank lines={8} height={72} />}>
      {(order) => <Room order={order} beside={beside} />}
    </Answer>
  );
}
