import { expect, test, type Page } from "@playwright/test";
import { violations } from "./axe";
import { quiet, read, settle, stepIn } from "./town";

/** Somebody who has never been here, with a key of their own and play money. */
async function newcomer(page: Page) {
  await settle(page);
  await page.goto("/status");
  await page.getByRole("button", { name: "Connect a wallet" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^A new customer/ }).click();
  await expect(page.getByRole("button", { name: /^Wallet:/ })).toBeVisible();
}

/** Puts one piece of something from a category into the basket and goes to the checkout. */
async function toCheckout(page: Page, category: string) {
  const { items } = await read(page.request, "/market/offers", `/market/offers?category=${category}&sort=price_desc&limit=10`);
  for (const { id } of items) {
    const offer = await read(page.request, "/market/offers/{id}", `/market/offers/${id}`);
    if (!offer.bond_ok || offer.stock === 0) continue;
    await page.goto(`/offers/${id}`);
    await page.getByRole("button", { name: "Buy now" }).click();
    await expect(page.getByRole("heading", { name: "Checkout" })).toBeVisible();
    return offer;
  }
  throw new Error(`nothing to buy in ${category}`);
}

const campaign = (page: Page, id: number) => read(page.request, "/campaigns/{id}", `/campaigns/${id}`);
const gUSD = (amount: bigint) => new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2 }).format(Number(amount) / 1e6);

test.beforeAll(async ({ request }) => {
  await quiet(request);
});

test("a newcomer is offered the first-order discount and pays less", async ({ page }) => {
  await newcomer(page);
  const offer = await toCheckout(page, "tea");
  await expect(page.getByText("Welcome to town")).toBeVisible();
  await expect(page.getByText("For your first order here, found for you")).toBeVisible();
  const total = BigInt(offer.price.amount) + BigInt(offer.shipping.amount);
  const off = total / 10n < 8_000_000n ? total / 10n : 8_000_000n;
  const totals = page.getByRole("complementary", { name: "Total" });
  await expect(totals.locator("div", { hasText: /^You pay/ })).toContainText(gUSD(total - off));
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  const before = await campaign(page, 1);
  await page.getByRole("button", { name: "Review and pay" }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText("Who gets what")).toBeVisible();
  await expect(sheet).toContainText(gUSD(total - off));
  await expect(sheet).toContainText("Welcome to town");
  await expect(sheet).toContainText("the discount goes back to who paid for it");
  await sheet.getByRole("button", { name: "Sign and pay" }).click();
  await expect(sheet.getByRole("heading", { name: "Ordered" })).toBeVisible({ timeout: 30_000 });
  await sheet.getByRole("button", { name: "Open the order" }).click();
  await expect(page).toHaveURL(/\/orders\/\d+$/);
  const order = page.url().split("/").pop() ?? "";

  await expect(page.getByText("Part of what is locked. It goes to the seller with the rest, or back to who paid it.")).toBeVisible();
  await expect.poll(async () => (await campaign(page, 1)).redemptions).toBe(before.redemptions + 1);
  const after = await campaign(page, 1);
  expect(BigInt(after.budget.locked.amount) - BigInt(before.budget.locked.amount)).toBe(off);
  const { items } = await read(page.request, "/campaigns/{id}/redemptions", "/campaigns/1/redemptions?limit=1");
  expect(items[0]).toMatchObject({ order_id: order, outcome: "open", amount: { amount: off.toString() } });
  const books = await read(page.request, "/market/solvency", "/market/solvency");
  expect(books.tokens.every(({ agrees, covered }) => agrees && covered)).toBe(true);

  // The second order is not the first any more.
  await toCheckout(page, "tea");
  await expect(page.getByRole("button", { name: "Review and pay" })).toBeVisible();
  await expect(page.getByLabel("Discount code")).toBeVisible();
  await expect(page.getByText("Welcome to town")).toHaveCount(0);
});

test("staff open a campaign with a code, a buyer uses it, staff pause it", async ({ browser }) => {
  const office = await browser.newPage();
  await settle(office);
  await office.goto("/office/campaigns/new");
  await office.getByRole("button", { name: /^Enter as/ }).click();
  await office.getByRole("button", { name: "Open a campaign" }).click();
  await expect(office.getByText("Give it a name in one language at least.")).toBeVisible();
  const code = `INK-${Date.now().toString(36).toUpperCase().slice(-6)}`;
  await office.getByLabel("Name in English").fill("Ink week");
  await office.getByLabel("Name in Chinese").fill("文房周");
  await office.getByLabel("Code", { exact: false }).first().fill(code);
  await office.getByLabel("Percent off").fill("20");
  await office.getByLabel(/^At most, per order/).fill("30");
  await office.getByLabel(/^On orders from/).fill("15");
  await office.getByLabel("Begins").fill("2026-01-01T00:00");
  await office.getByLabel(/^Budget/).fill("40");
  expect(await violations(office)).toEqual([]);
  // The office mints its own play money for the budget: in the demo it has none left over by right.
  const { personas } = await read(office.request, "/demo", "/demo");
  const operator = personas.find(({ role }) => role === "operator")?.address ?? "";
  await office.request.post("/api/v1/demo/faucet", { data: { address: operator } });
  await office.getByRole("button", { name: "Open a campaign" }).click();
  const sheet = office.getByRole("dialog");
  await expect(sheet).toContainText("40.00");
  await sheet.getByRole("button", { name: "Open a campaign" }).click();
  await expect(sheet.getByRole("heading", { name: "Opened" })).toBeVisible({ timeout: 30_000 });
  await expect(sheet.getByText("The budget is locked. The discount is at every checkout")).toBeVisible();
  await sheet.getByRole("button", { name: "See the campaign" }).click();
  await expect(office.getByRole("heading", { level: 1, name: "Ink week" })).toBeVisible();
  await expect(office.getByText("40.00 gUSD of 40.00 gUSD left")).toBeVisible();
  expect(await violations(office)).toEqual([]);

  const buyer = await browser.newPage();
  await settle(buyer);
  await stepIn(buyer, "buyer");
  await toCheckout(buyer, "ceramics");
  const field = buyer.getByLabel("Discount code");
  await field.fill("NO-SUCH-CODE");
  await buyer.getByRole("button", { name: "Use", exact: true }).click();
  await expect(buyer.getByText("There is no code NO-SUCH-CODE.")).toBeVisible();
  await field.fill(code.toLowerCase());
  await buyer.getByRole("button", { name: "Use", exact: true }).click();
  await expect(buyer.getByText(`${code} is on.`)).toBeVisible();
  await expect(buyer.getByText("Ink week")).toBeVisible();
  await buyer.getByRole("button", { name: "Take off Ink week" }).click();
  await expect(buyer.getByText("Ink week")).toHaveCount(0);
  await buyer.getByRole("button", { name: "Put the discounts back" }).click();
  await expect(buyer.getByText("Ink week")).toBeVisible();

  await office.getByRole("button", { name: "Pause" }).click();
  await expect(office.getByRole("button", { name: "Resume" })).toBeVisible();
  await buyer.reload();
  await field.fill(code);
  await buyer.getByRole("button", { name: "Use", exact: true }).click();
  await expect(buyer.getByText(`${code} is paused for the moment.`)).toBeVisible();
  await office.getByRole("button", { name: "Resume" }).click();
  await expect(office.getByRole("button", { name: "Pause" })).toBeVisible();
});
