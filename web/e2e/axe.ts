import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What somebody with a screen reader would stumble over, a line a rule of axe. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate<AxeResults>("axe.run(document)");
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | ")}`);
}

/** Looks again for a while: a page may be between two states when axe looks, but what is wrong with it stays wrong. */
export async function expectClean(page: Page, ready: () => Promise<void> = () => Promise.resolve()) {
  await expect(async () => {
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await ready();
    expect(await violations(page), page.url()).toEqual([]);
  }).toPass({ timeout: 30_000 });
}
