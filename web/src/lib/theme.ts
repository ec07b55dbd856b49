import { createStore } from "./store";

export type Theme = "light" | "dark" | "system";

const KEY = "guildhall.theme";

function readTheme(): Theme {
  try {
    const raw = localStorage.getItem(KEY);
    return raw === "light" || raw === "dark" ? raw : "system";
  } catch {
    return "system";
  }
}

// The value is stored bare, not as JSON, because theme.js reads it before any module runs.
const store = createStore<Theme>("guildhall.theme.state", () => readTheme());

const prefersDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

function apply(theme: Theme) {
  const dark = theme === "dark" || (theme === "system" && prefersDark());
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#1d1711" : "#f6f0e4");
}

export function setTheme(theme: Theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts until the page closes.
  }
  store.set(theme);
  apply(theme);
}

export const useTheme = store.use;

export function startTheme() {
  apply(store.get());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(store.get()));
}
