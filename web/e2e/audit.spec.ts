import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { expectClean } from "./axe";
import { visitor } from "./town";

const COMMAND = "guildhall audit --contracts ./contracts --data-dir DIR";

/** The program over the rights of the town that is open; it exits with 1 because they are a demo's. */
async function audit(binary: string, data: string) {
  const gone = await promisify(execFile)(binary, ["audit", "--data-dir", data]).then(() => 0, ({ code }: { code: number }) => code);
  expect(gone).toBe(1);
}

test("an audit of the house is read by those who did not run it", async ({ browser }) => {
  const { GUILDHALL_BIN: binary, GUILDHALL_DATA: data } = process.env;
  test.skip(binary === undefined || data === undefined, "the town runs elsewhere");
  const page = await visitor(browser, "operator");
  await page.goto("/office/audit");
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click({ timeout: 30_000 });
  const main = page.getByRole("main");
  await expect(main.getByText("No audit has been kept here")).toBeVisible();
  await expect(main.getByText(COMMAND)).toBeVisible();
  await expect(main.getByRole("row").filter({ hasText: "Upgrader: change code" }).first()).toContainText("none");
  await expectClean(page);

  await audit(binary ?? "", data ?? "");
  await page.reload();
  const item = main.getByRole("listitem").filter({ hasText: "one-key-holds-all" });
  await expect(item).toContainText("one stolen key is the whole house");
  await expect(item).toContainText("Nobody has decided about it.");
  await expect(main.getByText("No code was looked at.")).toBeVisible();
  await expectClean(page);

  // The choice is in the address, and can be taken back.
  await page.getByLabel("Severity").selectOption("INFO");
  await expect(page).toHaveURL(/severity=INFO/);
  await expect(item).toHaveCount(0);
  await expect(main.getByText("Nothing with this choice")).toBeVisible();
  await page.getByRole("button", { name: "Show everything" }).click();
  await expect(item).toBeVisible();
  await page.getByLabel("Only what is open").check();
  await expect(page).toHaveURL(/open=1/);
  await expect(item).toBeVisible();
});
