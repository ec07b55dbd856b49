import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { fromHex, toHex } from "./hex";

/** HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
const suite = () => new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

const INFO = new TextEncoder().encode("guildhall delivery 1");
const ENCAPSULATED_BYTES = 32;
/** Texts are padded to a multiple of this, so that a box does not tell how long an address is. */
const PAD_BYTES = 256;

/** What a box is bound to: opened anywhere else, it stays shut. */
export interface Binding {
  chainId: number;
  market: string;
  deliveryHash: string;
}

const bound = ({ chainId, market, deliveryHash }: Binding) =>
  new TextEncoder().encode(`${chainId}:${market.toLowerCase()}:${deliveryHash.toLowerCase()}`);

function pad(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / PAD_BYTES) * PAD_BYTES);
  padded.set(bytes);
  // A one and then zeros, as in ISO 7816-4.
  padded[bytes.length] = 0x80;
  return padded;
}

function unpad(padded: Uint8Array): string {
  const end = padded.lastIndexOf(0x80);
  if (end < 0) throw new Error("the box holds no text");
  return new TextDecoder("utf-8", { fatal: true }).decode(padded.slice(0, end));
}

/** Seals a text for a public key: encapsulated key and ciphertext, in hex. */
export async function seal(publicKey: string, text: string, binding: Binding): Promise<string> {
  const hpke = suite();
  const recipientPublicKey = await hpke.kem.deserializePublicKey(fromHex(publicKey).buffer);
  const { enc, ct } = await hpke.seal({ recipientPublicKey, info: INFO }, pad(text), bound(binding));
  return toHex(new Uint8Array(enc)) + toHex(new Uint8Array(ct));
}

/** The key pair that a secret makes: DeriveKeyPair of RFC 9180, so that the same secret makes the same pair everywhere. */
export async function deriveKeys(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKeyPair> {
  return (await suite().kem.deriveKeyPair(secret.buffer)) as CryptoKeyPair;
}

export const publicKeyHex = async ({ publicKey }: CryptoKeyPair): Promise<string> =>
  toHex(new Uint8Array(await suite().kem.serializePublicKey(publicKey)));

/** Opens a box with the keys it was sealed for. */
export async function open(keys: CryptoKeyPair, sealed: string, binding: Binding): Promise<string> {
  const bytes = fromHex(sealed);
  const enc = bytes.slice(0, ENCAPSULATED_BYTES).buffer;
  const ct = bytes.slice(ENCAPSULATED_BYTES).buffer;
  const text = await suite().open({ recipientKey: keys, enc, info: INFO }, ct, bound(binding));
  return unpad(new Uint8Array(text));
}
