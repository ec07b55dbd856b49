// The layout check must find what it is there for. Run by: node --test script/
import assert from "node:assert/strict";
import { test } from "node:test";
import { breaks } from "./layout.mjs";

const field = (name, slot, offset, bytes, type) => ({ name, slot, offset, bytes, type });
const layout = (fields, more = {}) => ({
  root: "struct L",
  structs: { "struct L": { bytes: 64, fixed: false, fields, ...more } },
});
const before = layout([field("a", 0, 0, 20, "address"), field("b", 1, 0, 32, "uint256")]);

test("a field in spare bytes or behind the last is an append", () => {
  const after = layout([field("a", 0, 0, 20, "address"), field("x", 0, 20, 1, "uint8"), field("b", 1, 0, 32, "uint256"),
    field("c", 2, 0, 32, "uint256")]);
  assert.deepEqual(breaks(before, after), []);
});

test("a field that moved is told", () => {
  const after = layout([field("a", 1, 0, 20, "address"), field("b", 0, 0, 32, "uint256")]);
  assert.equal(breaks(before, after).length, 2);
});

test("a field of another type, another name, or none is told", () => {
  const retyped = layout([field("a", 0, 0, 20, "contract X"), field("b", 1, 0, 32, "uint256")]);
  assert.deepEqual(breaks(before, retyped), ["struct L.a was address and is contract X"]);
  const renamed = layout([field("z", 0, 0, 20, "address"), field("b", 1, 0, 32, "uint256")]);
  assert.deepEqual(breaks(before, renamed), ["struct L.a is gone"]);
  assert.deepEqual(breaks(before, { root: "", structs: {} }), ["struct L is gone"]);
});

test("a struct in an array keeps its size", () => {
  const fields = [field("a", 0, 0, 20, "address")];
  const grown = layout(fields, { bytes: 96, fixed: true });
  assert.equal(breaks(layout(fields, { bytes: 64, fixed: true }), grown).length, 1);
});
