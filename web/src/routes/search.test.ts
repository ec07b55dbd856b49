import { expect, it } from "vitest";
import { keep, parseSearch, stringifySearch } from "./search";

it("round-trips filters as plain text", () => {
  const search = { q: "tea & honey", category: "pantry" };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
  expect(stringifySearch({ q: "", cursor: undefined })).toBe("");
});

it("keeps only what the route knows", () => {
  expect(keep("q", "cursor")({ q: "12", cursor: "", evil: "x" })).toEqual({ q: "12" });
});
