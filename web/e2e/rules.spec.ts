import { expect, test } from "@playwright/test";
import { Colleague } from "./colleague";
import { quiet } from "./town";

test("a rule is written, tried as it is written, agreed to by another, and paused", async ({ browser, request }) => {
  test.setTimeout(240_000);
  await quiet(request);
  const [ann, ben] = [await Colleague.enter(browser, "oncall"), await Colleague.enter(browser, "security")];

  // A new rule passes as it stands, and the past says how loud it would be.
  await ann.page.goto("/office/rules");
  await expect(ann.page.getByText("Nobody has changed a rule")).toBeVisible();
  await ann.page.getByRole("link", { name: "Write a rule" }).click();
  await expect(ann.page.getByText("It would have fired 0 times")).toBeVisible({ timeout: 30_000 });
  const text = ann.page.getByLabel("The rule, in YAML");
  const begun = await text.inputValue();
  await text.fill(begun.replace("more(signal.args", "less(signal.args"));
  await expect(ann.page.getByText("it did not fire").first()).toBeVisible({ timeout: 30_000 });
  await text.fill(begun.replace("expr: more(", "expr: morre("));
  await expect(ann.page.getByText(/moment 1: .*morre/).first()).toBeVisible({ timeout: 30_000 });
  await text.fill(begun.replace("expr: more(", "expr: [more("));
  await expect(ann.page.getByRole("alert")).toContainText(/line 9/i, { timeout: 30_000 });
  await ann.clean();

  // A threshold of nothing would have told of every payout, each with its block.
  const all = begun.replace('amount: "100000000000"', 'amount: "0"').replace('Amount: "5"', 'Amount: "0"');
  await text.fill(all);
  await expect(ann.page.getByText(/It would have fired (once|[1-9]\d* times)/)).toBeVisible({ timeout: 30_000 });
  await expect(ann.page.getByRole("table", { name: "What it would have found" }).getByRole("link").first()).toBeVisible();
  await ann.clean();
  await ann.page.getByLabel("Why you want it so").fill("We want to see every payout");
  await ann.page.getByRole("button", { name: "Propose it" }).click();
  await ann.confirm();
  await expect(ann.page).toHaveURL(/\/office\/rules$/);
  const mine = ann.page.getByRole("listitem").filter({ hasText: "We want to see every payout" });
  await expect(mine.getByText("waits, not asked yet")).toBeVisible();
  await mine.getByRole("button", { name: "Put on trial" }).click();
  await expect(mine.getByText("on trial", { exact: true })).toBeVisible();
  await expect(mine.getByText("Somebody who did not write it must agree.")).toBeVisible();
  await ann.clean();

  // The house itself holds that a second person is a second person.
  const session = (await (await ann.page.request.get("/api/v1/auth/session")).json()) as { csrf: string };
  const revisions = (await (await ann.page.request.get("/api/v1/ops/rule-revisions")).json()) as { id: number }[];
  const own = await ann.page.request.put(`/api/v1/ops/rule-revisions/${revisions[0]?.id}/state`, { data: { state: "active" }, headers: { "x-csrf-token": session.csrf } });
  expect(own.status()).toBe(409);

  await ben.page.goto("/office/rules");
  const theirs = ben.page.getByRole("listitem").filter({ hasText: "We want to see every payout" });
  await theirs.getByRole("button", { name: "Agree, and put in force" }).click();
  await ben.confirm();
  await expect(theirs.getByText("in force", { exact: true })).toBeVisible();
  await ben.page.goto("/office/watch");
  await expect(ben.page.getByRole("listitem").filter({ hasText: "What is watched for was changed" }).first()).toBeVisible({ timeout: 30_000 });

  // Paused by one, at once; and asked again.
  await ben.page.goto("/office/rules/large-payout");
  await ben.page.getByLabel("Why it is paused").fill("It is too loud");
  await ben.page.getByRole("button", { name: "Pause it" }).last().click();
  const now = ben.page.getByRole("listitem").filter({ hasText: "We want to see every payout" });
  await expect(now.getByText("paused", { exact: true })).toBeVisible();
  await ben.clean();
  await now.getByRole("button", { name: "Ask it again" }).click();
  await expect(now.getByText("in force", { exact: true })).toBeVisible();
  await now.getByRole("button", { name: "Give it up" }).click();
  await expect(now.getByText("given up")).toBeVisible();
  await ann.leave();
  await ben.leave();
});
