import { expect, test } from "@playwright/test";
import { quiet, settle, stepIn } from "./town";

test.beforeAll(async ({ request }) => {
  await quiet(request);
});

test("a mistyped word finds it, filters stand in the address", async ({ page }) => {
  await settle(page);
  await page.goto("/market");
  await page.getByRole("searchbox").fill("celadno vsae");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=celadno/);
  await expect(page.getByRole("heading", { level: 3 }).first()).toHaveText("Celadon vase");
  await expect(page.getByLabel("Order", { exact: true })).toHaveValue("relevance");
  await page.getByRole("searchbox").fill("茶壶");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 3, name: "Side-handled teapot" })).toBeVisible();
  await page.goto("/market?category=ceramics");
  // Counting does not wait: before the offers are there, there are none.
  await expect(page.getByRole("heading", { level: 3 }).first()).toBeVisible();
  const before = await page.getByRole("heading", { level: 3 }).count();
  await page.getByLabel("To", { exact: true }).last().fill("30");
  await page.getByRole("button", { name: "Apply" }).last().click();
  await expect(page).toHaveURL(/to=30/);
  await expect.poll(() => page.getByRole("heading", { level: 3 }).count()).toBeLessThan(before);
  await page.reload();
  await expect(page.getByLabel("To", { exact: true }).last()).toHaveValue("30");
});

test("an offer says what goes with it and why, and a wish goes along at sign-in", async ({ page }) => {
  await settle(page);
  await page.goto("/offers/1");
  await expect(page.getByRole("heading", { name: "Goes with it" })).toBeVisible();
  await expect(page.getByText(/buyers? of this bought it too|Sells well in the same category/).first()).toBeVisible();
  const title = await page.getByRole("heading", { level: 1 }).innerText();
  await page.getByRole("button", { name: "Wish for it" }).click();
  await expect(page.getByRole("button", { name: "On your wish list" })).toBeVisible();
  await page.goto("/wishes");
  await expect(page.getByRole("heading", { level: 3, name: title })).toBeVisible();
  await expect(page.getByText("kept in this browser")).toBeVisible();

  await stepIn(page, "buyer");
  await page.goto("/desk/privacy");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Wish list" })).toBeVisible();
  await page.goto("/wishes");
  await expect(page.getByText("kept for you wherever you sign in")).toBeVisible();
  await expect(page.getByRole("heading", { level: 3, name: title })).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem("guildhall.wishes"))).toBe("[]");
  await page.getByRole("button", { name: "On your wish list" }).click();
  await expect(page.getByText("Nothing on it yet")).toBeVisible();
});
