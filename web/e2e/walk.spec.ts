import { expect, test, type Browser, type Page } from "@playwright/test";
import { mnemonicToAccount } from "viem/accounts";
import en from "../src/locales/en";
import zh from "../src/locales/zh";
import { expectClean } from "./axe";
import { advance, buyableOffer, persona, quiet, read, settle, visitor, type Role } from "./town";

const HOUR = 3600;
const DAY = 24 * HOUR;

type Words = typeof en;
type Act = keyof Words["action"];

/**
 * Walks every row of the order's table as the people who may take it, by the buttons they would press. The house's
 * keeper is off meanwhile, so that what anyone may do is done by a passer-by.
 */
class Walk {
  constructor(
    readonly browser: Browser,
    readonly w: Words,
    readonly language: "en" | "zh",
  ) {}

  async as(role: Role): Promise<Page> {
    return visitor(this.browser, role, { language: this.language });
  }

  /** Somebody of the town by the number of their key. */
  async byIndex(index: number, address: string): Promise<Page> {
    const page = await this.browser.newPage();
    await settle(page, { language: this.language });
    const wallet = JSON.stringify({ kind: "persona", address, index, name: { en: "Somebody", zh: "某人" } });
    await page.addInitScript((text) => localStorage.setItem("guildhall.wallet", text), wallet);
    return page;
  }

  /** Nothing that a person with a screen reader would stumble over. */
  async clean(page: Page) {
    await expectClean(page, () => expect(page.getByRole("status", { name: this.w.common.loading })).toHaveCount(0));
  }

  /** Presses a button, reads the sheet before the signature, signs, and closes the receipt. */
  async press(page: Page, label: string, receipt: string, checked = true) {
    await page.getByRole("main").getByRole("button", { name: label, exact: true }).first().click();
    const sheet = page.getByRole("dialog");
    await expect(sheet.getByText(this.w.sign.who_gets_what)).toBeVisible();
    if (checked) await expect(sheet.getByText(this.w.sign.check_passed)).toBeVisible({ timeout: 30_000 });
    await sheet.getByRole("button", { name: label, exact: true }).click();
    await expect(sheet.getByRole("heading", { name: receipt, exact: true })).toBeVisible({ timeout: 30_000 });
    await sheet.getByRole("button", { name: this.w.common.close }).last().click();
    await expect(sheet).toHaveCount(0);
    await this.clean(page);
  }

  act(page: Page, action: Act): Promise<void> {
    return this.press(page, this.w.action[action], this.w.done[action]);
  }

  async unfold(page: Page, action: Act) {
    await page.getByRole("main").getByRole("button", { name: this.w.action[action], exact: true }).click();
  }

  async buy(page: Page): Promise<string> {
    const { w } = this;
    await page.goto(`/offers/${await buyableOffer(page.request)}`);
    await page.getByRole("button", { name: w.offer.buy_now, exact: true }).click();
    await page.getByRole("button", { name: w.checkout.place, exact: true }).click();
    const sheet = page.getByRole("dialog");
    await expect(sheet.getByText(w.sign.who_gets_what)).toBeVisible();
    await sheet.getByRole("button", { name: w.checkout.sign, exact: true }).click();
    await expect(sheet.getByRole("heading", { name: w.checkout.done_title })).toBeVisible({ timeout: 30_000 });
    await sheet.getByRole("button", { name: w.checkout.open_order }).click();
    await expect(page).toHaveURL(/\/orders\/\d+$/);
    await this.clean(page);
    return page.url().split("/").pop() ?? "";
  }

  async state(page: Page, id: string, state: string) {
    await expect.poll(async () => (await read(page.request, "/market/orders/{id}", `/market/orders/${id}`)).state).toBe(state);
  }

  /** Time goes by, and the page is opened again. */
  async wait(page: Page, seconds: number) {
    await advance(page.request, seconds);
    await page.reload();
  }

  async accept(seller: Page, id: string) {
    await seller.goto(`/orders/${id}`);
    await this.act(seller, "accept");
  }

  async ship(seller: Page) {
    await seller.getByLabel(this.w.order.tracking).fill("Harbour Post 4711");
    await this.act(seller, "ship");
  }

  async dispute(page: Page, amount: string) {
    await this.unfold(page, "dispute");
    await page.getByLabel(this.w.order.reason).fill("Two of the tins are dented");
    await page.getByRole("textbox", { name: this.w.split.label }).fill(amount);
    await this.act(page, "dispute");
  }

  /** Bought, accepted, shipped and received. */
  async delivered(buyer: Page, seller: Page): Promise<string> {
    const id = await this.buy(buyer);
    await this.accept(seller, id);
    await this.ship(seller);
    await buyer.reload();
    await this.act(buyer, "confirm_delivery");
    await seller.reload();
    return id;
  }

  /** An order whose two final offers are with the arbiters; and their number of it. */
  async escalated(buyer: Page, seller: Page, by: "buyer" | "seller"): Promise<{ id: string; dispute: string }> {
    const id = await this.delivered(buyer, seller);
    await this.dispute(buyer, "12");
    const [first, second] = by === "buyer" ? [buyer, seller] : [seller, buyer];
    await first.reload();
    await this.unfold(first, "escalate");
    await this.act(first, "escalate");
    await second.reload();
    await this.act(second, "defend");
    const { items } = await read(buyer.request, "/arbitrations", `/arbitrations?order=${id}`);
    return { id, dispute: items[0]?.id ?? "" };
  }

  turn(page: Page, action: keyof Words["case_done"]): Promise<void> {
    return this.press(page, (this.w.case_action as Record<string, string>)[action] ?? "", this.w.case_done[action]);
  }

  /** From the call to a drawn panel, by a passer-by; gives who sits on it. */
  async drawn(stranger: Page, dispute: string): Promise<string[]> {
    await advance(stranger.request, 37 * HOUR);
    await stranger.goto(`/arbitrations/${dispute}`);
    await this.turn(stranger, "set_beacon");
    // Its hash is known once another block follows.
    await this.wait(stranger, 5);
    await this.turn(stranger, "set_beacon");
    await this.wait(stranger, 37 * HOUR);
    await this.turn(stranger, "draw");
    const found = await read(stranger.request, "/arbitrations/{id}", `/arbitrations/${dispute}`);
    return found.rounds.at(-1)?.seats.map(({ arbiter }) => arbiter.address) ?? [];
  }

  /** The browsers of arbiters, each with their own key. */
  async arbiters(addresses: readonly string[]): Promise<Page[]> {
    const any = await this.browser.newPage();
    const { mnemonic, personas } = await read(any.request, "/demo", "/demo");
    await any.close();
    const first = (personas.find(({ role }) => role === "buyer")?.derivation_index ?? 0) + 1;
    const known = new Map<string, number>();
    for (let index = first; known.size < addresses.length && index < first + 400; index += 1) {
      const { address } = mnemonicToAccount(mnemonic, { addressIndex: index });
      if (addresses.includes(address)) known.set(address, index);
    }
    return Promise.all(addresses.map((address) => this.byIndex(known.get(address) ?? -1, address)));
  }

  async vote(arbiter: Page, dispute: string, choice: keyof Words["ruling"]) {
    await arbiter.goto(`/arbitrations/${dispute}`);
    await arbiter.getByRole("radio", { name: this.w.ruling[choice] }).check();
    await this.press(arbiter, this.w.case_action.commit_vote, this.w.case_done.commit_vote, false);
  }

  async open(arbiter: Page) {
    await arbiter.reload();
    await this.press(arbiter, this.w.case_action.reveal_vote, this.w.case_done.reveal_vote, false);
  }
}

/** What an account can take out of the market, in the money of account. */
async function credit(page: Page, address: string): Promise<bigint> {
  const { credits } = await read(page.request, "/market/accounts/{address}", `/market/accounts/${address}`);
  return BigInt(credits.find(({ symbol }) => symbol === "gUSD")?.amount ?? 0);
}

for (const [language, words] of [
  ["en", en],
  ["zh", zh as unknown as Words],
] as const) {
  test.describe(`every row of the order's table (${language})`, () => {
    test.describe.configure({ timeout: 420_000 });
    const start = (browser: Browser) => new Walk(browser, words, language);

    test.beforeAll(async ({ request }) => {
      await quiet(request);
      const off = await request.post("/api/v1/demo/traffic", { data: { running: false, keeper: false } });
      expect(off.ok()).toBe(true);
      const { address } = await persona(request, "buyer");
      await request.post("/api/v1/demo/faucet", { data: { address } });
    });

    test.afterAll(async ({ request }) => {
      await request.post("/api/v1/demo/traffic", { data: { running: false, keeper: true } });
    });

    test("funded: the buyer cancels, the seller declines, a stranger refunds the forgotten one", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, stranger] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("arbiter")];
      const cancelled = await walk.buy(buyer);
      await walk.act(buyer, "cancel");
      await walk.state(buyer, cancelled, "refunded");
      const declined = await walk.buy(buyer);
      await seller.goto(`/orders/${declined}`);
      await walk.act(seller, "decline");
      await walk.state(buyer, declined, "refunded");
      const forgotten = await walk.buy(buyer);
      await stranger.goto(`/orders/${forgotten}`);
      await expect(stranger.getByRole("button", { name: words.action.refund_expired })).toHaveAttribute("aria-disabled", "true");
      await walk.wait(stranger, 49 * HOUR);
      await walk.act(stranger, "refund_expired");
      await walk.state(buyer, forgotten, "refunded");
    });

    test("accepted and never shipped: a stranger refunds it, the bond on top", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, stranger] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("arbiter")];
      const id = await walk.buy(buyer);
      await walk.accept(seller, id);
      await stranger.goto(`/orders/${id}`);
      await walk.wait(stranger, 6 * DAY);
      await walk.act(stranger, "refund_expired");
      const order = await read(buyer.request, "/market/orders/{id}", `/market/orders/${id}`);
      expect(order.refund_reason).toBe("ship_expired");
      const end = order.timeline.at(-1)?.data as unknown as Record<string, string>;
      expect(BigInt(end.buyerAmount ?? 0)).toBe(BigInt(order.total.amount) + BigInt(order.bond.amount));
    });

    test("shipped: received and released by the buyer; attested by a carrier and released by a stranger", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, stranger, carrier] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("arbiter"), await walk.as("operator")];
      const mine = await walk.delivered(buyer, seller);
      await walk.act(buyer, "release");
      await walk.state(buyer, mine, "released");
      const other = await walk.buy(buyer);
      await walk.accept(seller, other);
      await walk.ship(seller);
      await carrier.goto(`/orders/${other}`);
      await walk.act(carrier, "confirm_delivery");
      await walk.state(buyer, other, "delivered");
      await stranger.goto(`/orders/${other}`);
      await walk.wait(stranger, 8 * DAY);
      await walk.act(stranger, "release");
      await walk.state(buyer, other, "released");
    });

    test("late: put in doubt by a stranger, then proved by a carrier, or refunded by a stranger", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, stranger, carrier] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("arbiter"), await walk.as("operator")];
      for (const proved of [true, false]) {
        const id = await walk.buy(buyer);
        await walk.accept(seller, id);
        await walk.ship(seller);
        await stranger.goto(`/orders/${id}`);
        await walk.wait(stranger, 22 * DAY);
        await walk.act(stranger, "contest");
        await walk.state(buyer, id, "contested");
        if (proved) {
          await carrier.goto(`/orders/${id}`);
          await walk.act(carrier, "confirm_delivery");
          await walk.state(buyer, id, "delivered");
        } else {
          await walk.wait(stranger, 73 * HOUR);
          await walk.act(stranger, "refund_expired");
          await walk.state(buyer, id, "refunded");
        }
      }
    });

    test("returned: confirmed, unanswered, never sent, kept after all", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, stranger] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("arbiter")];
      for (const end of ["confirmed", "unanswered", "unsent", "kept"] as const) {
        const id = await walk.delivered(buyer, seller);
        await walk.unfold(buyer, "request_return");
        await buyer.getByLabel(words.order.reason).fill("It is the green tea, and I ordered the black");
        await walk.act(buyer, "request_return");
        await stranger.goto(`/orders/${id}`);
        if (end === "unanswered") {
          await walk.wait(stranger, 73 * HOUR);
          await walk.act(stranger, "conclude");
          await walk.state(buyer, id, "refunded");
          continue;
        }
        if (end === "kept") {
          await walk.act(buyer, "drop_return");
          await walk.state(buyer, id, "released");
          continue;
        }
        await seller.reload();
        await seller.getByLabel(words.order.return_address).fill("Linden Tea House, 1 Market Lane");
        await walk.act(seller, "approve_return");
        if (end === "unsent") {
          await walk.wait(stranger, 8 * DAY);
          await walk.act(stranger, "conclude");
          await walk.state(buyer, id, "released");
          continue;
        }
        await buyer.reload();
        await buyer.getByLabel(words.order.tracking).fill("Harbour Post 4712");
        await walk.act(buyer, "send_return");
        await seller.reload();
        await walk.act(seller, "confirm_return");
        await walk.state(buyer, id, "refunded");
      }
    });

    test("disputed: split by both signatures, and by the responder's silence", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, stranger] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("arbiter")];
      const agreed = await walk.delivered(buyer, seller);
      // The seller, too, may say that something is wrong.
      await walk.dispute(seller, "2");
      await buyer.reload();
      await walk.act(buyer, "accept_split");
      await walk.state(buyer, agreed, "settled");
      const silent = await walk.delivered(buyer, seller);
      await walk.dispute(buyer, "10");
      await stranger.goto(`/orders/${silent}`);
      await walk.wait(stranger, 73 * HOUR);
      await walk.act(stranger, "conclude");
      await walk.state(buyer, silent, "settled");
      const order = await read(buyer.request, "/market/orders/{id}", `/market/orders/${silent}`);
      const end = order.timeline.find(({ event }) => event === "OrderSettled")?.data as unknown as Record<string, string>;
      expect(end.buyerAmount).toBe("10000000");
    });

    test("escalated by the buyer: evidence, a panel of three, an appeal by the loser to seven, paid out by a stranger", async ({ browser }) => {
      test.setTimeout(600_000);
      const walk = start(browser);
      const [buyer, seller, stranger] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("operator")];
      const { id, dispute } = await walk.escalated(buyer, seller, "buyer");
      await buyer.goto(`/arbitrations/${dispute}`);
      await buyer.getByRole("button", { name: words.evidence.add }).click();
      await buyer.getByLabel(words.evidence.name, { exact: true }).fill("A photograph of the tins");
      await buyer.getByLabel(words.evidence.description, { exact: true }).fill("Both are dented at the rim.");
      await walk.press(buyer, words.evidence.give, words.evidence.given);
      const panel = await walk.drawn(stranger, dispute);
      expect(panel).toHaveLength(3);
      const judges = await walk.arbiters(panel);
      for (const judge of judges) await walk.vote(judge, dispute, "seller");
      // An arbiter of the case reads what was shown; its fingerprint is the chain's.
      const [first] = judges;
      await first?.getByRole("button", { name: words.evidence.read }).click();
      await expect(first!.getByText("Both are dented at the rim.")).toBeVisible();
      await expect(first!.getByText(words.evidence.genuine)).toBeVisible();
      for (const judge of judges) await walk.open(judge);
      await stranger.reload();
      await walk.turn(stranger, "tally");
      await walk.turn(stranger, "note_ruling");
      await walk.state(buyer, id, "ruled");
      await buyer.goto(`/orders/${id}`);
      await walk.act(buyer, "appeal");
      await walk.state(buyer, id, "escalated");
      const larger = await walk.drawn(stranger, dispute);
      expect(larger).toHaveLength(7);
      // Four of seven are a majority; the others stay silent.
      const majority = await walk.arbiters(larger.slice(0, 4));
      for (const judge of majority) await walk.vote(judge, dispute, "buyer");
      await advance(stranger.request, 49 * HOUR);
      for (const judge of majority) await walk.open(judge);
      await advance(stranger.request, 25 * HOUR);
      await stranger.reload();
      await walk.turn(stranger, "tally");
      await walk.state(buyer, id, "ruled");
      await advance(stranger.request, 5);
      await stranger.goto(`/orders/${id}`);
      await walk.act(stranger, "conclude");
      await walk.state(buyer, id, "settled");
      const order = await read(buyer.request, "/market/orders/{id}", `/market/orders/${id}`);
      expect(order.case?.ruling).toBe("buyer");
      expect(order.timeline.some(({ event }) => event === "OrderAppealed")).toBe(true);
    });

    test("ruled by three, and nobody appeals: paid out by a stranger once the time for it is over", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, stranger] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("operator")];
      const { id, dispute } = await walk.escalated(buyer, seller, "seller");
      const judges = await walk.arbiters(await walk.drawn(stranger, dispute));
      for (const judge of judges) await walk.vote(judge, dispute, "seller");
      for (const judge of judges) await walk.open(judge);
      await stranger.goto(`/arbitrations/${dispute}`);
      await walk.turn(stranger, "tally");
      await walk.turn(stranger, "note_ruling");
      await walk.state(buyer, id, "ruled");
      await stranger.goto(`/orders/${id}`);
      await expect(stranger.getByRole("button", { name: words.action.conclude })).toHaveAttribute("aria-disabled", "true");
      await walk.wait(stranger, 73 * HOUR);
      await walk.act(stranger, "conclude");
      await walk.state(buyer, id, "settled");
      const order = await read(buyer.request, "/market/orders/{id}", `/market/orders/${id}`);
      expect(order.case?.ruling).toBe("seller");
      expect(order.timeline.some(({ event }) => event === "OrderAppealed")).toBe(false);
    });

    test("escalated by the seller: undefended, it ends by the caller's word; with silent arbiters, by a refund and the fee back", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, stranger] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("operator")];
      const alone = await walk.delivered(buyer, seller);
      await walk.dispute(buyer, "12");
      await seller.reload();
      await walk.unfold(seller, "escalate");
      await walk.act(seller, "escalate");
      await stranger.goto(`/orders/${alone}`);
      await walk.wait(stranger, 73 * HOUR);
      await walk.act(stranger, "conclude");
      await walk.state(buyer, alone, "settled");

      const { id, dispute } = await walk.escalated(buyer, seller, "seller");
      await stranger.goto(`/arbitrations/${dispute}`);
      await walk.wait(stranger, 14 * DAY + HOUR);
      await stranger.goto(`/orders/${id}`);
      await walk.act(stranger, "conclude");
      await walk.state(buyer, id, "refunded");
      await stranger.goto(`/arbitrations/${dispute}`);
      await walk.turn(stranger, "fail");
      await walk.turn(stranger, "reclaim_fee");
      const found = await read(buyer.request, "/arbitrations/{id}", `/arbitrations/${dispute}`);
      expect([found.phase, found.refund]).toEqual(["failed", null]);
    });

    test("recommended: who gave the link gets their part of the fee", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller, friend, office] = [await walk.as("buyer"), await walk.as("seller"), await walk.as("arbiter"), await walk.as("operator")];
      await office.goto("/office");
      const enter = office.getByRole("button", { name: words.wallet.sign_in, exact: true });
      await enter.click();
      await office.getByLabel(words.recommend.share).fill("25");
      await walk.press(office, words.recommend.set, words.recommend.set_done);
      const offer = await buyableOffer(buyer.request);
      await friend.goto(`/offers/${offer}`);
      await friend.getByRole("button", { name: words.recommend.action }).click();
      const link = await friend.locator("[data-recommendation]").innerText();
      const { address } = await persona(friend.request, "arbiter");
      expect(link).toContain(`/offers/${offer}?via=${address}`);
      await walk.clean(friend);
      await buyer.goto(new URL(link).pathname + new URL(link).search);
      await expect(buyer.getByRole("heading", { level: 1 })).toBeVisible();
      const id = await walk.delivered(buyer, seller);
      const before = await credit(buyer, address);
      await walk.act(buyer, "release");
      const order = await read(buyer.request, "/market/orders/{id}", `/market/orders/${id}`);
      expect(order.affiliate?.address).toBe(address);
      const fee = (BigInt(order.total.amount) * BigInt(order.fee_bps)) / 10_000n;
      expect((await credit(buyer, address)) - before).toBe(fee / 4n);
    });

    test("released: the buyer reviews it, the seller replies, and it appears a day later", async ({ browser }) => {
      const walk = start(browser);
      const [buyer, seller] = [await walk.as("buyer"), await walk.as("seller")];
      const id = await walk.delivered(buyer, seller);
      await walk.act(buyer, "release");
      await buyer.getByRole("radio").first().check();
      const said = `Fragrant, and quick to arrive ${id}`;
      await buyer.getByLabel(words.review.your_text).fill(said);
      await walk.press(buyer, words.review.write, words.review.written);
      await expect(buyer.getByText(said)).toBeVisible();
      await seller.reload();
      await seller.getByLabel(words.review.your_reply).fill("Thank you, come again.");
      await walk.press(seller, words.review.reply, words.review.replied);
      await expect(seller.getByText("Thank you, come again.")).toBeVisible();
      const { offer } = await read(buyer.request, "/market/orders/{id}", `/market/orders/${id}`);
      await buyer.goto(`/offers/${offer.id}`);
      await expect(buyer.getByText(said)).toHaveCount(0);
      await walk.wait(buyer, 25 * HOUR);
      await expect(buyer.getByText(said)).toBeVisible();
      await walk.clean(buyer);
    });
  });
}
