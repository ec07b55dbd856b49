import { expect, test } from "@playwright/test";
import { encodeFunctionData, parseAbi, type Address } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { Colleague } from "./colleague";
import { persona, quiet, read } from "./town";

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
