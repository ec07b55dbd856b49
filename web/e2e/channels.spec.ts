import { expect, test } from "@playwright/test";
import { violations } from "./axe";
import { Colleague } from "./colleague";
import { settle, stepIn } from "./town";

const TOKEN = "77:planted-token";

test("staff add a channel whose secret is never shown, try it, and silence a rule", async ({ browser }) => {
  const me = await Colleague.enter(browser, "operator");
  const { page } = me;
  await page.goto("/office/channels");
  await expect(page.getByRole("heading", { name: "Channels", exact: true }).first()).toBeVisible();
  const name = `Night watch ${Date.now()}`;
  await page.getByRole("button", { name: "Add a channel" }).click();
  const sheet = page.getByRole("dialog").last();
  await sheet.getByLabel("What kind").selectOption({ label: "Telegram" });
  await sheet.getByLabel("Name").fill(name);
  await sheet.getByRole("button", { name: "Add a channel" }).click();
  // Where alerts go takes the second factor, too.
  await me.confirm();
  await expect(sheet.getByText("chat_id is missing.")).toBeVisible();
  await sheet.getByLabel("Chat id").fill("-100123");
  await sheet.getByLabel("Token of the bot").fill(TOKEN);
  // A name that leads nowhere, with or without a network.
  await sheet.getByLabel("Address of the API").fill("https://telegram.invalid");
  expect(await violations(page)).toEqual([]);
  await sheet.getByRole("button", { name: "Add a channel" }).click();
  const card = page.getByRole("listitem").filter({ hasText: name });
  await expect(card.getByText("not tried yet")).toBeVisible();

  // Nobody answers, and what is said of that does not have the token.
  await card.getByRole("button", { name: "Send a test" }).click();
  await expect(card.getByText(/^It did not arrive/)).toBeVisible({ timeout: 40_000 });
  await expect(card.getByText("failing")).toBeVisible();
  for (const path of ["/ops/channels", "/ops/deliveries", "/ops/log"]) {
    const answer = await page.request.get(`/api/v1${path}`);
    expect(answer.status(), path).toBe(200);
    expect(await answer.text(), path).not.toContain("planted");
  }
  expect(await violations(page)).toEqual([]);

  await card.getByRole("button", { name: "Change" }).click();
  await expect(sheet.getByText(/^One is set: [0-9a-f]{8}/)).toBeVisible();
  await sheet.getByLabel("When").selectOption({ label: "if nobody answers for 10 minutes" });
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(card.getByText(/if nobody answers for 10 minutes/)).toBeVisible();
  await card.getByRole("button", { name: "Remove" }).click();
  await sheet.getByRole("button", { name: "Remove" }).click();
  await expect(card).toHaveCount(0);

  await page.goto("/office/watch");
  await page.getByRole("button", { name: "Begin a silence" }).click();
  await sheet.getByLabel("About which rule").selectOption({ label: "Many coupons of one campaign within minutes" });
  const reason = `launch day ${Date.now()}`;
  await sheet.getByLabel("Why").fill(reason);
  expect(await violations(page)).toEqual([]);
  await sheet.getByRole("button", { name: "Begin a silence" }).click();
  const silence = page.getByRole("listitem").filter({ hasText: reason });
  await expect(silence).toBeVisible();
  await silence.getByRole("button", { name: "End it now" }).click();
  await expect(silence).toHaveCount(0);
  await me.leave();
});

test("a customer adds a program of theirs, sees its secret once, and ends it", async ({ browser }) => {
  const page = await browser.newPage();
  await settle(page);
  await stepIn(page, "buyer");
  await page.goto("/desk/notices");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  const address = page.getByLabel("Address on the web");
  await address.fill("https://127.0.0.1/inside");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText(/private address/)).toBeVisible();
  await address.fill("https://hooks.example/planted-path");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText(/^whsec_/)).toBeVisible();
  await expect(page.getByText("https://hooks.example/…")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.reload();
  await expect(page.getByText("https://hooks.example/…")).toBeVisible();
  await expect(page.getByText(/^whsec_/)).toHaveCount(0);
  await page.getByRole("button", { name: "Stop and erase the address" }).click();
  await expect(address).toBeVisible();
});
