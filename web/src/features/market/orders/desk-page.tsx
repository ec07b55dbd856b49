import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { readList } from "@/lib/api/read";
import type { Order } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { localized, useLanguage } from "@/lib/i18n";
import { units } from "@/lib/money";
import { useAccount, useNow } from "@/lib/queries";
import { toSeconds } from "@/lib/time";
import { useWallet } from "@/lib/wallet/state";
import { Answer, Blank, Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Count, Money } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { Picture } from "@/ui/picture";
import { NeedWallet } from "@/ui/need-wallet";
import { NextLine } from "./next-line";

/** Rights that nobody waits for: they are offered in the order room, and are no next step. */
const OPTIONAL: readonly string[] = [
  "cancel",
  "decline",
  "dispute",
  "request_return",
  "drop_return",
  "accept_split",
  "escalate",
];

/** The one act that this person can do now, if there is one; a right that is theirs comes before one that is anyone's. */
function myAct(order: Order, address: string, now: number) {
  const mine = [
    sameAddress(order.buyer.address, address) ? "buyer" : "",
    sameAddress(order.seller.address, address) ? "seller" : "",
  ];
  const open = order.next.filter(
    ({ available_at, until }) => toSeconds(available_at) <= now && !(until && toSeconds(until) < now),
  );
  const forward = open.filter(({ action }) => !OPTIONAL.includes(action));
  return forward.find(({ who }) => mine.includes(who)) ?? forward.find(({ who }) => who === "anyone") ?? null;
}

function NextStep({ order, action }: { order: Order; action: string }) {
  const { t, language } = useLanguage();
  return (
    <li className="grid grid-cols-[56px_1fr] items-center gap-x-4 gap-y-2 border-b border-line py-3 sm:grid-cols-[56px_1fr_auto]">
      <div className="aspect-square overflow-hidden rounded-[6px] border border-line">
        <Picture src={order.offer.picture_url} alt="" />
      </div>
      <div className="min-w-0">
        <p className="font-semibold">{t(`step.${action}`)}</p>
        <p className="truncate text-[15px] text-ink-soft">
          {t("order.number", { id: order.id })} · {localized(order.offer.title, language)} · <Money value={order.total} />
        </p>
        <p className="text-sm">
          <NextLine order={order} />
        </p>
      </div>
      <Link
        to="/orders/$id"
        params={{ id: order.id }}
        aria-label={`${t(`action.${action}`)}: ${t("order.number", { id: order.id })}`}
        className={`${buttonClass("outline")} col-start-2 justify-self-start sm:col-start-auto`}
      >
        {t(`action.${action}`)}
      </Link>
    </li>
  );
}

function NextSteps({ address }: { address: string }) {
  const { t } = useLanguage();
  const now = useNow();
  const query = useQuery(readList("/market/orders", { query: { participant: address, state: "open", limit: 100 } }));
  return (
    <Section title={t("desk.next")} lead={t("desk.next_text")}>
      <Answer query={query} blank={<Blank lines={5} height={80} />}>
        {({ items }) => {
          const steps = items
            .map((order) => ({ order, act: myAct(order, address, now) }))
            .filter(({ act }) => act !== null)
            .sort((a, b) => toSeconds(a.order.deadline ?? a.order.placed_at) - toSeconds(b.order.deadline ?? b.order.placed_at));
          if (steps.length === 0) {
            return (
              <Empty
                title={t("desk.nothing")}
                text={t("desk.nothing_text")}
                action={
                  <Link to="/market" className={buttonClass("primary")}>
                    {t("home.browse")}
                  </Link>
                }
              />
            );
          }
          return (
            <ul className="ruled">
              {steps.map(({ order, act }) => (
                <NextStep key={order.id} order={order} action={act?.action ?? ""} />
              ))}
            </ul>
          );
        }}
      </Answer>
    </Section>
  );
}

function Purse({ address }: { address: string }) {
  const { t } = useLanguage();
  const account = useAccount(address).data;
  if (account === undefined) return <Blank lines={1} height={88} />;
  const owed = account.credits.filter(({ amount }) => units(amount) > 0n);
  // The first currency is shown even when it is empty, so that the place is never blank.
  const held = account.balances.filter(({ amount }, n) => n === 0 || units(amount) > 0n);
  return (
    <Figures>
      <Figure label={t("desk.balance")}>
        {held.map((balance) => (
          <span key={balance.token} className="block text-[22px]">
            <Money value={balance} />
          </span>
        ))}
      </Figure>
      <Figure
        label={t("desk.credit")}
        note={
          owed.length > 0 ? (
            <Link to="/desk/wallet" className="link">
              {t("desk.withdraw")}
            </Link>
          ) : (
            t("desk.credit_none")
          )
        }
      >
        {owed.length === 0
          ? "–"
          : owed.map((credit) => (
              <span key={credit.token} className="block text-[22px]">
                <Money value={credit} />
              </span>
            ))}
      </Figure>
      <Figure label={t("desk.buying")}>
        <Link to="/desk/orders" search={{ side: "buying" }} className="hover:text-accent-ink">
          <Count value={account.orders_buying} />
        </Link>
      </Figure>
      <Figure label={t("desk.selling")}>
        <Link to="/desk/orders" search={{ side: "selling" }} className="hover:text-accent-ink">
          <Count value={account.orders_selling} />
        </Link>
      </Figure>
    </Figures>
  );
}

export function DeskPage() {
  const { t } = useLanguage();
  const wallet = useWallet();
  return (
    <>
      <PageHead title={t("door.desk")} lead={t("desk.lead")} />
      {wallet === null ? (
        <NeedWallet />
      ) : (
        <>
          <Purse address={wallet.address} />
          <NextSteps address={wallet.address} />
        </>
      )}
    </>
  );
}
