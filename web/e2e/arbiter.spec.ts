import { expect, test, type Page } from "@playwright/test";
import { advance, buyableOffer, persona, quiet, read, settle, stepIn } from "./town";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Presses a button and carries its sheet through to the receipt. */
async function press(page: Page, label: string, receipt: string) {
  await page.getByRole("main").getByRole("button", { name: label, exact: true }).first().click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText("Who gets what")).toBeVisible();
  await sheet.getByRole("button", { name: label, exact: true }).click();
  await expect(sheet.getByRole("heading", { name: receipt, exact: true })).toBeVisible({ timeout: 30_000 });
  await sheet.getByRole("button", { name: "Close" }).last().click();
}

test.beforeAll(async ({ request }) => {
  await quiet(request);
});

test("an arbiter seals a secret, opens it, leaves, and comes back with the stake", async ({ page }) => {
  await settle(page);
  const me = await stepIn(page, "arbiter");
  const { items } = await read(page.request, "/arbitrations", "/arbitrations?phase=evidence&limit=1");
  const id = items[0]?.id;
  expect(id, "the town has a case that takes evidence").toBeDefined();
  await page.goto(`/arbitrations/${id}`);
  await press(page, "Seal a secret", "Secret sealed");
  await advance(page.request, 37 * HOUR);
  // The house's keeper fixes the block of the draw, and the open page shows it.
  const open = page.getByRole("button", { name: "Open my secret" });
  await expect(open).not.toHaveAttribute("aria-disabled", "true", { timeout: 60_000 });
  await press(page, "Open my secret", "Secret opened");
  const found = await read(page.request, "/arbitrations/{id}", `/arbitrations/${id}`);
  expect(found.rounds[0]?.secrets.map(({ arbiter, state }) => [arbiter.address, state])).toContainEqual([me, "opened"]);

  await page.goto("/desk/arbiter");
  await press(page, "Leave the arbiters", "You have left");
  await expect(page.getByRole("button", { name: "Withdraw the stake" })).toHaveAttribute("aria-disabled", "true");
  // Whoever opened a secret may still be drawn, and stays until that round has ended, with their vote or without.
  await expect(async () => {
    await advance(page.request, 22 * DAY);
    await expect.poll(async () => (await read(page.request, "/arbiters/{address}", `/arbiters/${me}`)).engagements).toBe(0);
  }).toPass({ timeout: 90_000 });
  await expect(page.getByRole("button", { name: "Withdraw the stake" })).not.toHaveAttribute("aria-disabled", "true", { timeout: 60_000 });
  await press(page, "Withdraw the stake", "Withdrawn");
  await page.getByLabel("Amount").fill("10");
  await expect(page.getByText(/Stake at least 1000 GUILD\./)).toBeVisible();
  await page.getByLabel("Amount").fill("1200");
  await press(page, "Stake", "Staked");
  const arbiter = await read(page.request, "/arbiters/{address}", `/arbiters/${me}`);
  expect([arbiter.state, arbiter.stake.amount]).toEqual(["active", (1200n * 10n ** 18n).toString()]);
});

test("staff certify an arbiter and take the certificate back", async ({ page }) => {
  await settle(page);
  await stepIn(page, "operator");
  await page.goto("/office/arbiters");
  await page.getByRole("button", { name: /^Enter as/ }).click();
  const { address } = await persona(page.request, "buyer");
  await page.getByLabel("Address of the arbiter").fill("0x12");
  await expect(page.getByText("An address has 0x and 40 characters")).toBeVisible();
  await page.getByLabel("Address of the arbiter").fill(address);
  await press(page, "Certify", "Certified");
  const row = page.getByRole("row", { name: /Ada A\./ });
  await expect(row).toContainText("Has not staked");
  await row.getByRole("button", { name: "Take back" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Take back" }).click();
  await expect(sheet.getByRole("heading", { name: "Taken back" })).toBeVisible({ timeout: 30_000 });
});

test("a seller publishes an offer that takes no returns, and buyers read so", async ({ page }) => {
  await settle(page);
  await stepIn(page, "seller");
  const known = await buyableOffer(page.request);
  await page.goto(`/offers/${known}`);
  await expect(page.getByText("The seller answers within 3 days, you send the goods within 7 days")).toBeVisible();
  await page.goto("/desk/offers/new");
  await page.getByLabel("Title in English").fill("A letter, unsealed");
  await page.getByLabel("Category").selectOption({ index: 1 });
  await page.getByLabel("Price").fill("3");
  await page.getByLabel("Goods may be sent back").uncheck();
  await page.getByRole("button", { name: "Publish an offer" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Publish an offer" }).click();
  await expect(sheet.getByRole("heading", { name: "Published" })).toBeVisible({ timeout: 30_000 });
  await sheet.getByRole("button", { name: "See the offer" }).click();
  await expect(page.getByText("The seller takes no returns.")).toBeVisible();
});
