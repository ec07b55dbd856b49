import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Colleague } from "./colleague";
import { quiet, read } from "./town";

const contracts = join(import.meta.dirname, "../../contracts");
const FIELDS = "mapping(uint256 orderId => Review) review;";
const FIRST = "IMarket market;";

test("three people replace a contract's code, and put it back", async ({ browser, request }) => {
  test.setTimeout(300_000);
  await quiet(request);
  const [ann, ben, cleo] = [
    await Colleague.enter(browser, "oncall"),
    await Colleague.enter(browser, "security"),
    await Colleague.enter(browser, "operator"),
  ];
  const sources = execFileSync("node", [join(contracts, "script/standard-json.mjs"), "Reviews"], { encoding: "utf8" });
  const reviews = (await read(request, "/chain", "/chain")).contracts.reviews;
  const implementation = async () => (await read(request, "/explorer/contracts/{address}", `/explorer/contracts/${reviews}`)).implementation;
  const before = await implementation();
  expect(before).toBeTruthy();
  let asked = false;

  await ann.page.goto("/office/changes");
  await ann.page.getByLabel("What is to change").selectOption({ label: "Replace a contract's code" });
  await ann.page.getByLabel("Contract", { exact: true }).selectOption("Reviews");
  await ann.page.getByLabel("In one line, for those who approve it").fill("Reviews learn a new trick");
  const bring = async (text: string) => {
    const buffer = Buffer.from(text);
    await ann.page.getByLabel("Choose a file").setInputFiles({ name: "reviews.json", mimeType: "application/json", buffer });
    await expect(ann.page.getByText("reviews.json")).toBeVisible();
    await ann.page.getByRole("button", { name: "Compile and compare" }).click();
    if (!asked) await ann.confirm();
    asked = true;
  };

  // A field before the others would shift them all.
  await bring(sources.replace(FIRST, `uint256 fee; ${FIRST}`));
  await expect(ann.page.getByText("This code would read one thing as another. It can't be proposed.").first()).toBeVisible({ timeout: 60_000 });
  await expect(ann.page.getByRole("row", { name: /Layout\.market moved/ })).toBeVisible();
  await ann.clean();
  await bring(sources.replace(FIELDS, `${FIELDS} uint256 fee;`));
  await expect(ann.page.getByText("Everything is where it was; there are additions.")).toBeVisible({ timeout: 60_000 });
  await ann.clean();
  await ann.page.getByRole("button", { name: "Rehearse and propose" }).click();
  await expect(ann.page).toHaveURL(/\/office\/changes\/\d+$/, { timeout: 60_000 });

  let first = true;
  /** Two agree to what is seen, and one of them makes it. */
  const agreed = async () => {
    await expect(ann.page.getByText("Every figure as before.")).toHaveCount(2);
    await expect(ann.page.getByText("Reviews: Upgraded")).toBeVisible();
    await ann.clean();
    for (const one of [ben, cleo]) {
      await one.page.goto(new URL(ann.page.url()).pathname);
      await one.page.getByRole("button", { name: "Approve" }).click();
      if (first) await one.confirm();
    }
    first = false;
    await ben.page.getByRole("button", { name: "Make the change" }).click({ timeout: 15_000 });
    await expect(ben.page.getByText("made, and as rehearsed")).toBeVisible({ timeout: 30_000 });
  };
  await agreed();
  await expect.poll(implementation).not.toBe(before);

  await ann.page.getByRole("button", { name: "Propose to go back" }).click({ timeout: 15_000 });
  await expect(ann.page.getByText(/Put back the code of Reviews from before change \d+/).first()).toBeVisible({ timeout: 60_000 });
  await agreed();
  await expect.poll(implementation).toBe(before);

  // None of it was an alarm.
  const alerts = (await (await ann.page.request.get("/api/v1/ops/alerts")).json()) as { rule: string }[];
  expect(alerts.filter(({ rule }) => rule === "code-change")).toEqual([]);
  for (const one of [ann, ben, cleo]) await one.leave();
});
