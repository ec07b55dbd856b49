import { expect, it } from "vitest";
import { choiceOf, keyOf, sealVote, secretOf, type Seat } from "./panel";

const seat: Seat = { id: "3", round: 1, account: "0x0202020202020202020202020202020202020202" };
const key = keyOf(`0x${"11".repeat(65)}`);

it("derives the same secret again, and another for every seat and use", () => {
  const vote = secretOf(key, "vote", seat);
  expect(secretOf(key, "vote", { ...seat })).toBe(vote);
  const others = [
    secretOf(key, "draw", seat),
    secretOf(key, "vote", { ...seat, id: "4" }),
    secretOf(key, "vote", { ...seat, round: 0 }),
    secretOf(keyOf("0x22"), "vote", seat),
  ];
  expect(new Set([vote, ...others]).size).toBe(5);
});

it("finds the choice in a sealed vote, and none in a foreign one", () => {
  const salt = secretOf(key, "vote", seat);
  for (const choice of [0, 1, 2]) expect(choiceOf(seat, sealVote(seat, choice, salt), salt)).toBe(choice);
  expect(choiceOf(seat, sealVote({ ...seat, round: 0 }, 1, salt), salt)).toBeNull();
});
