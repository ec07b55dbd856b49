export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/^0x/, "");
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) throw new Error("not hexadecimal");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
