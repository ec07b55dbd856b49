import { Link, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon, Search, ShoppingBasket } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBasket } from "@/lib/basket";
import { IconButton } from "@/ui/button";
import { Bell } from "./bell";
import { DOORS, doorOf } from "./doors";
import { InboxCount } from "./inbox-count";
import { LanguageMenu, ThemeMenu } from "./choices";
import { Logo } from "./logo";
import { WalletMenu } from "./wallet-menu";

const Palette = lazy(() => import("./palette"));
const MobileMenu = lazy(() => import("./mobile-menu"));

function useCtrlK(open: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      open();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [open]);
}

function BasketLink() {
  const { t } = useTranslation();
  const count = useBasket().reduce((sum, line) => sum + line.quantity, 0);
  return (
    <Link
      to="/basket"
      aria-label={t("shell.basket", { count })}
      title={t("shell.basket", { count })}
      className="relative inline-flex size-10 items-center justify-center rounded-[6px] text-ink-soft hover:bg-sunken hover:text-ink"
    >
      <ShoppingBasket aria-hidden size={20} />
      {count > 0 && (
        <span className="figures absolute top-0.5 right-0 min-w-4.5 rounded-full bg-accent px-1 text-center text-xs leading-4.5 font-bold text-on-accent">
          {count}
        </span>
      )}
    </Link>
  );
}

export function Header() {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const door = doorOf(path);
  const [finding, setFinding] = useState(false);
  const [menu, setMenu] = useState(false);
  useCtrlK(() => setFinding(true));
  useEffect(() => setMenu(false), [path]);

  return (
    <header className="border-b border-line-strong">
      <div className="page flex h-16 items-center gap-2 md:gap-4">
        <Logo />
        <nav aria-label={t("shell.doors")} className="ml-6 hidden gap-1 lg:flex">
          {DOORS.map(({ id, home }) => (
            <Link
              key={id}
              to={home}
              aria-current={door.id === id ? "true" : undefined}
              className={`flex h-16 items-center border-b-[3px] px-3 pt-[3px] font-serif text-[19px] whitespace-nowrap ${
                door.id === id ? "border-accent text-title" : "border-transparent text-ink-soft hover:text-ink"
              }`}
            >
              {t(`door.${id}`)}
            </Link>
          ))}
        </nav>
        <div className="ml-auto flex items-center gap-0.5 sm:gap-1">
          <button
            type="button"
            onClick={() => setFinding(true)}
            className="inline-flex h-10 items-center gap-2 rounded-[6px] px-2.5 whitespace-nowrap text-ink-soft hover:bg-sunken hover:text-ink xl:border xl:border-line-strong"
          >
            <Search aria-hidden size={20} />
            <span className="sr-only xl:not-sr-only">{t("shell.find")}</span>
            <kbd className="ml-4 hidden font-sans text-sm text-ink-faint xl:inline">Ctrl K</kbd>
          </button>
          <span className="hidden lg:inline-flex">
            <LanguageMenu />
            <ThemeMenu />
          </span>
          <Bell />
          <BasketLink />
          <WalletMenu />
          <IconButton label={t("shell.menu")} className="lg:hidden" onClick={() => setMenu(true)}>
            <MenuIcon aria-hidden size={22} />
          </IconButton>
        </div>
      </div>
      <nav aria-label={t(`door.${door.id}`)} className="hidden border-t border-line lg:block">
        <div className="page flex flex-wrap gap-x-6">
          {door.pages.map(({ to, key }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: to === "/desk" || to === "/office" || to === "/explorer", includeSearch: false }}
              activeProps={{ className: "text-accent-ink font-semibold" }}
              inactiveProps={{ className: "text-ink-soft hover:text-ink" }}
              className="flex h-10 items-center whitespace-nowrap"
            >
              {t(`page.${key}`)}
              {key === "approvals" && <InboxCount />}
            </Link>
          ))}
        </div>
      </nav>
      <Suspense fallback={null}>
        {finding && <Palette onClose={() => setFinding(false)} />}
        {menu && <MobileMenu onClose={() => setMenu(false)} />}
      </Suspense>
    </header>
  );
}
