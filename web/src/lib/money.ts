import type { Money } from "./api/types";

/** Token amounts travel as decimal strings of the smallest unit; they become `bigint` here and nowhere else. */
export const units = (amount: string): bigint => BigInt(amount);

export function toDecimal(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  if (decimals === 0) return sign + digits;
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  return sign + digits.slice(0, -decimals) + (fraction === "" ? "" : `.${fraction}`);
}

/** Parses what a person typed ("12.5") into the smallest unit, or null when it is not an amount of that token. */
export function parseDecimal(text: string, decimals: number): bigint | null {
  const match = /^(\d{1,60})(?:\.(\d*))?$/.exec(text.trim());
  if (match === null) return null;
  const [, whole = "0", fraction = ""] = match;
  if (fraction.length > decimals) return null;
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

/** Formats without passing through a float: the whole part is grouped by locale, the fraction kept exactly. */
export function formatUnits(amount: bigint, decimals: number, locale: string, digits?: { min: number; max: number }): string {
  const { min, max } = digits ?? { min: 2, max: 6 };
  const [whole = "0", fraction = ""] = toDecimal(amount, decimals).split(".");
  const shown = fraction.slice(0, max).padEnd(Math.min(min, decimals), "0");
  const negative = whole.startsWith("-");
  const grouped = new Intl.NumberFormat(locale).format(BigInt(negative ? whole.slice(1) : whole));
  return `${negative ? "−" : ""}${grouped}${shown === "" ? "" : `.${shown}`}`;
}

export const formatMoney = (money: Money, locale: string): string =>
  `${formatUnits(units(money.amount), money.decimals, locale)} ${money.symbol}`;

/** A number for the axis of a chart, where a few lost digits do not matter. */
export const toChartNumber = (amount: string, decimals: number): number => Number(toDecimal(BigInt(amount), decimals));

export function addMoney(a: Money, b: Money): Money {
  return { ...a, amount: (units(a.amount) + units(b.amount)).toString() };
}

export function timesMoney(money: Money, count: number): Money {
  return { ...money, amount: (units(money.amount) * BigInt(count)).toString() };
}

/** Sums by token, keeping the order in which the tokens first appear. */
export function sumByToken(amounts: readonly Money[]): Money[] {
  const totals = new Map<string, Money>();
  for (const money of amounts) {
    const key = money.token.toLowerCase();
    const sum = totals.get(key);
    totals.set(key, sum === undefined ? money : addMoney(sum, money));
  }
  return [...totals.values()];
}

export const NATIVE_TOKEN = "0x0000000000000000000000000000000000000000";
