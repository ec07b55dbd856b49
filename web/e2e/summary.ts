import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** Ends the run with one line that a script can read. */
export default class Summary implements Reporter {
  private readonly outcomes = new Map<string, boolean>();

  onTestEnd(test: TestCase, result: TestResult) {
    this.outcomes.set(test.id, result.status === "passed" || result.status === "skipped");
  }

  onEnd() {
    const all = [...this.outcomes.values()];
    const passed = all.filter((good) => good).length;
    console.log(`${passed} passed, ${all.length - passed} failed`);
  }

  printsToStdio() {
    return true;
  }
}
