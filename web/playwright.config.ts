import { defineConfig } from "@playwright/test";

/** The specs run against a Guildhall that is already up, in Debian's own Chromium. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  workers: 1,
  // A crowded CI machine may miss a time limit once; a second miss is a defect.
  retries: process.env["CI"] ? 1 : 0,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["./e2e/summary.ts"]],
  use: {
    baseURL: process.env.GUILDHALL_URL ?? "http://127.0.0.1:8080",
    locale: "en-GB",
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
