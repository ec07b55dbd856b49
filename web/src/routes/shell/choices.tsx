import { Languages, Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, setLanguage, useLanguage } from "@/lib/i18n";
import { setTheme, useTheme, type Theme } from "@/lib/theme";
import { IconButton } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";

/** Each language is named in itself, so that whoever needs it can read it. */
export const LANGUAGE_NAMES = { en: "English", zh: "中文" } as const;
export const THEMES: readonly Theme[] = ["system", "light", "dark"];
const ICONS = { system: Monitor, light: Sun, dark: Moon };

export function LanguageMenu() {
  const { t, language } = useLanguage();
  return (
    <Menu
      trigger={
        <IconButton label={t("shell.language")}>
          <Languages aria-hidden size={20} />
        </IconButton>
      }
    >
      {LANGUAGES.map((choice) => (
        <MenuItem key={choice} checked={choice === language} onSelect={() => void setLanguage(choice)}>
          <span lang={choice === "zh" ? "zh-CN" : "en"}>{LANGUAGE_NAMES[choice]}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}

export function ThemeMenu() {
  const { t } = useTranslation();
  const theme = useTheme();
  const Icon = ICONS[theme];
  return (
    <Menu
      trigger={
        <IconButton label={t("shell.theme")}>
          <Icon aria-hidden size={20} />
        </IconButton>
      }
    >
      {THEMES.map((choice) => (
        <MenuItem key={choice} checked={choice === theme} onSelect={() => setTheme(choice)}>
          {t(`theme.${choice}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
