import { expect, test, type Page } from "@playwright/test";
import { createWalletClient, http, type Hex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { buyableOffer, persona, quiet, read, settle } from "./town";

interface Request {
  method: string;
  params?: unknown[];
}

/** A wallet as an extension would be: it announces itself by EIP-6963, keeps its key outside the page, and may refuse. */
async function installWallet(page: Page) {
  const [{ mnemonic }, buyer, chain] = await Promise.all([
    read(page.request, "/demo", "/demo"),
    persona(page.request, "buyer"),
    read(page.request, "/chain", "/chain"),
  ]);
  const account = mnemonicToAccount(mnemonic, { addressIndex: buyer.derivation_index });
  const client = createWalletClient({ account, transport: http(chain.rpc_url) });
  const mood = { refuses: false };

  const answer = async ({ method, params = [] }: Request): Promise<unknown> => {
    if (method === "eth_requestAccounts" || method === "eth_accounts") return [account.address];
    if (method === "eth_chainId") return `0x${chain.chain_id.toString(16)}`;
    if (mood.refuses) throw new Error("4001");
    if (method === "eth_signTypedData_v4") return account.signTypedData(JSON.parse(String(params[1])));
    if (method === "personal_sign") return account.signMessage({ message: { raw: params[0] as Hex } });
    if (method === "eth_sendTransaction") {
      const { to, data, value } = params[0] as { to: Hex; data: Hex; value?: Hex };
      const fees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
      return client.sendTransaction({ to, data, value: BigInt(value ?? "0x0"), chain: null, ...fees });
    }
    return client.request({ method, params } as never);
  };
  await page.exposeFunction("walletAnswers", async (request: Request) => {
    try {
      return { result: await answer(request) };
    } catch (error) {
      return { refused: error instanceof Error && error.message === "4001", message: String(error) };
    }
  });
  await page.addInitScript(() => {
    const bridge = window as unknown as {
      walletAnswers: (request: unknown) => Promise<{ result?: unknown; refused?: boolean; message?: string }>;
    };
    const provider = {
      on: () => undefined,
      removeListener: () => undefined,
      request: async (request: unknown) => {
        const { result, refused, message } = await bridge.walletAnswers(request);
        if (message !== undefined) throw Object.assign(new Error(message), { code: refused ? 4001 : -32603 });
        return result;
      },
    };
    const icon = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
    const info = { uuid: "6b0a3a1c-0000-4000-8000-000000000001", name: "Test Wallet", icon, rdns: "test.wallet" };
    const announce = () =>
      window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
    window.addEventListener("eip6963:requestProvider", announce);
    announce();
  });
  return mood;
}

test("an announced wallet connects, may refuse, and pays", async ({ page }) => {
  await quiet(page.request);
  await settle(page);
  const mood = await installWallet(page);
  await page.goto(`/offers/${await buyableOffer(page.request)}`);
  await page.getByRole("button", { name: "Connect a wallet" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /Test Wallet/ }).click();
  await expect(page.getByRole("button", { name: /^Wallet:/ })).toBeVisible();

  await page.getByRole("button", { name: "Buy now" }).click();
  await page.getByRole("button", { name: "Review and pay" }).click();
  const sheet = page.getByRole("dialog");
  mood.refuses = true;
  await sheet.getByRole("button", { name: "Sign and pay" }).click();
  await expect(sheet.getByRole("alert")).toContainText("You declined in the wallet. Nothing was sent");

  mood.refuses = false;
  await sheet.getByRole("button", { name: "Try again" }).click();
  await expect(sheet.getByRole("heading", { name: "Ordered" })).toBeVisible({ timeout: 30_000 });
});
