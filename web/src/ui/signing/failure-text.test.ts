import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";
import en from "@/locales/en";
import zh from "@/locales/zh";
import { failureText } from "./failure-text";

beforeAll(async () => {
  await i18next.init({
    lng: "en",
    resources: { en: { translation: en }, zh: { translation: zh } },
    interpolation: { escapeValue: false },
  });
});

it("says a revert in the reader's language, with its state as a word", () => {
  const failure = { kind: "revert", name: "WrongState", args: { orderId: "9", state: "2" } } as const;
  expect(failureText(failure, i18next.getFixedT("en"))).toContain("Order 9 has moved on: it is now accepted");
  expect(failureText(failure, i18next.getFixedT("zh"))).toContain("订单 9 已变为已接单");
});

it("names an error it has no words for", () => {
  const text = failureText({ kind: "revert", name: "Novel", args: {} }, i18next.getFixedT("en"));
  expect(text).toContain("(Novel)");
});

it("tells who is on hold until when, and that nothing is taken from them", () => {
  const failure = { kind: "on_hold", until: 1_800_000_000 } as const;
  const english = failureText(failure, i18next.getFixedT("en"));
  expect(english).toMatch(/on hold here until .*2027/);
  expect(english).toContain("Nothing is taken from you");
  expect(failureText(failure, i18next.getFixedT("zh"))).toMatch(/2027.*暂停受理/);
});
