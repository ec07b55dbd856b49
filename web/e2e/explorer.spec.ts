import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { quiet, read, settle } from "./town";

const contracts = join(import.meta.dirname, "../../contracts");

test("a transaction shows its calls, what they say, and what they changed", async ({ page }) => {
  await quiet(page.request);
  await settle(page);
  const { items } = await read(page.request, "/explorer/transactions", "/explorer/transactions?limit=100");
  const order = items.find((item) => item.function === "placeOrders");
  expect(order, "the town has orders").toBeDefined();
  await page.goto(`/explorer/tx/${order?.hash ?? ""}`);
  const calls = page.locator("section", { has: page.getByRole("heading", { name: "Calls inside" }) });
  await expect(calls.getByText("Delegated call").first()).toBeVisible();
  await expect(calls.getByText("transferFrom", { exact: true }).first()).toBeVisible();
  await calls.getByText("Data", { exact: true }).first().click();
  await expect(calls.getByText("lines", { exact: true }).first()).toBeVisible();
  const changes = page.locator("section", { has: page.getByRole("heading", { name: "What it changed" }) });
  await expect(changes.getByText(/words? of storage/).first()).toBeVisible();
  await expect(changes.getByText("Nonce", { exact: true }).first()).toBeVisible();
  await expect(page.locator("section", { has: page.getByRole("heading", { name: "Transfers" }) })).toContainText("gUSD");
});

test("sources that give the code on chain are accepted, others are told apart", async ({ page }) => {
  test.setTimeout(120_000);
  await settle(page);
  const chain = await read(page.request, "/chain", "/chain");
  const proxy = await read(
    page.request,
    "/explorer/contracts/{address}",
    `/explorer/contracts/${chain.contracts.market}`,
  );
  expect(proxy.implementation, "the market is a proxy").toBeTruthy();
  const input = execFileSync("node", [join(contracts, "script/standard-json.mjs"), "Market"], { encoding: "utf8" });

  await page.goto(`/explorer/address/${proxy.implementation ?? ""}`);
  await page.getByRole("button", { name: "Compile and compare" }).click();
  await expect(page.getByText("Say which contract it is.")).toBeVisible();
  await page.getByLabel("Contract name").fill("Market");
  await page.getByLabel("Standard JSON input").fill(input.replace('"runs":200', '"runs":1'));
  await page.getByRole("button", { name: "Compile and compare" }).click();
  await expect(page.getByRole("alert")).toContainText("not the code on chain", { timeout: 60_000 });

  await page.getByLabel("Standard JSON input").fill(input);
  await page.getByRole("button", { name: "Compile and compare" }).click();
  await expect(page.getByText("Verified: they give this very code")).toBeVisible({ timeout: 60_000 });
  await page.getByText("src/market/Market.sol").click();
  await expect(page.getByText("contract Market is").first()).toBeVisible();
});
