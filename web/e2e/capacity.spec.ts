import { expect, test } from "@playwright/test";
import { Colleague } from "./colleague";
import { read } from "./town";

test("staff measure what the machine can do, and end a test before its time", async ({ browser }) => {
  test.setTimeout(240_000);
  test.skip(process.env.GUILDHALL_DATA === undefined, "the town runs elsewhere");
  const me = await Colleague.enter(browser, "security");
  const { page } = me;
  await page.goto("/office/capacity");
  const main = page.getByRole("main");
  // A town in which this ran before has measured something.
  const before = await read(page.request, "/ops/load-tests", "/ops/load-tests");
  if (before.ended.length === 0) {
    await expect(main.getByText("What this machine can do was never measured")).toBeVisible();
    await expect(main.getByText("No load test was run here yet.")).toBeVisible();
  }
  await me.clean();

  // Limits are said before anything is sent.
  await main.getByLabel("Seconds").fill("4");
  await expect(main.getByText("Seconds: 5 to 30.")).toBeVisible();
  await main.getByLabel("Seconds").fill("5");
  await main.getByLabel("How many transactions").selectOption({ label: "So many a second" });
  await main.getByLabel("Transactions a second").fill("99");
  await expect(main.getByText("Transactions a second: 100 to 20,000.")).toBeVisible();
  await main.getByLabel("Transactions a second").fill("100");
  await main.getByRole("button", { name: "Begin a load test" }).click();
  await me.confirm();
  await expect(main.getByText("Transactions are sent…")).toBeVisible({ timeout: 60_000 });
  await expect(main.getByRole("progressbar")).toBeVisible();
  await expect(main.getByText(/[1-9]\d* sent · [1-9]\d* committed/)).toBeVisible();
  await me.clean();

  // A second one is refused while the first runs.
  const { csrf } = (await (await page.request.get("/api/v1/auth/session")).json()) as { csrf: string };
  const second = await page.request.post("/api/v1/ops/load-tests", { data: { seconds: 5 }, headers: { "x-csrf-token": csrf } });
  expect(second.status()).toBe(409);

  await expect(main.getByRole("button", { name: "Begin a load test" })).toBeVisible({ timeout: 60_000 });
  const row = main.getByRole("table", { name: "The last load tests" }).getByRole("row").nth(1);
  await expect(row).toContainText("came to its end");
  await expect(main.getByRole("heading", { name: "How many were committed each second?" })).toBeVisible();
  await expect(main.getByText("Meanwhile")).toBeVisible();
  await expect(main.getByText(/^at least \d/)).toBeVisible();
  const { ended } = await read(page.request, "/ops/load-tests", "/ops/load-tests");
  const measure = ended[0]?.measure;
  expect(measure?.committed).toBeGreaterThan(100);
  expect(measure?.committed).toBe(measure?.sent);
  expect(measure?.failed).toBe(0);
  await me.clean();

  // The other one is ended by hand long before its time, and says what it measured until then.
  await main.getByLabel("How many transactions").selectOption({ label: "As many as it can" });
  await main.getByLabel("Seconds").fill("30");
  await main.getByRole("button", { name: "Begin a load test" }).click();
  await expect(main.getByText(/[1-9][\d,]* sent · [1-9][\d,]* committed/)).toBeVisible({ timeout: 60_000 });
  await main.getByRole("button", { name: "Cancel the test" }).click();
  await expect(row).toContainText("cancelled", { timeout: 25_000 });
  await me.leave();
});
