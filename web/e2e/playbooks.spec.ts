import { expect, test } from "@playwright/test";
import { encodeFunctionData, parseAbi, type Address } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { Colleague } from "./colleague";
import { persona, quiet, read, visitor } from "./town";

const AUTHORITY = parseAbi(["function grantRole(uint64,address,uint32)"]);
const PAUSER = 2n;

test("one person takes a right away at once, and that is no alarm", async ({ browser, request }) => {
  test.setTimeout(180_000);
  await quiet(request);
  const me = await Colleague.enter(browser, "security");
  const [chain, { mnemonic }, operator] = [await read(request, "/chain", "/chain"), await read(request, "/demo", "/demo"), await persona(request, "operator")];
  const stranger = mnemonicToAccount(mnemonic, { addressIndex: 7_778 }).address;
  const data = encodeFunctionData({ abi: AUTHORITY, functionName: "grantRole", args: [PAUSER, stranger, 0] });
  const params = [{ from: operator.address, to: chain.contracts.authority as Address, data }];
  await request.post(chain.rpc_url, { data: { jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params } });

  await me.page.goto("/office/watch");
  const form = me.page.locator("form").filter({ hasText: "What is to be done" });
  await form.getByLabel("What is to be done").selectOption({ label: "Take a right away" });
  await form.getByLabel("Right", { exact: true }).selectOption({ label: "Pauser: stop it" });
  await form.getByLabel("whose (address)").fill(operator.address);
  me.page.on("dialog", (dialog) => void dialog.accept());
  await form.getByRole("button", { name: "Do it" }).click();
  await me.confirm();
  await expect(me.page.getByText(/the house's own key: propose a change/)).toBeVisible();
  await form.getByLabel("whose (address)").fill(stranger);
  await me.clean();
  await form.getByRole("button", { name: "Do it" }).click();
  await expect(me.page.getByText("Take a right away: done and checked.")).toBeVisible({ timeout: 60_000 });
  const alerts = (await (await me.page.request.get("/api/v1/ops/alerts")).json()) as { signal: { name: string; args: Record<string, string> } | null }[];
  const about = alerts.filter(({ signal }) => signal?.args["account"]?.toLowerCase() === stranger.toLowerCase()).map(({ signal }) => signal?.name);
  expect(about).toEqual(["RoleGranted"]);

  // The right that was given without a ticket closed the money; nothing speaks against opening it again.
  const closed = me.page.getByRole("listitem").filter({ hasText: "Issue no money and take no new orders" });
  await closed.getByRole("button", { name: "Take it back now" }).click();
  await expect(closed).toHaveCount(0, { timeout: 30_000 });
  await me.leave();
});

test("an address that is blocked is told so in both languages, and sends again once it is lifted", async ({ browser, request }) => {
  test.setTimeout(180_000);
  await quiet(request);
  const me = await Colleague.enter(browser, "security");
  const { address } = await persona(request, "seller");
  await me.page.goto("/office/watch");
  const form = me.page.locator("form").filter({ hasText: "What is to be done" });
  await form.getByLabel("What is to be done").selectOption({ label: "Block an address" });
  await expect(form.getByText(/Nothing is taken from the person/)).toBeVisible();
  await form.getByLabel("whose (address)").fill(address);
  me.page.on("dialog", (dialog) => void dialog.accept());
  await form.getByRole("button", { name: "Do it" }).click();
  await me.confirm();
  await expect(me.page.getByText("Block an address: done and checked.")).toBeVisible({ timeout: 60_000 });
  const measure = me.page.getByRole("listitem").filter({ hasText: "No transactions are taken of" }).first();
  await expect(measure).toBeVisible();
  await me.clean();

  const refused = { en: /Your address is on hold here until .*Nothing is taken from you/, zh: /本馆暂停受理您这个地址的交易/ };
  for (const language of ["en", "zh"] as const) {
    const seller = await visitor(browser, "seller", { language });
    await seller.goto("/desk/wallet");
    await seller.getByLabel(language === "en" ? "Amount" : "金额").fill("1");
    const word = language === "en" ? "Deposit" : "存入";
    await seller.getByRole("button", { name: word, exact: true }).click();
    await seller.getByRole("dialog").getByRole("button", { name: word, exact: true }).click();
    await expect(seller.getByRole("dialog").getByRole("alert").filter({ hasText: refused[language] })).toBeVisible({ timeout: 30_000 });
    await seller.close();
  }

  await measure.getByRole("button", { name: "Take it back now" }).click();
  await expect(me.page.getByText("No transactions are taken of")).toHaveCount(0, { timeout: 30_000 });
  const seller = await visitor(browser, "seller");
  await seller.goto("/desk/wallet");
  await seller.getByLabel("Amount").fill("1");
  await seller.getByRole("button", { name: "Deposit", exact: true }).click();
  const sheet = seller.getByRole("dialog");
  await sheet.getByRole("button", { name: "Deposit", exact: true }).click();
  await expect(sheet.getByRole("heading", { name: "Deposited" })).toBeVisible({ timeout: 30_000 });
  await me.leave();
});
