import { expect, test } from "@playwright/test";
import { act, buy, buyableOffer, quiet, visitor } from "./town";

test("the bell tells a buyer what the seller did, until it is read or not wanted", async ({ browser }) => {
  const buyer = await visitor(browser, "buyer");
  await quiet(buyer.request);
  await buyer.goto("/desk/notices");
  await buyer.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(buyer.getByRole("heading", { name: "What to tell you" })).toBeVisible();
  const all = buyer.getByRole("button", { name: "Mark all as read" });
  await expect(buyer.getByRole("main").getByText("Nothing yet").or(buyer.getByRole("main").getByRole("listitem").first())).toBeVisible();
  if (await all.isVisible()) await all.click();
  await expect(buyer.getByRole("link", { name: "Notices", exact: true }).first()).toBeVisible();
  const order = await buy(buyer, await buyableOffer(buyer.request));

  const seller = await visitor(browser, "seller");
  await seller.goto(`/orders/${order}`);
  await act(seller, "Accept", "Accepted");
  const bell = buyer.getByRole("link", { name: "Notices, 1 new" });
  await expect(bell).toBeVisible();
  await bell.click();
  await expect(buyer.getByRole("link", { name: `Accepted · Order ${order} (new)` })).toBeVisible();
  await buyer.getByRole("button", { name: "Mark all as read" }).click();
  await expect(buyer.getByRole("link", { name: `Accepted · Order ${order}`, exact: true })).toBeVisible();
  await expect(buyer.getByRole("link", { name: /^Notices, \d+ new/ })).toHaveCount(0);

  await buyer.getByLabel(/^Orders placed/).uncheck();
  await expect(buyer.getByRole("link", { name: `Accepted · Order ${order}` })).toHaveCount(0);
  await buyer.getByLabel(/^Orders placed/).check();
  await expect(buyer.getByRole("link", { name: `Accepted · Order ${order}` })).toBeVisible();
});
