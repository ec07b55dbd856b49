import { expect, test, type Page } from "@playwright/test";
import { violations } from "./axe";
import { act, buy, buyableOffer, quiet, read, visitor } from "./town";

/** Opens a form that waits behind its button. */
async function unfold(page: Page, label: string) {
  const button = page.getByRole("button", { name: label, exact: true });
  await button.click();
  await expect(button).toHaveAttribute("aria-expanded", "true");
}

/** An order that the buyer has bought, the seller sent, and the buyer received. */
async function delivered(buyer: Page, seller: Page): Promise<string> {
  const order = await buy(buyer, await buyableOffer(buyer.request));
  await seller.goto(`/orders/${order}`);
  await act(seller, "Accept", "Accepted");
  await seller.getByLabel("Carrier and tracking number").fill("Harbour Post 4711");
  await act(seller, "Mark as shipped", "Shipped");
  await act(buyer, "It arrived", "Arrived");
  return order;
}

/** A row of "The money" by its label. */
const money = (page: Page, label: string) =>
  page.locator("section", { has: page.getByRole("heading", { name: "The money" }) }).locator("div", { hasText: label }).last();

test.beforeAll(async ({ request }) => {
  await quiet(request);
});

test("a dispute ends by a split that both sides agree to", async ({ browser }) => {
  const buyer = await visitor(browser, "buyer");
  const seller = await visitor(browser, "seller");
  const id = await delivered(buyer, seller);

  await unfold(buyer, "Open a dispute");
  await expect(buyer.getByText("Say first what is wrong.")).toBeVisible();
  await buyer.getByLabel("What is wrong").fill("Two of the tins are dented");
  const wanted = buyer.getByRole("textbox", { name: "What the buyer gets back" });
  await wanted.fill("0");
  await expect(buyer.getByText("This amount can't be proposed.")).toBeVisible();
  await wanted.fill("10");
  await act(buyer, "Open a dispute", "Dispute opened");
  await expect(buyer.getByRole("heading", { name: "The dispute", exact: true })).toBeVisible();
  await expect(buyer.getByText(/asks for 10\.00 gUSD back; .+ offers nothing so far\./)).toBeVisible();
  await expect(buyer.getByText(/has until .+ to answer\. Silence means that .+ gets 10\.00 gUSD\./)).toBeVisible();
  await expect(buyer.getByText("Two of the tins are dented")).toBeVisible();
  expect(await violations(buyer)).toEqual([]);

  await seller.reload();
  await expect(seller.getByRole("button", { name: "Agree to this" })).toBeVisible();
  await seller.getByRole("textbox", { name: "What the buyer gets back" }).fill("4");
  await act(seller, "Propose this", "Proposed");
  await expect(seller.getByText(/asks for 10\.00 gUSD back; .+ offers 4\.00 gUSD\./)).toBeVisible();

  await expect(buyer.getByText(/offers 4\.00 gUSD\./)).toBeVisible();
  await act(buyer, "Agree to this", "Agreed");
  await expect(buyer.getByText("Both sides agreed.")).toBeVisible();
  const order = await read(buyer.request, "/market/orders/{id}", `/market/orders/${id}`);
  const rest = BigInt(order.total.amount) - 4_000_000n;
  const paid = Number(rest - (rest * BigInt(order.fee_bps)) / 10_000n) / 1e6;
  expect(order.state).toBe("settled");
  for (const page of [buyer, seller]) {
    await expect(page.getByText("Split", { exact: true }).first()).toBeVisible();
    await expect(money(page, "Paid to the buyer")).toContainText("4.00");
    await expect(money(page, "Paid to the seller")).toContainText(String(paid));
  }
  await expect(buyer.locator("main ol").getByText("4.00 gUSD to the buyer").first()).toBeVisible();
  expect(await violations(buyer)).toEqual([]);
});

test("goods go back and the money with them", async ({ browser }) => {
  const buyer = await visitor(browser, "buyer");
  const seller = await visitor(browser, "seller");
  const id = await delivered(buyer, seller);

  await unfold(buyer, "Ask to send it back");
  await buyer.getByLabel("What is wrong").fill("It is the green tea, and I ordered the black");
  await act(buyer, "Ask to send it back", "Return asked for");
  await expect(buyer.getByRole("heading", { name: "The return", exact: true })).toBeVisible();
  await expect(buyer.getByText(/to answer; silence means a full refund\./).first()).toBeVisible();

  await seller.reload();
  await seller.getByLabel("Where to send it").fill("Linden Tea House, 1 Market Lane");
  await act(seller, "Take it back", "Return agreed");
  await expect(seller.getByText("Linden Tea House, 1 Market Lane")).toBeVisible();

  await expect(buyer.getByText(/to send them; silence means/).first()).toBeVisible();
  await buyer.getByLabel("Carrier and tracking number").fill("Harbour Post 4712");
  await act(buyer, "Mark as sent back", "Sent back");
  expect(await violations(buyer)).toEqual([]);

  await expect(seller.getByText(/The goods are on their way back\./).first()).toBeVisible();
  await act(seller, "I have it back", "Refunded");
  await expect(buyer.getByText("Sent back and received by the seller. All the money went back to the buyer.")).toBeVisible();
  const order = await read(buyer.request, "/market/orders/{id}", `/market/orders/${id}`);
  expect(order.refund_reason).toBe("returned");
  await expect(money(buyer, "Paid to the buyer")).toContainText(String(Number(order.total.amount) / 1e6));
});
