import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { violations } from "./axe";
import { advance, buyableOffer, quiet, read, visitor } from "./town";

const DAY = 24 * 60 * 60;
/** Planted words that stand nowhere else. */
const [NAME, STREET, PHONE] = ["Perpetua Quillfeather", "77 Xanthic Zigzag Lane 紫砂弄", "+99 5550 77441122"];

/** Every file of the town's directory, raw. */
function everyFile(): [string, Buffer][] {
  const root = process.env.GUILDHALL_DATA ?? "";
  expect(root, "the tests know the town's directory").not.toBe("");
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path)]);
}

/** Files that hold a text, as UTF-8 or as UTF-16 of either order, or bytes. */
function filesWith(needle: string | Buffer): string[] {
  const forms: Buffer[] = [];
  if (typeof needle === "string") {
    const little = Buffer.from(needle, "utf16le");
    forms.push(Buffer.from(needle, "utf8"), little, Buffer.from(little).swap16());
    forms.push(Buffer.from(Buffer.from(needle, "utf8").toString("base64").replace(/=+$/, "").slice(0, -1)));
    forms.push(Buffer.from(Buffer.from(needle, "utf8").toString("hex")));
  } else forms.push(needle);
  return everyFile().filter(([, bytes]) => forms.some((form) => bytes.includes(form))).map(([path]) => path);
}

async function orderWithAddress(page: Page): Promise<string> {
  await page.goto(`/offers/${await buyableOffer(page.request)}`);
  await page.getByRole("button", { name: "Buy now" }).click();
  await page.getByLabel("Name on the parcel").fill(NAME);
  await page.getByLabel("Street and town").fill(STREET);
  await page.getByLabel("Telephone, for the carrier").fill(PHONE);
  await expect(page.getByText("nobody else can open it").first()).toBeVisible();
  await page.getByRole("button", { name: "Review and pay" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Sign and pay" }).click();
  await expect(sheet.getByRole("heading", { name: "Ordered" })).toBeVisible({ timeout: 30_000 });
  await sheet.getByRole("button", { name: "Open the order" }).click();
  await expect(page).toHaveURL(/\/orders\/\d+$/);
  return page.url().split("/").pop() ?? "";
}

test.beforeAll(async ({ request }) => {
  await quiet(request);
});

test("an address reaches the seller, stands nowhere in clear, and goes when the buyer says so", async ({ browser }) => {
  const buyer = await visitor(browser, "buyer");
  const answers: string[] = [];
  buyer.on("response", (response) => {
    if (response.url().includes("/api/v1/") && !response.url().endsWith("/events")) {
      void response.text().then((text) => answers.push(text), () => undefined);
    }
  });
  const order = await orderWithAddress(buyer);
  await expect(buyer.getByText("Sealed for")).toBeVisible();
  expect(await violations(buyer)).toEqual([]);

  // The search finds what is there: the offer's own words stand in the clear.
  expect(filesWith("Linden Tea House").length).toBeGreaterThan(0);
  for (const word of [NAME, STREET, PHONE]) expect(filesWith(word), word).toEqual([]);

  const seller = await visitor(browser, "seller");
  await seller.goto(`/orders/${order}`);
  await seller.getByRole("button", { name: "Sign in" }).click();
  await expect(seller.getByRole("button", { name: "Open the address" })).toBeVisible();
  const sealed = (await seller.request.get(`/api/v1/orders/${order}/delivery`)).json() as Promise<{ sealed: string }>;
  const box = Buffer.from((await sealed).sealed, "hex");
  expect(box.length).toBeGreaterThan(256);
  expect(filesWith(box).length, "the sealed box is in the database").toBeGreaterThan(0);
  await seller.getByRole("button", { name: "Open the address" }).click();
  await expect(seller.getByText("It is what the order was signed for.")).toBeVisible();
  for (const word of [NAME, STREET, PHONE]) await expect(seller.locator("address")).toContainText(word);

  // The other side's box is nobody else's: neither the house's staff nor the public get one.
  expect((await buyer.request.get(`/api/v1/orders/${order}/delivery`)).ok()).toBe(true);
  const office = await visitor(browser, "operator");
  await office.goto("/office");
  await office.getByRole("button", { name: /^Enter as/ }).click();
  await expect(office.getByRole("heading", { name: "Where do orders stand?" })).toBeVisible();
  expect((await office.request.get(`/api/v1/orders/${order}/delivery`)).status()).toBe(403);
  const stranger = await browser.newContext();
  expect((await stranger.request.get(new URL(`/api/v1/orders/${order}/delivery`, buyer.url()).href)).status()).toBe(401);
  for (const word of [NAME, STREET, PHONE]) expect(answers.filter((text) => text.includes(word))).toEqual([]);

  await buyer.goto("/desk/privacy");
  const kept = buyer.locator("section", { has: buyer.getByRole("heading", { name: "Sealed delivery addresses" }) });
  await kept.getByText(/^\d+ entr/).click();
  await expect(kept.getByRole("cell", { name: order, exact: true })).toBeVisible();
  expect(await violations(buyer)).toEqual([]);

  await buyer.goto(`/orders/${order}`);
  await buyer.getByRole("button", { name: "Erase it" }).click();
  await buyer.getByRole("alert").getByRole("button", { name: "Erase it" }).click();
  await expect(buyer.getByText(/The buyer erased name and address on/)).toBeVisible();
  await expect(buyer.getByText(STREET)).toHaveCount(0);
  expect(filesWith(box), "the box is gone from every file").toEqual([]);
  await seller.reload();
  await expect(seller.getByText(/The buyer erased name and address on/)).toBeVisible();
  expect(await buyer.evaluate(() => JSON.stringify(localStorage))).not.toContain(STREET);
});

test("what is kept goes by itself after the order's end", async ({ browser }) => {
  const buyer = await visitor(browser, "buyer");
  const order = await orderWithAddress(buyer);
  await buyer.getByRole("button", { name: "Cancel the order" }).click();
  const sheet = buyer.getByRole("dialog");
  await expect(sheet.getByText("it would succeed")).toBeVisible();
  await sheet.getByRole("button", { name: "Cancel the order" }).click();
  await expect(sheet.getByRole("heading", { name: "Cancelled" })).toBeVisible({ timeout: 30_000 });
  const delivery = async () => read(buyer.request, "/orders/{id}/delivery", `/orders/${order}/delivery`);
  expect(await delivery()).toMatchObject({ erased_at: null, days_kept: 30 });
  await advance(buyer.request, 31 * DAY);
  await expect.poll(async () => (await delivery()).erased_by, { timeout: 30_000 }).toBe("retention");
  expect((await delivery()).recipients).toEqual([]);
});
