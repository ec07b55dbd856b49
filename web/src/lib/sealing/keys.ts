import { client } from "@/lib/api/client";
import { isNotFound } from "@/lib/api/problem";
import type { Chain } from "@/lib/api/types";
import { asHex, sameAddress } from "@/lib/address";
import type { Tools } from "@/lib/chain/tools";
import { fromHex } from "./hex";

/** What a wallet signs to make its key. The signature is the secret: it never leaves this browser. */
const secretWords = (chain: Chain) =>
  "Guildhall delivery key\n\nThis signature makes the key that opens delivery addresses sealed for you. Sign it " +
  `only in your own guildhall. It moves no money.\n\nChain: ${chain.chain_id}\nMarket: ${chain.contracts.market}`;

/** What a wallet signs to publish its key; the server writes the same words. */
const publicWords = (chain: Chain, address: string, publicKey: string) =>
  `Guildhall delivery key\n\nDelivery addresses for ${address} may be sealed for this key.\n\n` +
  `Chain: ${chain.chain_id}\nMarket: ${chain.contracts.market}\nKey: ${publicKey}`;

/** Kept while the page is open, so that a wallet is asked once. */
const made = new Map<string, CryptoKeyPair>();

/** The delivery keys of a wallet: the same ones every time, made of its signature. */
export async function keysOf(tools: Tools, chain: Chain): Promise<CryptoKeyPair> {
  const known = made.get(tools.account.toLowerCase());
  if (known !== undefined) return known;
  const { deriveKeys } = await import("./box");
  const keys = await deriveKeys(fromHex(await tools.signMessage(secretWords(chain))));
  made.set(tools.account.toLowerCase(), keys);
  return keys;
}

export async function publishKey(tools: Tools, chain: Chain): Promise<void> {
  const { getAddress } = await import("viem");
  const { publicKeyHex } = await import("./box");
  const publicKey = await publicKeyHex(await keysOf(tools, chain));
  const signature = await tools.signMessage(publicWords(chain, getAddress(tools.account), publicKey));
  await client.PUT("/delivery-key", { body: { public_key: publicKey, signature } });
}

/** Somebody's published key, or nothing where they have none. A key that their wallet did not sign for is refused. */
export async function publishedKey(chain: Chain, address: string): Promise<string | null> {
  const answer = await client.GET("/delivery-keys/{address}", { params: { path: { address } } }).catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
  const key = answer?.data;
  if (key === undefined) return null;
  const { createPublicClient, getAddress, http } = await import("viem");
  const words = publicWords(chain, getAddress(address), key.public_key);
  const reader = createPublicClient({ transport: http(chain.rpc_url) });
  // Contracts sign too (ERC-1271), which only the chain can tell.
  const good =
    sameAddress(key.address, address) &&
    (await reader.verifyMessage({ address: getAddress(address), message: words, signature: asHex(key.signature) }));
  if (!good) throw new Error(`the delivery key of ${address} is not signed by its owner`);
  return key.public_key;
}
