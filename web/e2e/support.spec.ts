import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test, type Browser, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { quiet, read, settle, stepIn, type Role } from "./town";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate<AxeResults>("axe.run(document)");
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

async function visitor(browser: Browser, role: Role): Promise<Page> {
  const page = await browser.newPage();
  await settle(page);
  await stepIn(page, role);
  return page;
}

test("a customer asks from the order, staff answer with it in front of them, a note stays among staff", async ({ browser }) => {
  const customer = await visitor(browser, "buyer");
  await quiet(customer.request);
  const address = await stepIn(customer, "buyer");
  const { items } = await read(customer.request, "/market/orders", `/market/orders?buyer=${address}&limit=1`);
  const order = items[0]?.id ?? "";
  await customer.goto(`/orders/${order}`);
  await customer.getByRole("link", { name: "Get help" }).click();
  await customer.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(customer.getByLabel("About which order")).toHaveValue(order);
  await expect(customer.getByText(/^We answer by/)).toBeVisible();
  await customer.getByRole("button", { name: "Send" }).click();
  await expect(customer.getByText("Say in a few words what it is.")).toBeVisible();
  const subject = `Box is dented ${Date.now()}`;
  await customer.getByLabel("In a few words").fill(subject);
  await customer.getByLabel("What happened").fill("One corner is pushed in. Is that covered?");
  expect(await violations(customer)).toEqual([]);
  await customer.getByRole("button", { name: "Send" }).click();
  await expect(customer.getByRole("heading", { name: subject })).toBeVisible();
  await expect(customer.getByText("We are to answer")).toBeVisible();

  const office = await visitor(browser, "operator");
  await office.goto("/office/support");
  await office.getByRole("button", { name: /^Enter as/ }).click();
  await office.getByRole("link", { name: subject }).click();
  await expect(office.getByRole("heading", { name: "The order", exact: true })).toBeVisible();
  await expect(office.getByRole("link", { name: new RegExp(`^Order ${order}:`) })).toBeVisible();
  await office.getByLabel("Only for colleagues; the customer never sees it").check();
  await office.getByLabel("Note for colleagues").fill("third dent from this seller this week");
  await office.getByRole("button", { name: "Keep the note" }).click();
  await expect(office.getByText("third dent from this seller this week")).toBeVisible();
  await office.getByLabel("Begin from an answer").selectOption({ label: "Something is wrong with it" });
  await expect(office.getByLabel("Your message")).toHaveValue(new RegExp(`order ${order}`));
  expect(await violations(office)).toEqual([]);
  await office.getByRole("button", { name: "Send" }).click();
  await expect(office.getByText("Waits for the customer").first()).toBeVisible();

  await customer.reload();
  await expect(customer.getByText("Answered; your turn")).toBeVisible();
  await expect(customer.getByText(/you can open a dispute/)).toBeVisible();
  await expect(customer.getByText("third dent")).toHaveCount(0);
  await customer.getByRole("button", { name: "It is solved" }).click();
  await expect(customer.getByText("Solved", { exact: true })).toBeVisible();
  await customer.getByRole("button", { name: "Open it again" }).click();
  await expect(customer.getByText("We are to answer")).toBeVisible();
  await customer.goto("/desk/help");
  await expect(customer.getByRole("link", { name: subject })).toBeVisible();
  expect(await violations(customer)).toEqual([]);
});
