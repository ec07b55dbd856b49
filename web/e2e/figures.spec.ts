import { expect, test } from "@playwright/test";
import { createPublicClient, decodeEventLog, http, type Hex, type Log } from "viem";
import { aftersalesAbi, couponVaultAbi, marketAbi, stableTokenAbi } from "../src/gen/abi";
import { quiet, read } from "./town";

/**
 * Everything the house says of its trade is reckoned again from the raw events of the contracts, fetched over JSON-RPC
 * and decoded here: no table and no projection of the house is asked.
 */
interface Order {
  id: bigint;
  buyer: string;
  token: string;
  amount: bigint;
  bond: bigint;
  at: bigint;
  state: "open" | "released" | "refunded" | "settled";
  fee: bigint;
  seller: string;
  /** What a split gave the buyer. */
  split: bigint;
  shipped: boolean;
  late: boolean;
  arrivedAt: bigint | null;
  disputed: boolean;
  returned: boolean;
}

/** Refunded because nothing was shipped in time, as `IMarket.RefundReason` numbers it. */
const SHIP_EXPIRED = 3n;

interface Budget {
  token: string;
  contributed: bigint;
  available: bigint;
  locked: bigint;
  spent: bigint;
  withdrawn: bigint;
  redemptions: number;
}

const BLOCKS_A_CALL = 400n;

async function rawLogs(rpc: string, market: Hex, head: bigint) {
  const client = createPublicClient({ transport: http(rpc) });
  const logs: Log[] = [];
  for (let from = 0n; from <= head; from += BLOCKS_A_CALL) {
    const to = from + BLOCKS_A_CALL - 1n < head ? from + BLOCKS_A_CALL - 1n : head;
    logs.push(...(await client.getLogs({ address: market, fromBlock: from, toBlock: to })));
  }
  const times = new Map<bigint, bigint>();
  for (const number of new Set(logs.map(({ blockNumber }) => blockNumber ?? 0n))) {
    times.set(number, (await client.getBlock({ blockNumber: number })).timestamp);
  }
  return { client, logs, time: (log: Log) => times.get(log.blockNumber ?? 0n) ?? 0n };
}

const ABI = [...marketAbi, ...aftersalesAbi, ...couponVaultAbi];

/** The books as they follow from the events alone. */
function reckon(logs: readonly Log[], time: (log: Log) => bigint) {
  const orders = new Map<bigint, Order>();
  const budgets = new Map<bigint, Budget>();
  const credits = new Map<string, bigint>();
  const counted: Record<string, number> = {};
  const credit = (token: string, amount: bigint) => credits.set(token, (credits.get(token) ?? 0n) + amount);
  const order = (id: bigint): Order => {
    const found = orders.get(id);
    if (found === undefined) throw new Error(`order ${id} has no beginning`);
    return found;
  };
  const budget = (id: bigint): Budget => {
    const found = budgets.get(id);
    if (found === undefined) throw new Error(`campaign ${id} has no beginning`);
    return found;
  };
  for (const log of logs) {
    let event;
    try {
      event = decodeEventLog({ abi: ABI, data: log.data, topics: log.topics });
    } catch {
      continue;
    }
    counted[event.eventName] = (counted[event.eventName] ?? 0) + 1;
    const args = event.args as unknown as Record<string, unknown>;
    const big = (name: string): bigint => BigInt(args[name] as bigint | number);
    const text = (name: string): string => String(args[name]).toLowerCase();
    switch (event.eventName) {
      case "OrderFunded":
        orders.set(big("orderId"), {
          id: big("orderId"), buyer: text("buyer"), token: text("token"), amount: big("amount"), bond: big("bond"),
          at: time(log), state: "open", fee: 0n, seller: text("seller"), split: 0n, shipped: false, late: false, arrivedAt: null,
          disputed: false, returned: false,
        });
        credit(text("token"), -big("bond"));
        break;
      case "OrderReleased":
        Object.assign(order(big("orderId")), { state: "released", fee: big("fee") });
        break;
      case "OrderRefunded":
        Object.assign(order(big("orderId")), { state: "refunded", late: big("reason") === SHIP_EXPIRED });
        break;
      case "OrderSettled":
        Object.assign(order(big("orderId")), { state: "settled", fee: big("fee"), split: big("buyerAmount") });
        break;
      case "OrderShipped":
        order(big("orderId")).shipped = true;
        break;
      case "OrderDelivered":
        order(big("orderId")).arrivedAt = time(log);
        break;
      case "OrderDisputed":
        order(big("orderId")).disputed = true;
        break;
      case "ReturnRequested":
        order(big("orderId")).returned = true;
        break;
      case "Credited":
      case "BondDeposited":
        credit(text("token"), big("amount"));
        break;
      case "Withdrawn":
      case "CreditSpent":
        credit(text("token"), -big("amount"));
        break;
      case "CampaignOpened": {
        const { token } = args["terms"] as { token: string };
        const none = { contributed: 0n, available: 0n, locked: 0n, spent: 0n, withdrawn: 0n, redemptions: 0 };
        budgets.set(big("campaignId"), { token: token.toLowerCase(), ...none });
        break;
      }
      case "CampaignFunded": {
        const found = budget(big("campaignId"));
        found.contributed += big("amount");
        found.available += big("amount");
        break;
      }
      case "CouponApplied": {
        const found = budget(big("campaignId"));
        found.available -= big("amount");
        found.locked += big("amount");
        found.redemptions += 1;
        break;
      }
      case "CouponSettled": {
        const found = budget(big("campaignId"));
        found.locked -= big("vested") + big("returned");
        found.spent += big("vested");
        found.available += big("returned");
        break;
      }
      case "LeftoverCredited": {
        const found = budget(big("campaignId"));
        found.available -= big("amount");
        found.withdrawn += big("amount");
        break;
      }
    }
  }
  return { orders: [...orders.values()], budgets, credits, counted };
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((all, one) => all + one, 0n);
/** A share of one to four places, rounded down, as the house writes it. */
const share = (part: bigint | number, whole: bigint | number): string | null => {
  if (BigInt(whole) === 0n) return null;
  const scaled = (BigInt(part) * 10_000n) / BigInt(whole);
  return `${scaled / 10_000n}.${String(scaled % 10_000n).padStart(4, "0")}`;
};
const month = (at: bigint) => new Date(Number(at) * 1000).toISOString().slice(0, 7);

test("the figures, budgets and books follow from the raw events", async ({ request }) => {
  test.setTimeout(180_000);
  await quiet(request);
  const chain = await read(request, "/chain", "/chain");
  const head = BigInt(chain.head.number);
  const { client, logs, time } = await rawLogs(chain.rpc_url, chain.contracts.market as Hex, head);
  const books = reckon(logs, time);
  // There is something to reckon: refunds, splits, disputes and coupons that came back among it.
  for (const event of ["OrderReleased", "OrderRefunded", "OrderSettled", "OrderDisputed", "CouponApplied", "CouponSettled"]) {
    expect(books.counted[event] ?? 0, event).toBeGreaterThan(0);
  }

  const token = chain.contracts.stable_token.toLowerCase();
  const all = books.orders.filter((order) => order.token === token);
  const said = await read(request, "/market/metrics", "/market/metrics?from=2000-01-01&to=2100-01-01");
  const buyers = new Map<string, Order[]>();
  for (const order of all) buyers.set(order.buyer, [...(buyers.get(order.buyer) ?? []), order]);
  expect(said.orders).toBe(all.length);
  expect(said.buyers).toBe(buyers.size);
  expect(BigInt(said.gmv)).toBe(sum(all.map(({ amount }) => amount)));
  expect(BigInt(said.nmv)).toBe(sum(all.filter(({ state }) => state !== "refunded").map(({ amount }) => amount)));
  expect(BigInt(said.fees)).toBe(sum(all.map(({ fee }) => fee)));
  expect(BigInt(said.aov)).toBe(sum(all.map(({ amount }) => amount)) / BigInt(all.length));
  expect(said.repeat_buyers).toBe([...buyers.values()].filter((orders) => orders.length > 1).length);

  const refunded = all.filter(({ state }) => state === "refunded");
  const value = sum(refunded.map(({ amount }) => amount)) + sum(all.map(({ split }) => split));
  expect(said.refunds.orders).toBe(refunded.length);
  expect(BigInt(said.refunds.value)).toBe(value);
  expect(said.refunds.count_rate).toBe(share(refunded.length, all.length));
  expect(said.refunds.value_rate).toBe(share(value, sum(all.map(({ amount }) => amount))));
  const arrived = all.filter(({ arrivedAt }) => arrivedAt !== null);
  const disputed = arrived.filter((order) => order.disputed);
  expect(disputed.length, "disputes to reckon").toBeGreaterThan(0);
  expect(said.dispute_rate).toBe(share(disputed.length, arrived.length));
  expect(said.return_rate).toBe(share(arrived.filter(({ returned }) => returned).length, arrived.length));
  for (const row of said.deliveries) {
    const here = arrived.filter(({ arrivedAt }) => month(arrivedAt ?? 0n) === row.month);
    expect([row.orders, row.disputed, row.returned], row.month).toEqual([here.length, here.filter((one) => one.disputed).length, here.filter((one) => one.returned).length]);
  }
  const shipped = all.filter((order) => order.shipped).length;
  expect(said.on_time_rate).toBe(share(shipped, shipped + all.filter(({ late }) => late).length));
  const bySeller = new Map<string, bigint>();
  for (const { seller, amount } of all) bySeller.set(seller, (bySeller.get(seller) ?? 0n) + amount);
  const parts = [...bySeller.values()].map((worth) => Number(worth) / Number(sum([...bySeller.values()])));
  expect(Number(said.seller_hhi)).toBeCloseTo(parts.map((part) => part * part).reduce((a, b) => a + b), 3);

  const firsts = new Map([...buyers].map(([buyer, orders]) => [buyer, orders.map(({ at }) => at).reduce((a, b) => (a < b ? a : b))]));
  for (const row of said.monthly) {
    const here = all.filter(({ at }) => month(at) === row.month);
    expect(row.orders, row.month).toBe(here.length);
    expect(BigInt(row.gmv), row.month).toBe(sum(here.map(({ amount }) => amount)));
    expect(row.buyers, row.month).toBe(new Set(here.map(({ buyer }) => buyer)).size);
    expect(row.new_buyers, row.month).toBe([...firsts.values()].filter((at) => month(at) === row.month).length);
  }
  expect(sum(said.monthly.map(({ orders }) => BigInt(orders)))).toBe(BigInt(all.length));
  for (const cohort of said.cohorts) {
    const members = [...firsts].filter(([, at]) => month(at) === cohort.month).map(([buyer]) => buyer);
    expect(cohort.size, cohort.month).toBe(members.length);
    // Month by month, also those in which nobody bought.
    const first = new Date(`${cohort.month}-01T00:00:00Z`);
    const months = cohort.retained.map((_, n) => new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + n, 1)).toISOString().slice(0, 7));
    const active = months.map((one) => members.filter((buyer) => buyers.get(buyer)?.some(({ at }) => month(at) === one)).length);
    expect(cohort.retained, cohort.month).toEqual(active);
  }
  const end = BigInt(Date.parse(said.to) / 1000);
  for (const { days, ...row } of said.returning) {
    const span = BigInt(days) * 86_400n;
    const asked = [...firsts].filter(([, first]) => first + span <= end);
    const again = asked.filter(([buyer, first]) => (buyers.get(buyer) ?? []).filter(({ at }) => at <= first + span).length > 1);
    const later = asked.filter(([buyer, first]) => buyers.get(buyer)?.some(({ at }) => at >= first + span));
    const [repeat_rate, retention] = [share(again.length, asked.length), share(later.length, asked.length)];
    expect(row, `${days} days`).toEqual({ people: asked.length, within: again.length, after: later.length, repeat_rate, retention });
  }

  const { items } = await read(request, "/campaigns", "/campaigns?limit=100");
  expect(items.length).toBe(books.budgets.size);
  for (const campaign of items) {
    const budget = books.budgets.get(BigInt(campaign.id));
    for (const part of ["contributed", "available", "locked", "spent", "withdrawn"] as const) {
      expect(BigInt(campaign.budget[part].amount), `${part} of campaign ${campaign.id}`).toBe(budget?.[part]);
    }
    expect(campaign.redemptions).toBe(budget?.redemptions);
  }

  const solvency = await read(request, "/market/solvency", "/market/solvency");
  const shown = solvency.tokens.find((one) => one.token.toLowerCase() === token);
  const open = all.filter(({ state }) => state === "open");
  expect(BigInt(shown?.open_orders ?? -1)).toBe(sum(open.map(({ amount }) => amount)));
  expect(BigInt(shown?.bonds ?? -1)).toBe(sum(open.map(({ bond }) => bond)));
  expect(BigInt(shown?.credits ?? -1)).toBe(books.credits.get(token));
  expect(BigInt(shown?.budgets ?? -1)).toBe(sum([...books.budgets.values()].map(({ available }) => available)));
  const held = await client.readContract({
    address: chain.contracts.stable_token as Hex,
    abi: stableTokenAbi,
    functionName: "balanceOf",
    args: [chain.contracts.market as Hex],
    blockNumber: head,
  });
  expect(BigInt(shown?.balance ?? -1)).toBe(held);
  expect(shown?.agrees).toBe(true);
});
