import { expect, it } from "vitest";
import { noteRecommender, recommendation, recommenderOf } from "./affiliate";

const HER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const DAY = 86_400_000;

it("remembers the last link for thirty days, and never a party of the purchase", () => {
  noteRecommender(`?via=${HER}`, 0);
  noteRecommender("?via=0x12", 5 * DAY);
  noteRecommender("", 6 * DAY);
  expect(recommenderOf(["0x00"], 29 * DAY)).toBe(HER);
  expect(recommenderOf([HER.toLowerCase()], DAY)).toBeNull();
  expect(recommenderOf([], 31 * DAY)).toBeNull();
  expect(recommendation("http://guild.test", "7", HER)).toBe(`http://guild.test/offers/7?via=${HER}`);
});
