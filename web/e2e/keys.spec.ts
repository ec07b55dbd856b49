import { expect, test, type Page } from "@playwright/test";
import { mnemonicToAccount } from "viem/accounts";
import { Colleague } from "./colleague";
import { quiet, read } from "./town";

const NOBODY = "0x00000000000000000000000000000000000000ff";

test("a colleague's key is replaced by two people", async ({ browser, request }) => {
  test.setTimeout(240_000);
  await quiet(request);
  const [ann, ben] = [await Colleague.enter(browser, "oncall"), await Colleague.enter(browser, "security")];
  const { mnemonic } = await read(request, "/demo", "/demo");
  const [lost, fresh] = [7_779, 7_780].map((addressIndex) => mnemonicToAccount(mnemonic, { addressIndex }).address);
  const carriers = async () => (await read(request, "/roles", "/roles")).filter(({ role }) => role === "carrier").map(({ address }) => address);
  const before = await carriers();
  let asked = false;

  /** Proposed by one, rehearsed, approved and made by the other. */
  const change = async (kind: string, fill: (page: Page) => Promise<void>, causes: string[]) => {
    await ann.page.goto("/office/changes");
    await ann.page.getByLabel("What is to change").selectOption({ label: kind });
    await ann.page.getByLabel("In one line, for those who approve it").fill("The carrier has a new key");
    await fill(ann.page);
    await ann.clean();
    await ann.page.getByRole("button", { name: "Rehearse and propose" }).click();
    if (!asked) await ann.confirm();
    await expect(ann.page).toHaveURL(/\/office\/changes\/\d+$/, { timeout: 60_000 });
    for (const event of causes) await expect(ann.page.getByText(`Authority: ${event}`)).toBeVisible();
    await ben.page.goto(new URL(ann.page.url()).pathname);
    await ben.page.getByRole("button", { name: "Approve" }).click();
    if (!asked) await ben.confirm();
    asked = true;
    await ben.page.getByRole("button", { name: "Make the change" }).click();
    await expect(ben.page.getByText("made, and as rehearsed")).toBeVisible({ timeout: 30_000 });
  };
  const right = (account: string) => async (page: Page) => {
    await page.getByLabel("Right", { exact: true }).selectOption({ label: "Carrier: say that parcels arrived" });
    await page.getByLabel("Whose (address)").fill(account);
  };

  await change("Give a right", right(lost ?? ""), ["RoleGranted"]);
  await expect.poll(carriers).toContain(lost);
  const replace = async (page: Page) => {
    await page.getByLabel("New key (address)").fill(fresh ?? "");
    await page.getByLabel("Old key (address)").fill(NOBODY);
    await expect(page.getByText("The old key holds no right.")).toBeVisible();
    await page.getByLabel("Old key (address)").fill(lost ?? "");
  };
  await change("Replace somebody's key", replace, ["RoleGranted", "RoleRevoked"]);
  await expect.poll(carriers).toContain(fresh);
  expect(await carriers()).not.toContain(lost);
  await change("Take a right away", right(fresh ?? ""), ["RoleRevoked"]);
  await expect.poll(async () => (await carriers()).toSorted()).toEqual(before.toSorted());

  // None of it was an alarm.
  const alerts = (await (await ann.page.request.get("/api/v1/ops/alerts")).json()) as { signal: { args: Record<string, string> } | null }[];
  const keys = [lost, fresh].map((key) => key?.toLowerCase());
  expect(alerts.filter(({ signal }) => keys.includes(signal?.args["account"]?.toLowerCase()))).toEqual([]);
  await ann.leave();
  await ben.leave();
});
