import { expect, it } from "vitest";
import { rotation } from "./rotation";

const OLD = "0x00000000000000000000000000000000000000aA";
const NEW = "0x00000000000000000000000000000000000000Bb";
const since = "2026-01-01T00:00:00Z";
const held = [
  { address: OLD.toLowerCase(), role: "admin", delay_seconds: 0, since },
  { address: OLD, role: "pauser", delay_seconds: 60, since },
  { address: NEW, role: "carrier", delay_seconds: 0, since },
  { address: OLD, role: "unheard-of", delay_seconds: 0, since },
];

it("gives every right to the new key before it takes any from the old, the administrator's last", () => {
  expect(rotation(held, OLD, NEW).map(({ call, args }) => [call.split("(")[0], ...args])).toEqual([
    ["grantRole", "2", NEW, "60"],
    ["grantRole", "0", NEW, "0"],
    ["revokeRole", "2", OLD],
    ["revokeRole", "0", OLD],
  ]);
});

it("has nothing to do for an account without rights", () => {
  expect(rotation(held, "0x00000000000000000000000000000000000000cC", NEW)).toEqual([]);
});
