import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Account, Money as MoneyValue } from "@/lib/api/types";
import { clearBasket } from "@/lib/basket";
import { localized, useLanguage } from "@/lib/i18n";
import { formatMoney, units } from "@/lib/money";
import { useAccount, useDemo } from "@/lib/queries";
import { sameAddress } from "@/lib/address";
import { fillPurse } from "@/lib/wallet/connect";
import { useWallet } from "@/lib/wallet/state";
import { Address } from "@/ui/address";
import { Blank, Empty } from "@/ui/answer";
import { Button, buttonClass } from "@/ui/button";
import { Money } from "@/ui/money";
import { PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { useQueryClient } from "@tanstack/react-query";
import { useSessionGate } from "@/lib/wallet/use-session-gate";
import { DeliveryFields, destinationText, NOWHERE } from "../delivery/delivery-fields";
import { Promises } from "../storefront/promises";
import { Coupons } from "./coupons";
import { checkoutPlan } from "./plan";
import { Totals } from "./totals";
import { lineTrouble, useBasketOffers, type PricedLine } from "./use-basket-offers";
import { lessSaved, takeVouchers, useQuote, type Choice } from "./use-quote";

/** The first total that the account cannot pay, if any. */
function shortfall(totals: readonly MoneyValue[], account: Account | undefined) {
  if (account === undefined) return null;
  for (const total of totals) {
    const held = account.balances.find(({ token }) => sameAddress(token, total.token));
    if (units(held?.amount ?? "0") < units(total.amount)) return { total, held: held ?? { ...total, amount: "0" } };
  }
  return null;
}

function Purse({ totals }: { totals: readonly MoneyValue[] }) {
  const { t, locale } = useLanguage();
  const wallet = useWallet();
  const queries = useQueryClient();
  const demo = useDemo().data;
  const account = useAccount(wallet?.address).data;
  const { connect } = useSigning();
  const [filling, setFilling] = useState(false);
  if (wallet === null) {
    return (
      <div className="flex flex-wrap items-center gap-4">
        <p className="text-ink-soft">{t("checkout.no_wallet")}</p>
        <Button look="primary" onClick={connect}>
          {t("wallet.connect")}
        </Button>
      </div>
    );
  }
  const lacking = shortfall(totals, account);
  const fill = async () => {
    setFilling(true);
    try {
      await fillPurse(wallet.address);
      await queries.invalidateQueries();
    } finally {
      setFilling(false);
    }
  };
  return (
    <div className="space-y-2">
      <p className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <Address address={wallet.address} name={account?.name} to="none" size={24} copy />
        {account?.balances.filter(({ amount }) => units(amount) > 0n).map((balance) => <Money key={balance.token} value={balance} />)}
        <Button small look="quiet" onClick={connect}>
          {t("wallet.change")}
        </Button>
      </p>
      {lacking !== null && (
        <p role="alert" className="flex flex-wrap items-center gap-4 text-harm">
          {t("checkout.short", { need: formatMoney(lacking.total, locale), have: formatMoney(lacking.held, locale) })}
          {demo && (
            <Button small busy={filling} onClick={() => void fill()}>
              {t("wallet.faucet")}
            </Button>
          )}
        </p>
      )}
    </div>
  );
}

/** Lines that promise the same stand together, so that it is read once. */
function byPromise(lines: readonly PricedLine[]): PricedLine[][] {
  const groups = new Map<string, PricedLine[]>();
  for (const line of lines) {
    const key = JSON.stringify([line.offer.terms, line.offer.digital]);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()];
}

export function CheckoutPage() {
  const { t, language, locale } = useLanguage();
  const { basket, lines, missing, loading, totals } = useBasketOffers();
  const wallet = useWallet();
  const account = useAccount(wallet?.address).data;
  const { sign, connect } = useSigning();
  const [destination, setDestination] = useState(NOWHERE);
  const [choice, setChoice] = useState<Choice>({ code: "", without: [] });
  const [preparing, setPreparing] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const ensureSession = useSessionGate();
  const quote = useQuote(lines, choice);
  const saved = (wallet === null ? undefined : quote.data?.saved) ?? [];
  const due = lessSaved(totals, saved);

  const review = async () => {
    if (wallet === null) return connect();
    setFailed(null);
    setPreparing(true);
    try {
      // Coupons are kept for whoever signs in, so that the sheet shows what will be paid and not what might be.
      if (saved.length > 0) await ensureSession();
      const vouchers = saved.length > 0 ? await takeVouchers(lines, choice) : null;
      const pay = lessSaved(totals, vouchers?.saved ?? []);
      const given = vouchers !== null && vouchers.saved.length > 0 ? vouchers : null;
      const note = destinationText(destination);
      const onPlaced = clearBasket;
      sign(checkoutPlan({ lines, totals: pay, note, vouchers: given, ensureSession, t, language, locale, onPlaced }));
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    } finally {
      setPreparing(false);
    }
  };

  if (basket.length === 0) {
    return (
      <>
        <PageHead title={t("checkout.title")} />
        <Empty
          title={t("basket.empty")}
          action={
            <Link to="/market" className={buttonClass("primary")}>
              {t("home.browse")}
            </Link>
          }
        />
      </>
    );
  }
  const troubled = missing.length > 0 || lines.some((line) => lineTrouble(line) !== null);
  const lacking = shortfall(due, account);
  const blocked = troubled
    ? t("checkout.blocked_lines")
    : lacking !== null
      ? t("checkout.blocked_funds")
      : loading
        ? t("common.loading")
        : null;
  const physical = lines.some(({ offer }) => !offer.digital);
  const shipping = lines.filter(({ offer }) => !offer.digital).map(({ offer }) => offer.seller);
  const recipients = shipping.filter(({ address }, n) => shipping.findIndex((other) => other.address === address) === n);

  return (
    <>
      <PageHead title={t("checkout.title")} lead={t("checkout.lead")} />
      <div className="grid gap-x-12 lg:grid-cols-[1fr_320px]">
        <div className="min-w-0">
          <Section title={t("checkout.pay_from")}>
            <Purse totals={due} />
          </Section>
          {physical && (
            <Section title={t("checkout.delivery")} lead={t("checkout.delivery_text")}>
              <DeliveryFields value={destination} sellers={recipients} onChange={setDestination} />
            </Section>
          )}
        </div>
        <aside aria-label={t("basket.total")} className="mb-12 lg:sticky lg:top-8 lg:row-span-2 lg:self-start">
          <Totals lines={lines} totals={due} saved={saved} />
          {wallet === null ? (
            <p className="mt-3 text-[15px] text-ink-soft">{t("coupon.connect_first")}</p>
          ) : (
            <div className="mt-4">
              <Coupons
                quote={quote.data}
                failed={quote.isError}
                choice={choice}
                onChange={setChoice}
                currency={totals[0]}
              />
            </div>
          )}
          <div className="mt-6">
            <Button
              look="primary"
              blocked={blocked}
              className="w-full"
              busy={preparing}
              onClick={() => void review()}
            >
              {t(wallet === null ? "wallet.connect" : "checkout.place")}
            </Button>
          </div>
          {failed !== null && (
            <p role="alert" className="mt-3 text-harm">
              {t("coupon.not_kept", { message: failed })}
            </p>
          )}
          <p className="mt-3 text-sm text-ink-soft">{t("checkout.one_transaction")}</p>
        </aside>
        <Section title={t("checkout.promises")}>
          {loading && <Blank lines={4} />}
          {byPromise(lines).map((group) => (
            <div key={group[0]?.offer.id} className="mb-8">
              {group.map((line) => (
                <h3 key={line.offer.id} className="mb-2 flex flex-wrap items-baseline justify-between gap-x-6 text-lg">
                  <span>
                    {localized(line.offer.title, language)}
                    {line.quantity > 1 && <span className="figures"> × {line.quantity}</span>}
                  </span>
                  <span className="font-sans text-base">
                    <Address address={line.offer.seller.address} name={line.offer.seller.name} to="seller" />
                  </span>
                </h3>
              ))}
              {group[0] !== undefined && <Promises offer={group[0].offer} />}
            </div>
          ))}
        </Section>
      </div>
    </>
  );
}
