export type Hex = `0x${string}`;

/** The API answers with checked addresses and hashes; this is where they become viem's `0x` type. */
export function asHex(text: string): Hex {
  if (!/^0x[0-9a-fA-F]*$/.test(text)) throw new Error(`not hexadecimal: ${text}`);
  return text as Hex;
}

export const sameAddress = (a: string | null | undefined, b: string | null | undefined): boolean =>
  a != null && b != null && a.toLowerCase() === b.toLowerCase();

export const shortAddress = (address: string): string => `${address.slice(0, 6)}…${address.slice(-4)}`;
export const shortHash = (hash: string): string => `${hash.slice(0, 10)}…${hash.slice(-6)}`;
