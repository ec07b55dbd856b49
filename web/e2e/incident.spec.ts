import { expect, test, type APIRequestContext } from "@playwright/test";
import { encodeFunctionData, parseAbi, type Address } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { violations } from "./axe";
import { Colleague } from "./colleague";
import { persona, quiet, read, settle } from "./town";

const AUTHORITY = parseAbi(["function grantRole(uint64,address,uint32)", "function hasRole(uint64,address) view returns (bool,uint32)"]);
const MINTER = 3n;

async function rpc(request: APIRequestContext, url: string, method: string, params: unknown[]): Promise<string> {
  const answer = (await (await request.post(url, { data: { jsonrpc: "2.0", id: 1, method, params } })).json()) as { result?: string; error?: unknown };
  expect(answer.error).toBeUndefined();
  return answer.result ?? "";
}

test("a stolen key: three people, from the alert to the published review", async ({ browser, page, request }) => {
  test.setTimeout(300_000);
  await quiet(request);
  const [oncall, security, office] = [
    await Colleague.enter(browser, "oncall"),
    await Colleague.enter(browser, "security"),
    await Colleague.enter(browser, "operator"),
  ];
  const chain = await read(request, "/chain", "/chain");
  const { mnemonic } = await read(request, "/demo", "/demo");
  const authority = chain.contracts.authority as Address;
  const thief = mnemonicToAccount(mnemonic, { addressIndex: 7_777 }).address;
  const { address: stolen } = await persona(request, "operator");
  const holds = async () => {
    const data = encodeFunctionData({ abi: AUTHORITY, functionName: "hasRole", args: [MINTER, thief] });
    return BigInt((await rpc(request, chain.rpc_url, "eth_call", [{ to: authority, data }, "latest"])).slice(0, 66)) === 1n;
  };

  // The thief has the office's key, and gives themselves the right to issue money.
  const data = encodeFunctionData({ abi: AUTHORITY, functionName: "grantRole", args: [MINTER, thief, 0] });
  await rpc(request, chain.rpc_url, "eth_sendTransaction", [{ from: stolen, to: authority, data }]);
  await expect.poll(holds).toBe(true);

  // On call: sees it, takes it, leads.
  await oncall.page.goto("/office/watch");
  const alert = oncall.page.getByRole("listitem").filter({ hasText: "Rights were changed without a ticket" }).first();
  await alert.getByRole("button", { name: "I look after it" }).click();
  await oncall.clean();
  await alert.getByRole("link", { name: "To the incident" }).click();
  await expect(oncall.page).toHaveURL(/\/office\/incidents\/\d+$/);
  const incident = oncall.page.url().split("/").pop() ?? "";
  await expect(oncall.page.getByText("in force", { exact: true }).first()).toBeVisible({ timeout: 30_000 });

  // It waits for anybody until somebody leads it.
  const waits = (colleague: Colleague, why: string) =>
    colleague.page.getByRole("main").getByRole("listitem").filter({ hasText: why }).filter({ hasText: `ncident ${incident}` });
  const unled = oncall.page.locator(`main li:has(a[href="/office/incidents/${incident}"])`).filter({ hasText: "Nobody leads it yet." });
  await oncall.page.goto("/office/approvals");
  await expect(unled).toHaveCount(1);
  await oncall.clean();
  await unled.getByRole("link").click();
  await oncall.page.getByRole("button", { name: "I am the Leader" }).click();
  await oncall.page.getByLabel("Write it down").fill("The office's key gave the right to issue money to a stranger. The market is closed; nothing was issued.");
  await oncall.page.getByRole("button", { name: "Write", exact: true }).click();
  await expect(oncall.page.getByText("The market is closed; nothing was issued.")).toBeVisible();
  await oncall.clean();

  // The right is to be taken back: proposed by one, rehearsed, approved by another.
  await oncall.page.goto("/office/changes");
  await oncall.page.getByLabel("Right", { exact: true }).selectOption({ label: "Minter: issue money" });
  await oncall.page.getByLabel("Whose (address)").fill(thief);
  await oncall.page.getByLabel("In one line, for those who approve it").fill("Take the thief's right to issue money away");
  await oncall.page.getByLabel("Belongs to incident").fill(incident);
  await oncall.clean();
  await oncall.page.getByRole("button", { name: "Rehearse and propose" }).click();
  await oncall.confirm();
  await expect(oncall.page).toHaveURL(/\/office\/changes\/\d+$/, { timeout: 60_000 });
  const change = new URL(oncall.page.url()).pathname;
  await expect(oncall.page.getByText("Authority: RoleRevoked")).toBeVisible();
  await expect(oncall.page.getByText("Whoever proposes a change does not approve it.")).toBeVisible();
  await oncall.clean();
  expect(await holds(), "a rehearsal changes nothing").toBe(true);
  await oncall.page.goto("/office/approvals");
  await expect(oncall.page.getByRole("heading", { name: "Approvals" })).toBeVisible();
  await expect(unled, "somebody leads it now").toHaveCount(0);
  await expect(waits(oncall, "needs your approval")).toHaveCount(0);
  await security.page.goto("/office/approvals");
  await expect(security.page.getByRole("navigation", { name: "Back office" }).getByText(/things? waits? for you/)).toBeAttached();
  await waits(security, "needs your approval").getByRole("link").click();
  await expect(security.page).toHaveURL(new RegExp(`${change}$`));
  await security.page.getByRole("button", { name: "Approve" }).click();
  await security.confirm();
  await security.page.getByRole("button", { name: "Make the change" }).click();
  await expect(security.page.getByText("made, and as rehearsed")).toBeVisible({ timeout: 30_000 });
  expect(await holds()).toBe(false);
  await security.clean();

  // Everybody is told, in their language, as plain text and until it is withdrawn.
  await oncall.page.goto(`/office/incidents/${incident}`);
  await oncall.page.getByLabel("What is to be done").selectOption({ label: "Publish a statement" });
  await oncall.page.getByLabel("Statement in English").fill("The market is closed.\nYour money is <b>safe</b>.");
  await expect(oncall.page.getByText("Say the Statement in Chinese first.")).toBeVisible();
  await oncall.page.getByLabel("Statement in Chinese").fill("市场暂停，您的资金安全。");
  await oncall.clean();
  oncall.page.once("dialog", (dialog) => void dialog.accept());
  await oncall.page.getByRole("button", { name: "Do it" }).click();
  await expect(oncall.page.getByText("Publish a statement: done and checked.")).toBeVisible({ timeout: 30_000 });
  await expect(oncall.page.getByText("A public statement was made")).toBeVisible();
  await oncall.clean();
  await settle(page);
  await page.goto("/market");
  const banner = page.getByRole("complementary", { name: "Statement of the house" });
  await expect(banner.getByText("Your money is <b>safe</b>.")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await banner.getByRole("button", { name: "Hide for this visit" }).click();
  await page.goto("/status");
  await expect(page.getByRole("main").getByText("Your money is <b>safe</b>.")).toBeVisible();
  await expect(page.getByText("in force", { exact: true })).toBeVisible();
  await expect(banner).toHaveCount(0);
  const reader = await browser.newPage();
  await settle(reader, { language: "zh" });
  await reader.goto("/");
  await expect(reader.getByText("市场暂停，您的资金安全。")).toBeVisible();
  oncall.page.once("dialog", (dialog) => void dialog.accept());
  await oncall.page.getByRole("button", { name: "Withdraw it now" }).click();
  await expect(oncall.page.getByText("The public statement was withdrawn")).toBeVisible({ timeout: 30_000 });
  await reader.reload();
  await expect(reader.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(reader.getByText("市场暂停，您的资金安全。")).toHaveCount(0);
  await page.reload();
  await expect(page.getByText("withdrawn", { exact: true })).toBeVisible();

  // What was announced is no alarm.
  const open = await oncall.page.request.get("/api/v1/ops/alerts");
  const alerts = (await open.json()) as { signal: { name: string } | null; incident: number }[];
  expect(alerts.filter(({ signal }) => signal?.name === "RoleRevoked")).toEqual([]);

  // The market opens again, by a person.
  await oncall.page.goto(`/office/incidents/${incident}`);
  oncall.page.once("dialog", (dialog) => void dialog.accept());
  await oncall.page.getByRole("button", { name: "Take it back now" }).first().click();
  await expect(oncall.page.getByText("taken back", { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  for (const state of ["mitigated", "resolved"]) {
    await oncall.page.getByRole("button", { name: `Next: ${state}` }).click();
    await expect(oncall.page.getByText(`The incident is ${state}`)).toBeVisible();
  }

  // The review: written by one, agreed to and published by another.
  await security.page.goto(`/office/incidents/${incident}`);
  const said = { "What happened": "A stolen key was used.", "Who was harmed, and how much": "Nobody.", "Why it could happen": "One key could give rights alone.", "What went well, and what did not": "It was found in its block." };
  for (const [title, text] of Object.entries(said)) {
    const group = security.page.getByRole("group", { name: title });
    await group.getByLabel("In English").fill(text);
    await group.getByLabel("In Chinese").fill(`（中文）${text}`);
  }
  await security.page.getByRole("button", { name: "Add something to do" }).click();
  const todo = security.page.getByRole("group", { name: "What we do about it" });
  await todo.getByLabel("In English").fill("Give the key a delay");
  await todo.getByLabel("In Chinese").fill("为密钥设置延迟");
  await todo.getByLabel("Who").fill("Kofi");
  await todo.getByLabel("Until").fill("2026-12-31");
  await security.page.getByRole("button", { name: "Save the draft" }).click();
  await expect(security.page.getByText("Somebody who wrote none of it must agree.")).toBeVisible();
  await security.clean();
  await office.page.goto("/office/approvals");
  await waits(office, "Somebody who wrote none of it").getByRole("link").click();
  await office.page.getByRole("button", { name: "Agree to every word" }).click();
  await office.confirm();
  await office.page.getByRole("button", { name: "Publish" }).click();
  await expect(office.page.getByText("The report is published and can't be changed.")).toBeVisible({ timeout: 30_000 });
  await office.clean();

  // The month's report counts all of it.
  await office.page.goto("/office/report");
  await expect(office.page.getByRole("heading", { level: 1, name: /^Operating report/ })).toBeVisible();
  const main = office.page.getByRole("main");
  await expect(main.locator(`a[href="/office/incidents/${incident}"]`)).toBeVisible();
  await expect(main.getByText("as rehearsed").first()).toBeVisible();
  await expect(main.getByText("Everything owed is covered")).toBeVisible();
  await office.clean();
  expect((await office.page.pdf()).length).toBeGreaterThan(10_000);

  // Whoever comes next reads what whoever left has said.
  await office.page.goto("/office/watch");
  await office.page.getByLabel("What the next one must know").fill("The key is replaced.");
  await office.page.getByRole("button", { name: "Hand over", exact: true }).click();
  await security.page.goto("/office/watch");
  await expect(security.page.getByText("The key is replaced.")).toBeVisible();
  await security.clean();

  // Anybody can read it, and check it against the chain.
  await settle(page);
  await page.goto("/reports");
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await expect(page.getByText("Yes: text and chain agree.")).toBeVisible();
  await expect(page.getByText("A stolen key was used.", { exact: true })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect((await page.pdf()).length).toBeGreaterThan(10_000);
  const chinese = await browser.newPage();
  await settle(chinese, { language: "zh" });
  await chinese.goto(new URL(page.url()).pathname);
  await expect(chinese.getByText("是：正文与链上一致。")).toBeVisible();
  await expect(chinese.getByText("为密钥设置延迟")).toBeVisible();
  for (const one of [oncall, security, office]) await one.leave();
});
