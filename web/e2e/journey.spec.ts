import { expect, test } from "@playwright/test";
import { act, advance, buy, buyableOffer, quiet, read, stepIn, visitor } from "./town";

const DAY = 24 * 60 * 60;

test.beforeAll(async ({ request }) => {
  await quiet(request);
});

test("a buyer buys, the seller accepts and ships, the buyer settles, the seller withdraws and deposits", async ({ browser }) => {
  const buyer = await visitor(browser, "buyer");
  const seller = await visitor(browser, "seller");
  const order = await buy(buyer, await buyableOffer(buyer.request));
  await expect(buyer.getByText("Paid and locked.")).toBeVisible();

  await seller.goto(`/orders/${order}`);
  await act(seller, "Accept", "Accepted");
  await expect(seller.getByRole("button", { name: "Mark as shipped" })).toBeVisible();
  await seller.getByLabel("Carrier and tracking number").fill("Harbour Post 4711");
  await act(seller, "Mark as shipped", "Shipped");

  await expect(buyer.getByText("If nothing arrives by").first()).toBeVisible();
  await act(buyer, "It arrived", "Arrived");
  await act(buyer, "Pay the seller", "Completed");
  await expect(buyer.getByText("The seller's share waits in the contract")).toBeVisible();

  await seller.goto("/desk/wallet");
  await act(seller, "Withdraw", "Withdrawn");
  await expect(seller.getByText("Nothing to withdraw")).toBeVisible();

  // All of it is gone from the contract, the backing of further bonds too; a deposit opens the stall again.
  await seller.getByLabel("Amount").fill("250");
  await seller.getByRole("button", { name: "Deposit" }).click();
  const sheet = seller.getByRole("dialog");
  await sheet.getByRole("button", { name: "Deposit" }).click();
  await expect(sheet.getByRole("heading", { name: "Deposited" })).toBeVisible({ timeout: 30_000 });
});

test("the explorer shows every step of a settled order decoded", async ({ browser }) => {
  const page = await visitor(browser, "buyer");
  const { items } = await read(page.request, "/market/orders", "/market/orders?state=released&limit=1");
  const order = items[0];
  expect(order, "an order has been settled").toBeDefined();
  await page.goto(`/orders/${order?.id}`);
  const proofs = page.locator("main ol a[href^='/explorer/tx/']");
  await expect(proofs.first()).toBeVisible();
  const links = await proofs.evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute("href") ?? ""));
  expect(links.length).toBeGreaterThanOrEqual(5);
  for (const link of links) {
    await page.goto(link);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Market ·");
    await expect(page.getByText("Succeeded")).toBeVisible();
    await expect(page.getByRole("heading", { name: "What it recorded" })).toBeVisible();
  }
});

test("an order left alone is refunded once its deadline has passed", async ({ browser }) => {
  const buyer = await visitor(browser, "buyer");
  const order = await buy(buyer, await buyableOffer(buyer.request));
  await expect(buyer.getByRole("button", { name: "Send the money back" })).toHaveAttribute("aria-disabled", "true");
  await advance(buyer.request, 3 * DAY);
  // Anyone may end an overdue order; in the demo the house's own keeper does, and the open page shows it by itself.
  await expect(buyer.getByText("Not accepted in time. All the money went back to the buyer.")).toBeVisible({ timeout: 60_000 });
  const { credits } = await read(buyer.request, "/market/accounts/{address}", `/market/accounts/${await stepIn(buyer, "buyer")}`);
  expect(credits.some(({ amount }) => BigInt(amount) > 0n), `order ${order} left credit to withdraw`).toBe(true);
});

test("a refusal by the contract is said in words", async ({ browser }) => {
  const buyer = await visitor(browser, "buyer");
  const seller = await visitor(browser, "seller");
  const order = await buy(buyer, await buyableOffer(buyer.request));
  await buyer.getByRole("button", { name: "Cancel the order" }).click();
  const sheet = buyer.getByRole("dialog");
  await expect(sheet.getByText("it would succeed")).toBeVisible();

  await seller.goto(`/orders/${order}`);
  await act(seller, "Accept", "Accepted");

  await sheet.getByRole("button", { name: "Cancel the order" }).click();
  await expect(sheet.getByRole("alert")).toContainText(`Order ${order} has moved on: it is now accepted`);
});
