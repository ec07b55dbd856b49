import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type { Localized } from "@/lib/api/types";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = "guildhall.language";
const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

function preferred(): Language {
  try {
    const stored = localStorage.getItem(KEY);
    if (stored === "en" || stored === "zh") return stored;
  } catch {
    // Without storage the browser's own languages decide.
  }
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("zh")) ? "zh" : "en";
}

const load = async (language: Language) =>
  (language === "zh" ? await import("@/locales/zh") : await import("@/locales/en")).default;

export async function startI18n() {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await load(language) } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = LOCALES[language];
}

export async function setLanguage(language: Language) {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", await load(language));
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = LOCALES[language];
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Without storage the choice lasts until the page closes.
  }
}

export function useLanguage() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === "zh" ? "zh" : "en";
  return { t, language, locale: LOCALES[language] };
}

/** A text that its author wrote in two languages; the other one stands in for a missing one. */
export const localized = (text: Localized, language: Language): string => text[language] || text.en || text.zh;
