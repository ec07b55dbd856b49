import type { TFunction } from "i18next";
import type { Arbitration, ArbitrationSettings, Chain, Money as MoneyValue } from "@/lib/api/types";
import { asHex } from "@/lib/address";
import { WalletFailure } from "@/lib/chain/failure";
import type { Call, Tools } from "@/lib/chain/tools";
import { formatMoney, units } from "@/lib/money";
import { formatDateTime } from "@/lib/time";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { oneCall, type Effect, type Plan } from "@/ui/signing/plan";
import { arbiterKey } from "./secrets";

interface Words {
  t: TFunction;
  locale: string;
}

const contract = (address: string) => ({ name: "panel", address }) as const;
const panelCalls = () => import("@/lib/chain/panel");

/** A turn that anyone may take: the wheels of a case. */
export function turnPlan(panel: string, row: Arbitration, action: string, { t }: Words): Plan {
  const names = { set_beacon: "setBeacon", draw: "draw", tally: "tally", execute: "execute", deliver: "deliver", fail: "fail" } as const;
  return oneCall({
    title: t(`case_step.${action}`),
    effects: [{ who: t("arbitration.case_number", { id: row.id }), what: t(`case_effect.${action}`) }],
    back: [t("arbitration.turn_back")],
    action: t(`case_action.${action}`),
    contract: action === "note_ruling" || action === "reclaim_fee" ? undefined : contract(panel),
    call: async (chain) => {
      const after = await import("@/lib/chain/aftersales");
      if (action === "note_ruling") return after.noteRuling(chain.contracts.market, row.order_id ?? "0");
      if (action === "reclaim_fee") return after.reclaimFee(chain.contracts.market, row.order_id ?? "0");
      return (await panelCalls()).crank(panel, names[action as keyof typeof names], row.id);
    },
    done: { title: t(`case_done.${action}`), text: t(`case_effect.${action}`) },
  });
}

interface Sealing {
  settings: ArbitrationSettings;
  row: Arbitration;
  account: string;
  words: Words;
}

/** What a seat stands to gain or to lose. */
function stakes({ settings, row, words: { t } }: Sealing): Effect[] {
  return [
    { who: t("arbitration.fee_shared"), what: <Money value={row.fee} /> },
    { who: t("arbitration.at_risk"), what: <Money value={settings.slice} /> },
  ];
}

/** A plan whose call needs the arbiter's own secrets, which one signature gives. */
function secretPlan(sealing: Sealing, words: Pick<Plan, "title" | "effects" | "back" | "action">, done: { title: string; text: string }, make: (tools: Tools, chain: Chain) => Promise<Call>): Plan {
  return {
    ...words,
    signer: sealing.account,
    contract: contract(sealing.settings.panel),
    execute: async (tools, chain) => tools.send(await make(tools, chain)),
    done: () => Promise.resolve({ ...done, links: [] }),
  };
}

const seatOf = ({ row, account }: Sealing) => ({ id: row.id, round: row.round - 1, account: asHex(account) });

export function sealVotePlan(sealing: Sealing, choice: number, choiceWord: string): Plan {
  const { t, locale } = sealing.words;
  const until = sealing.row.deadline ? formatDateTime(sealing.row.deadline, locale) : "";
  const words = {
    title: t("case_step.commit_vote"),
    effects: [{ who: t("arbitration.your_vote"), what: choiceWord }, ...stakes(sealing)],
    back: [t("arbitration.sealed_back", { date: until }), t("arbitration.sealed_kept")],
    action: t("case_action.commit_vote"),
  };
  const done = { title: t("case_done.commit_vote"), text: t("arbitration.sealed_text") };
  return secretPlan(sealing, words, done, async (tools, chain) => {
    const { commitVote, sealVote, secretOf } = await panelCalls();
    const seat = seatOf(sealing);
    const salt = secretOf(await arbiterKey(tools, chain, sealing.settings.panel), "vote", seat);
    return commitVote(sealing.settings.panel, sealing.row.id, sealVote(seat, choice, salt));
  });
}

export function openVotePlan(sealing: Sealing, commitTx: string): Plan {
  const { t } = sealing.words;
  const words = {
    title: t("case_step.reveal_vote"),
    effects: stakes(sealing),
    back: [t("arbitration.opened_back")],
    action: t("case_action.reveal_vote"),
  };
  const done = { title: t("case_done.reveal_vote"), text: t("arbitration.opened_text") };
  return secretPlan(sealing, words, done, async (tools, chain) => {
    const { choiceOf, revealVote, sealedIn, secretOf } = await panelCalls();
    const seat = seatOf(sealing);
    const salt = secretOf(await arbiterKey(tools, chain, sealing.settings.panel), "vote", seat);
    const sealed = await sealedIn(tools, commitTx);
    const choice = sealed === null ? null : choiceOf(seat, sealed, salt);
    if (choice === null) throw new WalletFailure({ kind: "other", message: t("arbitration.other_key") });
    return revealVote(sealing.settings.panel, sealing.row.id, choice, salt);
  });
}

export function sealSecretPlan(sealing: Sealing): Plan {
  const { t, locale } = sealing.words;
  const step = sealing.row.next.find(({ action }) => action === "commit_seed");
  const words = {
    title: t("case_step.commit_seed"),
    effects: [{ who: t("arbitration.secret_pay"), what: <Money value={share(sealing.row.fee)} /> }, { who: t("arbitration.at_risk"), what: <Money value={sealing.settings.slice} /> }],
    back: [t("arbitration.secret_back", { date: step?.until ? formatDateTime(step.until, locale) : "" })],
    action: t("case_action.commit_seed"),
  };
  const done = { title: t("case_done.commit_seed"), text: t("arbitration.secret_text") };
  return secretPlan(sealing, words, done, async (tools, chain) => {
    const { commitSeed, sealSecret, secretOf } = await panelCalls();
    const seat = seatOf(sealing);
    const secret = secretOf(await arbiterKey(tools, chain, sealing.settings.panel), "draw", seat);
    return commitSeed(sealing.settings.panel, sealing.row.id, sealSecret(seat, secret));
  });
}

export function openSecretPlan(sealing: Sealing): Plan {
  const { t } = sealing.words;
  const words = {
    title: t("case_step.reveal_seed"),
    effects: [{ who: t("arbitration.secret_pay"), what: <Money value={share(sealing.row.fee)} /> }],
    back: [t("arbitration.secret_open_back")],
    action: t("case_action.reveal_seed"),
  };
  const done = { title: t("case_done.reveal_seed"), text: t("arbitration.secret_open_text") };
  return secretPlan(sealing, words, done, async (tools, chain) => {
    const { revealSeed, secretOf } = await panelCalls();
    const secret = secretOf(await arbiterKey(tools, chain, sealing.settings.panel), "draw", seatOf(sealing));
    return revealSeed(sealing.settings.panel, sealing.row.id, secret);
  });
}

/** A hundredth of a round's fee: what each of the first ten opened secrets earns. */
const share = (fee: MoneyValue): MoneyValue => ({ ...fee, amount: (units(fee.amount) / 100n).toString() });

export function stakePlan(settings: ArbitrationSettings, amount: bigint, account: string, { t, locale }: Words): Plan {
  const money = { ...settings.stake_min, amount: amount.toString() };
  return {
    title: t("arbitration.stake_title"),
    effects: [
      { who: t("arbitration.you_stake"), what: <Money value={money} /> },
      { who: t("arbitration.at_risk"), what: <Money value={settings.slice} /> },
    ],
    back: [t("arbitration.stake_back"), t("arbitration.stake_lost", { slice: formatMoney(settings.slice, locale) })],
    action: t("arbitration.stake"),
    signer: account,
    contract: contract(settings.panel),
    execute: async (tools) => (await panelCalls()).stake(tools, settings.panel, settings.stake_token.address, amount),
    done: () => Promise.resolve({ title: t("arbitration.staked"), text: t("arbitration.staked_text"), links: [] }),
  };
}

type Exit = "resign" | "withdraw_stake" | "withdraw_fees";

export function exitPlan(settings: ArbitrationSettings, what: Exit, money: MoneyValue, account: string, { t }: Words): Plan {
  return oneCall({
    title: t(`arbitration.${what}_title`),
    effects: [{ who: t(`arbitration.${what}_who`), what: <Money value={money} /> }],
    back: [t(`arbitration.${what}_back`)],
    action: t(`arbitration.${what}`),
    signer: account,
    contract: contract(settings.panel),
    call: async () => {
      const calls = await panelCalls();
      if (what === "resign") return calls.resign(settings.panel);
      return what === "withdraw_stake" ? calls.withdrawStake(settings.panel) : calls.withdrawFees(settings.panel, account);
    },
    done: { title: t(`arbitration.${what}_done`), text: t(`arbitration.${what}_text`) },
  });
}

export function certifyPlan(settings: ArbitrationSettings, account: string, certified: boolean, { t }: Words): Plan {
  const way = certified ? "certify" : "decertify";
  return oneCall({
    title: t(`arbitration.${way}_title`),
    effects: [{ who: <Address address={account} to="none" />, what: t(`arbitration.${way}_effect`) }],
    back: [t(`arbitration.${way}_back`)],
    action: t(`arbitration.${way}`),
    contract: contract(settings.panel),
    call: async () => (await panelCalls()).certify(settings.panel, account, certified),
    done: { title: t(`arbitration.${way}_done`), text: t(`arbitration.${way}_effect`) },
  });
}
