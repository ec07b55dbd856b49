import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useChain } from "@/lib/queries";
import { Count } from "@/ui/money";

export function Footer() {
  const { t } = useTranslation();
  const chain = useChain().data;
  return (
    <footer className="border-t border-line-strong">
      <div className="page flex flex-wrap items-baseline justify-between gap-x-8 gap-y-3 py-6 text-[15px] text-ink-soft">
        <p className="max-w-[34rem]">{t("shell.footer")}</p>
        <ul className="flex flex-wrap gap-x-6 gap-y-2">
          <li>
            <Link to="/learn" className="link">
              {t("page.learn")}
            </Link>
          </li>
          <li>
            <Link to="/status" className="link">
              {t("page.status")}
            </Link>
          </li>
          <li>
            <a href="/api/v1/openapi.json" className="link">
              {t("shell.api")}
            </a>
          </li>
          {chain !== undefined && (
            <li>
              <Link to="/explorer/blocks/$id" params={{ id: String(chain.head.number) }} className="link">
                {t("shell.block")} <Count value={chain.head.number} />
              </Link>
            </li>
          )}
        </ul>
      </div>
    </footer>
  );
}
