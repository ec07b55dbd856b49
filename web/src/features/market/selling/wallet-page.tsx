import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { TFunction } from "i18next";
import type { Account, Chain, Money as MoneyValue } from "@/lib/api/types";
import { asHex } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { NATIVE_TOKEN, parseDecimal, units } from "@/lib/money";
import { useAccount, useChain, useDemo } from "@/lib/queries";
import { fillPurse } from "@/lib/wallet/connect";
import { isDemoWallet, useWallet } from "@/lib/wallet/state";
import { CopyButton } from "@/ui/address";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { Hallmark } from "@/ui/hallmark";
import { Money } from "@/ui/money";
import { Facts, PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { oneCall, type Plan } from "@/ui/signing/plan";
import { NeedWallet } from "@/ui/need-wallet";

function withdrawPlan(credit: MoneyValue, address: string, t: TFunction): Plan {
  return oneCall({
    title: t("purse.withdraw_title"),
    effects: [{ who: t("purse.to_you"), what: <Money value={credit} /> }],
    back: [t("purse.withdraw_back")],
    action: t("purse.withdraw"),
    signer: address,
    call: async (chain) => (await import("@/lib/chain/market")).withdraw(chain.contracts.market, asHex(credit.token)),
    done: { title: t("purse.withdrawn"), text: t("purse.withdrawn_text") },
  });
}

function depositPlan(money: MoneyValue, address: string, t: TFunction): Plan {
  return {
    title: t("purse.deposit_title"),
    effects: [{ who: t("purse.from_you"), what: <Money value={money} /> }],
    back: [t("purse.deposit_back")],
    action: t("purse.deposit"),
    signer: address,
    execute: async (tools, chain) => {
      const { depositBond } = await import("@/lib/chain/checkout");
      return depositBond(tools, chain.contracts.market, asHex(money.token), units(money.amount));
    },
    done: () => Promise.resolve({ title: t("purse.deposited"), text: t("purse.deposited_text"), links: [] }),
  };
}

function Credits({ account }: { account: Account }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const credits = account.credits.filter(({ amount }) => units(amount) > 0n);
  return (
    <Section title={t("purse.credits")} lead={t("purse.credits_text")}>
      {credits.length === 0 ? (
        <Empty title={t("purse.no_credits")} text={t("purse.no_credits_text")} />
      ) : (
        <ul className="ruled">
          {credits.map((credit) => (
            <li key={credit.token} className="flex flex-wrap items-center justify-between gap-4 border-b border-line py-3">
              <span className="font-serif text-2xl text-title">
                <Money value={credit} big />
              </span>
              <Button look="primary" onClick={() => sign(withdrawPlan(credit, account.address, t))}>
                {t("purse.withdraw")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Deposit({ account, chain }: { account: Account; chain: Chain }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const choices = [
    ...chain.tokens.filter(({ address }) => address !== NATIVE_TOKEN),
    { address: NATIVE_TOKEN, ...chain.native },
  ];
  const [token, setToken] = useState(choices[0]?.address ?? NATIVE_TOKEN);
  const [text, setText] = useState("");
  const choice = choices.find(({ address }) => address === token) ?? { address: NATIVE_TOKEN, ...chain.native };
  const amount = parseDecimal(text, choice.decimals);
  const ready = amount !== null && amount > 0n;
  return (
    <Section title={t("purse.bond")} lead={t("purse.bond_text")}>
      {account.bonded.some(({ amount: bonded }) => units(bonded) > 0n) && (
        <p className="mb-4">
          {t("purse.bonded")}{" "}
          {account.bonded.map((bonded) => (
            <span key={bonded.token} className="mr-3 font-semibold">
              <Money value={bonded} />
            </span>
          ))}
        </p>
      )}
      <div className="flex flex-wrap items-end gap-4">
        <div className="w-40">
          <Field label={t("purse.amount")} error={text !== "" && !ready ? t("draft_error.amount") : null}>
            {(a) => <Input {...a} inputMode="decimal" value={text} onChange={(e) => setText(e.target.value)} />}
          </Field>
        </div>
        <div className="w-32">
          <Field label={t("offer.token")}>
            {(a) => (
              <Select {...a} value={token} onChange={(e) => setToken(e.target.value)}>
                {choices.map(({ address, symbol }) => (
                  <option key={address} value={address}>
                    {symbol}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Button
          onClick={() =>
            ready &&
            sign(
              depositPlan(
                { amount: amount.toString(), token, symbol: choice.symbol, decimals: choice.decimals },
                account.address,
                t,
              ),
            )
          }
        >
          {t("purse.deposit")}
        </Button>
      </div>
    </Section>
  );
}

function Balances({ account }: { account: Account }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const demo = useDemo().data;
  const [busy, setBusy] = useState(false);
  const fill = async () => {
    setBusy(true);
    try {
      await fillPurse(account.address);
      await queries.invalidateQueries();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section
      title={t("purse.balances")}
      aside={
        demo ? (
          <Button small busy={busy} onClick={() => void fill()}>
            {t("wallet.faucet")}
          </Button>
        ) : undefined
      }
    >
      <Facts rows={account.balances.map((balance) => [balance.symbol, <Money key={balance.token} value={balance} />] as const)} />
    </Section>
  );
}

function Desk({ address }: { address: string }) {
  const { t } = useLanguage();
  const chain = useChain().data;
  const query = useAccount(address);
  const wallet = useWallet();
  return (
    <Answer query={query}>
      {(account) => (
        <>
          <p className="mb-10 flex items-center gap-4">
            <Hallmark address={address} size={56} />
            <span className="min-w-0">
              <span className="block text-lg font-semibold">{account.name}</span>
              <span className="flex items-center gap-2 font-mono text-sm break-all text-ink-soft">
                {address}
                <CopyButton text={address} />
              </span>
              {wallet !== null && isDemoWallet(wallet) && (
                <span className="block text-sm text-amber">{t(wallet.kind === "fresh" ? "purse.fresh" : "purse.persona")}</span>
              )}
            </span>
          </p>
          <div className="grid gap-x-12 lg:grid-cols-2">
            <Credits account={account} />
            <Balances account={account} />
          </div>
          {chain !== undefined && <Deposit account={account} chain={chain} />}
        </>
      )}
    </Answer>
  );
}

export function WalletPage() {
  const { t } = useLanguage();
  const wallet = useWallet();
  return (
    <>
      <PageHead title={t("page.wallet")} lead={t("purse.lead")} />
      {wallet === null ? <NeedWallet /> : <Desk address={wallet.address} />}
    </>
  );
}
