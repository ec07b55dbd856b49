import { expect, test, type Page } from "@playwright/test";
import { violations } from "./axe";
import { settle, stepIn } from "./town";

/** Chromium's own authenticator: it holds its keys like a phone does, and its owner is always there. */
async function device(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const;
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    locked: (locked: boolean) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: !locked }),
    keys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length,
  };
}

test("a passkey is added, opens what is dangerous, and is removed with itself", async ({ browser, baseURL }) => {
  const page = await browser.newPage();
  await settle(page);
  await stepIn(page, "oncall");
  // Passkeys are of a name, never of a number.
  const town = new URL(baseURL ?? "");
  await page.goto("/office/security");
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByLabel("Name of the passkey").fill("Number");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText(/Passkeys belong to a site with a name/)).toBeVisible();

  town.hostname = "localhost";
  await page.goto(`${town.origin}/office/security`);
  await settle(page);
  await stepIn(page, "oncall");
  await page.reload();
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click();
  const phone = await device(page);
  await page.getByLabel("Name of the passkey").fill("Night phone");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const row = page.getByRole("listitem").filter({ hasText: "Night phone" });
  await expect(row.getByText("For localhost · never used")).toBeVisible();
  expect(await phone.keys()).toBe(1);
  expect(await violations(page)).toEqual([]);

  // A further factor takes the one that is there; whoever can't open the device gets no further.
  const sheet = page.getByRole("dialog", { name: "Your second factor, please" });
  await page.getByRole("button", { name: "Set up an app" }).click();
  await phone.locked(true);
  await sheet.getByRole("button", { name: "Use a passkey" }).click();
  await expect(sheet.getByText(/The device gave no passkey/)).toBeVisible();
  const session = await page.request.get(`${town.origin}/api/v1/auth/session`);
  const { csrf } = (await session.json()) as { csrf: string };
  const refused = await page.request.post(`${town.origin}/api/v1/auth/second-factor`, { headers: { "x-csrf-token": csrf } });
  expect(((await refused.json()) as { type: string }).type).toBe("/problems/second-factor-needed");
  expect(await violations(page)).toEqual([]);
  await phone.locked(false);
  await sheet.getByRole("button", { name: "Use a passkey" }).click();
  await expect(sheet).toHaveCount(0);
  await expect(page.getByTestId("secret")).toBeVisible();
  await expect(row.getByText(/last used/)).toBeVisible();

  // For ten minutes nothing asks again.
  await row.getByRole("button", { name: "Remove" }).click();
  await expect(row).toHaveCount(0);
  await expect(page.getByText("The next dangerous action")).toHaveCount(0);
});
