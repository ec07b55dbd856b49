import { expect, test } from "@playwright/test";
import { quiet, settle, stepIn } from "./town";

/** One red pixel: enough of a picture for the page to redraw and store. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

test("a seller publishes an offer with a picture and changes its stock", async ({ page }) => {
  await quiet(page.request);
  await settle(page);
  await stepIn(page, "seller");
  const title = `Walnut ink ${Date.now()}`;
  await page.goto("/desk/offers/new");
  await page.getByLabel("Title in English").fill(title);
  await page.getByLabel("Title in Chinese").fill("核桃墨水");
  await page.getByLabel("Category").selectOption({ index: 1 });
  await page.getByLabel("Price").fill("12.50");
  await page.getByLabel("In stock").fill("7");
  await page.locator("input[type=file]").setInputFiles({ name: "ink.png", mimeType: "image/png", buffer: PNG });
  await expect(page.getByRole("button", { name: "Remove picture 1" })).toBeVisible();

  await page.getByRole("button", { name: "Publish an offer" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Publish an offer" }).click();
  await expect(sheet.getByRole("heading", { name: "Published" })).toBeVisible({ timeout: 30_000 });
  await sheet.getByRole("button", { name: "See the offer" }).click();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await expect(page.getByText("12.50").first()).toBeVisible();

  const id = page.url().split("/").pop() ?? "";
  await page.goto(`/desk/offers/${id}`);
  await page.getByLabel("In stock").first().fill("3");
  await page.getByRole("button", { name: "Set the stock" }).click();
  await sheet.getByRole("button", { name: "Set the stock" }).click();
  await expect(sheet.getByRole("heading", { name: "Stock changed" })).toBeVisible({ timeout: 30_000 });
});

test("the back office opens to the operator and to nobody else", async ({ page }) => {
  await settle(page);
  await page.goto("/office");
  await expect(page.getByText("The back office is for staff")).toBeVisible();
  await page.getByRole("button", { name: /^Enter as/ }).click();
  await expect(page.getByRole("heading", { name: "Where do orders stand?" })).toBeVisible();
  await page.getByRole("button", { name: "As a table" }).first().click();
  await expect(page.getByRole("table").first()).toBeVisible();
});
