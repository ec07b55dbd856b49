import type { Money, NextAction, OrderDetail } from "@/lib/api/types";
import { NATIVE_TOKEN, units } from "@/lib/money";
import { useAccount } from "@/lib/queries";
import { useWallet } from "@/lib/wallet/state";

export interface Deposit {
  money: Money;
  /** What has to be sent along; credit in the contract pays the rest. */
  value: bigint;
  enough: boolean;
}

const TAKES: readonly string[] = ["escalate", "defend", "appeal"];

export const takesDeposit = (act: NextAction): boolean => TAKES.includes(act.action);

function asked(order: OrderDetail, act: NextAction): Money | null {
  const now = order.case;
  if (act.action !== "defend") return now?.deposit_needed ?? null;
  return now?.deposit ? { ...now.deposit, amount: act.deposit ?? now.deposit.amount } : null;
}

const native = (amounts: readonly Money[] | undefined): bigint =>
  units(amounts?.find(({ token }) => token === NATIVE_TOKEN)?.amount ?? "0");

/** What the arbiters' deposit comes to for the connected wallet; null when nobody can say now. */
export function useDeposit(order: OrderDetail, act: NextAction): Deposit | null {
  const account = useAccount(useWallet()?.address).data;
  const money = takesDeposit(act) ? asked(order, act) : null;
  if (money === null) return null;
  const short = units(money.amount) - native(account?.credits);
  const value = short > 0n ? short : 0n;
  return { money, value, enough: account === undefined || native(account.balances) >= value };
}
