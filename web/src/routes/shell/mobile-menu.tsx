import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LANGUAGES, setLanguage, useLanguage } from "@/lib/i18n";
import { setTheme, useTheme } from "@/lib/theme";
import { buttonClass } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { LANGUAGE_NAMES, THEMES } from "./choices";
import { DOORS } from "./doors";
import { InboxCount } from "./inbox-count";

export default function MobileMenu({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { language } = useLanguage();
  const theme = useTheme();
  return (
    <Dialog open onClose={onClose} title={t("shell.menu")}>
      {DOORS.map(({ id, pages, home }) => (
        <section key={id} className="mt-4 border-t border-line pt-3">
          <h3 className="text-xl">
            <Link to={home} onClick={onClose}>
              {t(`door.${id}`)}
            </Link>
          </h3>
          <ul className="mt-1 grid grid-cols-2">
            {pages.map(({ to, key }) => (
              <li key={to}>
                <Link to={to} onClick={onClose} className="flex min-h-10 items-center text-ink-soft">
                  {t(`page.${key}`)}
                  {key === "approvals" && <InboxCount />}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <section className="mt-4 flex flex-wrap gap-2 border-t border-line pt-4">
        {LANGUAGES.map((choice) => (
          <button
            key={choice}
            type="button"
            aria-pressed={choice === language}
            lang={choice === "zh" ? "zh-CN" : "en"}
            onClick={() => void setLanguage(choice)}
            className={buttonClass(choice === language ? "chosen" : "outline", true)}
          >
            {LANGUAGE_NAMES[choice]}
          </button>
        ))}
        <span className="w-full" />
        {THEMES.map((choice) => (
          <button
            key={choice}
            type="button"
            aria-pressed={choice === theme}
            onClick={() => setTheme(choice)}
            className={buttonClass(choice === theme ? "chosen" : "outline", true)}
          >
            {t(`theme.${choice}`)}
          </button>
        ))}
      </section>
    </Dialog>
  );
}
