import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLiveUpdates } from "@/lib/live";
import { StatementBanner } from "@/features/house/statements";
import { SigningProvider } from "@/ui/signing/context";
import { DemoRibbon } from "./demo-ribbon";
import { Footer } from "./footer";
import { Header } from "./header";

/** After a change of page the reader of a screen reader starts at its heading, as a page load would have it. */
function useFocusOnNavigation() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const last = useRef(path);
  useEffect(() => {
    if (last.current !== path) main.current?.focus({ preventScroll: true });
    last.current = path;
  }, [path]);
  return main;
}

export function Shell() {
  const { t } = useTranslation();
  const main = useFocusOnNavigation();
  useLiveUpdates();
  return (
    <SigningProvider>
      <a
        href="#main"
        className="absolute top-2 left-2 z-50 -translate-y-16 rounded-[6px] bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
      >
        {t("shell.skip")}
      </a>
      <div className="flex min-h-dvh flex-col">
        <Header />
        <StatementBanner />
        <main id="main" ref={main} tabIndex={-1} className="page min-h-dvh grow pb-16 outline-none">
          <Outlet />
        </main>
        <DemoRibbon />
        <Footer />
      </div>
    </SigningProvider>
  );
}
