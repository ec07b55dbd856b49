import { createHmac } from "node:crypto";
import { expect, type Browser, type Page } from "@playwright/test";
import { expectClean } from "./axe";
import { settle, stepIn, type Role } from "./town";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A code of RFC 6238, as an app on a phone works it out. */
function code(secret: string, seconds: number): string {
  const bits = [...secret].map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => parseInt(byte, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Somebody of the staff, in a browser of their own. */
export class Colleague {
  private secret = "";
  private used = 0;

  private constructor(readonly page: Page) {}

  static async enter(browser: Browser, role: Role): Promise<Colleague> {
    const page = await (await browser.newContext()).newPage();
    await settle(page);
    await stepIn(page, role);
    const me = new Colleague(page);
    await page.goto("/office/security");
    await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click({ timeout: 30_000 });
    await page.getByRole("button", { name: "Set up an app" }).click();
    me.secret = ((await page.getByTestId("secret").textContent()) ?? "").trim();
    await me.clean();
    await page.getByLabel("Code").fill(me.next());
    await page.getByRole("button", { name: "Confirm" }).click();
    await expect(page.getByText("Keep these on paper")).toBeVisible();
    await expect(page.locator("main li.figures, main ul.figures li")).toHaveCount(8);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await expect(page.getByText("The next dangerous action will ask for your second factor.")).toBeVisible();
    await me.clean();
    return me;
  }

  /** A code that was not used yet; the one to come is taken too, for clocks that are off. */
  private next(): string {
    this.used = Math.max(Math.floor(Date.now() / 30_000), this.used + 1);
    return code(this.secret, this.used * 30);
  }

  /** Answers the question for the second factor. */
  async confirm() {
    const sheet = this.page.getByRole("dialog", { name: "Your second factor, please" });
    await sheet.getByLabel("Code").fill("000000");
    await sheet.getByRole("button", { name: "Confirm" }).click();
    await expect(sheet.getByText(/This code is wrong/)).toBeVisible();
    await sheet.getByLabel("Code").fill(this.next());
    await sheet.getByRole("button", { name: "Confirm" }).click();
    await expect(sheet).toHaveCount(0);
  }

  /** Has no second factor any more, so that the next who comes as this person sets one up. */
  async leave() {
    await this.page.goto("/office/security");
    const bare = this.page.getByRole("button", { name: "Set up an app" });
    const sheet = this.page.getByRole("dialog", { name: "Your second factor, please" });
    await this.page.getByRole("button", { name: "Remove the app" }).click();
    await expect(bare.or(sheet)).toBeVisible();
    if (await sheet.isVisible()) await this.confirm();
    await expect(bare).toBeVisible();
  }

  async clean() {
    await expectClean(this.page);
  }
}
