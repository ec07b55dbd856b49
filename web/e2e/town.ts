import { expect, type APIRequestContext, type Browser, type Page } from "@playwright/test";
import type { paths } from "../src/gen/api";

type Body<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer Answer } } } };
}
  ? Answer
  : never;

export type Demo = Body<"/demo">;
export type Role = Demo["personas"][number]["role"];

export async function read<P extends keyof paths>(request: APIRequestContext, _path: P, url: string): Promise<Body<P>> {
  const response = await request.get(`/api/v1${url}`);
  expect(response.ok(), `${url} answers ${response.status()}`).toBe(true);
  return (await response.json()) as Body<P>;
}

export async function persona(request: APIRequestContext, role: Role) {
  const { personas } = await read(request, "/demo", "/demo");
  const found = personas.find((one) => one.role === role);
  if (found === undefined) throw new Error(`the demo has no ${role}`);
  return found;
}

export interface Look {
  language?: "en" | "zh";
  theme?: "light" | "dark";
}

/** Sets what this browser remembers before any page of it loads. */
export async function settle(page: Page, { language = "en", theme = "light" }: Look = {}) {
  await page.addInitScript(
    ([chosen, colours]) => {
      localStorage.setItem("guildhall.language", chosen ?? "en");
      localStorage.setItem("guildhall.theme", colours ?? "light");
    },
    [language, theme],
  );
}

/** Steps in as one of the town's people, as the wallet sheet would. */
export async function stepIn(page: Page, role: Role) {
  const { address, derivation_index, name } = await persona(page.request, role);
  await page.addInitScript(
    (wallet) => localStorage.setItem("guildhall.wallet", wallet),
    JSON.stringify({ kind: "persona", address, index: derivation_index, name }),
  );
  return address;
}

/** A page of its own with a wallet of the town in it. */
export async function visitor(browser: Browser, role: Role, look: Look = {}): Promise<Page> {
  const page = await browser.newPage();
  await settle(page, look);
  await stepIn(page, role);
  return page;
}

/** The town's own traffic would race with the specs for stock and deadlines. */
export async function quiet(request: APIRequestContext) {
  const response = await request.post("/api/v1/demo/traffic", { data: { running: false } });
  expect(response.ok()).toBe(true);
}

export async function advance(request: APIRequestContext, seconds: number) {
  const response = await request.post("/api/v1/demo/clock", { data: { seconds } });
  expect(response.ok()).toBe(true);
}

/** An offer of the demo's seller that can be bought now. */
export async function buyableOffer(request: APIRequestContext): Promise<string> {
  const { address } = await persona(request, "seller");
  const page = await read(request, "/market/offers", `/market/offers?seller=${address}&active=true&limit=50`);
  for (const { id, stock } of page.items) {
    if (stock < 3) continue;
    const offer = await read(request, "/market/offers/{id}", `/market/offers/${id}`);
    if (offer.bond_ok) return String(id);
  }
  throw new Error("the demo's seller has nothing to sell");
}

/** Buys one piece of an offer through the page and returns the order's number. */
export async function buy(page: Page, offerId: string): Promise<string> {
  await page.goto(`/offers/${offerId}`);
  await page.getByRole("button", { name: "Buy now" }).click();
  await expect(page.getByRole("heading", { name: "Checkout" })).toBeVisible();
  const address = page.getByLabel("Street and town");
  if (await address.isVisible()) await address.fill("Ida Holm, 4 Quay Street");
  await page.getByRole("button", { name: "Review and pay" }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText("Who gets what")).toBeVisible();
  await sheet.getByRole("button", { name: "Sign and pay" }).click();
  await expect(sheet.getByRole("heading", { name: "Ordered" })).toBeVisible({ timeout: 30_000 });
  await sheet.getByRole("button", { name: "Open the order" }).click();
  await expect(page).toHaveURL(/\/orders\/\d+$/);
  return page.url().split("/").pop() ?? "";
}

/** Presses an action of the order room and carries its sheet through to the receipt. */
export async function act(page: Page, label: string, receipt: string) {
  await page.getByRole("button", { name: label, exact: true }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText("Tried on the latest block: it would succeed.")).toBeVisible();
  await sheet.getByRole("button", { name: label, exact: true }).click();
  await expect(sheet.getByRole("heading", { name: receipt })).toBeVisible({ timeout: 30_000 });
  await sheet.getByRole("button", { name: "Close" }).last().click();
}
