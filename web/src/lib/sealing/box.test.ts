import { expect, it } from "vitest";
import { deriveKeys, open, publicKeyHex, seal } from "./box";
import { fromHex } from "./hex";

const BINDING = { chainId: 31_337, market: "0xAB", deliveryHash: "0x12" };

it("derives keys as RFC 9180 does (A.1.1)", async () => {
  const keys = await deriveKeys(fromHex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"));
  expect(await publicKeyHex(keys)).toBe("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
});

it("opens what was sealed, for its keys and its order alone", async () => {
  const [mine, other] = await Promise.all([deriveKeys(fromHex("01".repeat(65))), deriveKeys(fromHex("02".repeat(65)))]);
  const text = "Ida Holm\n4 Quay Street, 上海\n+45 1234";
  const sealed = await seal(await publicKeyHex(mine), text, BINDING);
  expect(await open(mine, sealed, BINDING)).toBe(text);
  await expect(open(other, sealed, BINDING)).rejects.toThrow();
  await expect(open(mine, sealed, { ...BINDING, deliveryHash: "0x13" })).rejects.toThrow();
  await expect(open(mine, sealed.replace(/.$/, (c) => (c === "0" ? "1" : "0")), BINDING)).rejects.toThrow();
});

it("does not tell how long a text is", async () => {
  const key = await publicKeyHex(await deriveKeys(fromHex("01".repeat(65))));
  const [short, long] = await Promise.all([seal(key, "A", BINDING), seal(key, "A".repeat(200), BINDING)]);
  expect(short.length).toBe(long.length);
  expect(short).not.toBe(await seal(key, "A", BINDING));
});
