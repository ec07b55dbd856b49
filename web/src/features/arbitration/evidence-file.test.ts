import { expect, it } from "vitest";
import { canonical } from "./evidence-file";

it("writes the same content the same way, whatever the order of its keys", () => {
  const piece = { salt: "s", order_id: 7, name: "杯子 \"1\"", files: [{ mime: "image/png", data: "", name: "a" }] };
  expect(canonical(piece)).toBe('{"files":[{"data":"","mime":"image/png","name":"a"}],"name":"杯子 \\"1\\"","order_id":7,"salt":"s"}');
  expect(canonical({ b: 1, a: { d: 2, c: [] } })).toBe('{"a":{"c":[],"d":2},"b":1}');
});
