import { client } from "@/lib/api/client";
import type { Chain } from "@/lib/api/types";
import { fingerprint } from "@/lib/chain/market";
import { preimage, type Note } from "@/lib/notes";
import { open, seal, type Binding } from "./box";
import { publishedKey } from "./keys";

const binding = (chain: Chain, deliveryHash: string): Binding => ({
  chainId: chain.chain_id,
  market: chain.contracts.market,
  deliveryHash,
});

export interface Parcel {
  deliveryHash: string;
  note: Note;
  recipient: string;
}

/** Seals notes for recipients who have a key and leaves them with the house. Says who has none. */
export async function leaveParcels(chain: Chain, parcels: readonly Parcel[]): Promise<string[]> {
  const boxes = [];
  const keyless = [];
  for (const { deliveryHash, note, recipient } of parcels) {
    const key = await publishedKey(chain, recipient);
    if (key === null) keyless.push(recipient);
    else {
      const sealed = await seal(key, JSON.stringify(note), binding(chain, deliveryHash));
      boxes.push({ delivery_hash: deliveryHash, recipient, sealed });
    }
  }
  if (boxes.length > 0) await client.POST("/delivery-boxes", { body: { boxes } });
  return keyless;
}

/** Opens a sealed note and holds it against what the order carries on the chain. */
export async function openParcel(chain: Chain, keys: CryptoKeyPair, sealed: string, deliveryHash: string): Promise<Note> {
  const note = JSON.parse(await open(keys, sealed, binding(chain, deliveryHash))) as Partial<Note>;
  const { text, salt } = note;
  if (typeof text !== "string" || typeof salt !== "string") throw new Error("the box holds no address");
  if (fingerprint(preimage({ text, salt })).toLowerCase() !== deliveryHash.toLowerCase()) {
    throw new Error("what was sealed is not what the order was signed for");
  }
  return { text, salt };
}
