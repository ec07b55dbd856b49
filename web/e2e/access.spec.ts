import { expect, test, type Page } from "@playwright/test";
import { violations } from "./axe";
import { everyPage } from "./pages";
import { buyableOffer, quiet, settle, stepIn, type Look } from "./town";

const LOOKS: Look[] = [
  { language: "en", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "zh", theme: "light" },
  { language: "zh", theme: "dark" },
];

/** The page with its content, not only its frame. */
async function arrive(page: Page, path: string) {
  await page.goto(path);
  await expect(page.getByRole("main")).not.toBeEmpty();
  await expect(page.getByRole("status", { name: /^(Loading|正在加载)$/ })).toHaveCount(0);
}

for (const look of LOOKS) {
  test(`axe finds nothing on any page (${look.language}, ${look.theme})`, async ({ page }) => {
    test.setTimeout(300_000);
    await quiet(page.request);
    await settle(page, look);
    await stepIn(page, "buyer");
    for (const path of await everyPage(page.request)) {
      await arrive(page, path);
      expect.soft(await violations(page), path).toEqual([]);
    }
  });
}

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing in the back office and on open sheets (${theme})`, async ({ page }) => {
    await quiet(page.request);
    await settle(page, { theme });
    await page.goto("/office");
    await page.getByRole("button", { name: /^Enter as/ }).click();
    await expect(page.getByRole("heading", { name: "Where do orders stand?" })).toBeVisible();
    expect.soft(await violations(page), "dashboard").toEqual([]);
    await arrive(page, "/office/orders");
    expect.soft(await violations(page), "all orders").toEqual([]);

    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog");
    await expect(palette.getByRole("combobox")).toBeFocused();
    await page.keyboard.type("tea");
    await expect(palette.getByRole("option").first()).toBeVisible();
    expect.soft(await violations(page), "palette").toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Wallet:/ }).click();
    await page.getByRole("menuitem", { name: "Change wallet" }).click();
    await expect(page.getByRole("dialog").getByText("People of the demo town")).toBeVisible();
    expect.soft(await violations(page), "wallets").toEqual([]);

    await stepIn(page, "buyer");
    await page.goto(`/offers/${await buyableOffer(page.request)}`);
    await page.getByRole("button", { name: "Buy now" }).click();
    await page.getByRole("button", { name: "Review and pay" }).click();
    await expect(page.getByRole("dialog").getByText("Who gets what")).toBeVisible();
    expect.soft(await violations(page), "before signing").toEqual([]);
  });
}

for (const language of ["en", "zh"] as const) {
  test(`no page scrolls sideways at 360 px (${language})`, async ({ page }) => {
    test.setTimeout(240_000);
    await page.setViewportSize({ width: 360, height: 740 });
    await settle(page, { language });
    await stepIn(page, "buyer");
    for (const path of await everyPage(page.request)) {
      await arrive(page, path);
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect.soft(excess, path).toBeLessThanOrEqual(0);
    }
  });
}

test("no page complains in the browser's console", async ({ page }) => {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  await settle(page);
  await stepIn(page, "buyer");
  for (const path of await everyPage(page.request)) await arrive(page, path);
  expect(complaints).toEqual([]);
});

test("the house can be walked by keyboard", async ({ page }) => {
  await settle(page);
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("solv");
  await expect(page.getByRole("option", { name: /Solvency/ })).toBeVisible();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("combobox").press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Is the money there?" })).toBeVisible();
});

test("language and light change in place and are remembered", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: /Language|语言/ }).click();
  await page.getByRole("menuitemcheckbox", { name: "中文" }).click();
  await expect(page.getByRole("link", { name: "逛集市" })).toBeVisible();
  await page.getByRole("button", { name: "明暗" }).click();
  await page.getByRole("menuitemcheckbox", { name: "夜：橡木" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.getByRole("link", { name: "逛集市" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
