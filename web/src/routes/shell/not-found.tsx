import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { buttonClass } from "@/ui/button";
import { PageHead } from "@/ui/page";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t("not_found.title")} lead={t("not_found.text")} />
      <Link to="/market" className={buttonClass("primary")}>
        {t("not_found.action")}
      </Link>
    </>
  );
}
