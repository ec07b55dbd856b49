import { expect, test } from "@playwright/test";
import { violations } from "./axe";
import { settle, type Look } from "./town";

const GTIN = "06901234056785";
const ON_ITS_WAY = `/01/${GTIN}/21/K7M2QX9RT4WH8VNB`;
const RECALLED = `/01/${GTIN}/21/Q3ZC8LD5XE2PY7JA`;
const PICTURES = process.env.GUILDHALL_PICTURES;

const LOOKS: Look[] = [
  { language: "en", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "zh", theme: "light" },
];

for (const look of LOOKS) {
  test(`a phone shows the whole way of an item and proves it (${look.language}, ${look.theme})`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await settle(page, look);
    await page.goto(ON_ITS_WAY);
    const chinese = look.language === "zh";
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(chinese ? "雾峰龙井 50 克" : "Mist Peak Longjing, 50 g");
    await expect(page.getByText(chinese ? /11 个步骤中有 11 个已在此浏览器中证明/ : /11 of 11 steps proven in this browser/)).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole("img", { name: chinese ? /路线/ : /The way:/ })).toBeVisible();
    await expect(page.getByText(chinese ? "已声明有误" : "Declared wrong")).toBeVisible();
    await expect(page.getByRole("img", { name: chinese ? /温度/ : /Temperature/ })).toBeVisible();
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(excess).toBeLessThanOrEqual(0);
    expect(await violations(page)).toEqual([]);
    if (PICTURES !== undefined) {
      await page.waitForTimeout(1_500);
      await page.screenshot({ path: `${PICTURES}/trace-${look.language}-${look.theme}.png`, fullPage: true });
    }
  });
}

test("recalled, unknown and mistyped labels each say what they are", async ({ page }) => {
  await settle(page);
  await page.goto(RECALLED);
  await expect(page.getByText("This item was recalled")).toBeVisible();
  await page.goto(`/01/${GTIN}/21/AAAABBBBCCCCDDDD`);
  await expect(page.getByText("Nobody has made this serial")).toBeVisible();
  await expect(page.getByText("Unknown serial")).toBeVisible();
  await expect(page.getByText("This is detection, never prevention", { exact: false })).toBeVisible();
  await page.goto("/01/06901234056786");
  await expect(page.getByText("The product's number is mistyped")).toBeVisible();
  await page.goto("/01/09521141012344");
  await expect(page.getByText("There is no record yet")).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("who has no camera types what the label says", async ({ page }) => {
  await settle(page);
  await page.goto("/trace");
  await page.getByLabel("The label's address or number").fill("nonsense");
  await page.getByRole("button", { name: "Show its way" }).click();
  await expect(page.getByText("This is neither a product's number", { exact: false })).toBeVisible();
  await page.getByLabel("The label's address or number").fill(`https://shop.example${ON_ITS_WAY}?17=270101`);
  await page.getByRole("button", { name: "Show its way" }).click();
  await expect(page).toHaveURL(new RegExp(`${ON_ITS_WAY}$`));
});

test("the back office lists events and draws labels", async ({ page }) => {
  await settle(page);
  await page.goto("/office/trace");
  await page.getByRole("button", { name: /^Enter as/ }).click();
  await expect(page.getByRole("heading", { name: "New labels" })).toBeVisible();
  await page.getByRole("button", { name: "Draw four labels" }).click();
  await expect(page.getByRole("img", { name: /^QR code of/ })).toHaveCount(4);
  expect(await violations(page)).toEqual([]);
});
