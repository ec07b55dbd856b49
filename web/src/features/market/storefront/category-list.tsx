import { Link, useNavigate } from "@tanstack/react-router";
import type { Category } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Select } from "@/ui/field";
import { Count } from "@/ui/money";

const ROW = "flex min-h-10 items-center justify-between gap-3 border-b border-line";

/** A ruled column beside the offers; on a phone one select instead. */
export function CategoryList({ categories, chosen }: { categories: readonly Category[]; chosen: string | undefined }) {
  const { t, language } = useLanguage();
  const navigate = useNavigate();
  const total = categories.reduce((sum, { offers }) => sum + offers, 0);
  const look = (active: boolean) => (active ? "font-semibold text-accent-ink" : "text-ink-soft hover:text-ink");
  return (
    <>
      <nav aria-label={t("market.categories")} className="hidden border-t border-line lg:block">
        <Link to="/market" className={`${ROW} ${look(chosen === undefined)}`}>
          {t("market.everything")}
          <span className="text-sm text-ink-faint">
            <Count value={total} />
          </span>
        </Link>
        {categories.map(({ slug, name, offers }) => (
          <Link key={slug} to="/market" search={{ category: slug }} className={`${ROW} ${look(chosen === slug)}`}>
            {localized(name, language)}
            <span className="text-sm text-ink-faint">
              <Count value={offers} />
            </span>
          </Link>
        ))}
      </nav>
      <Select
        aria-label={t("market.categories")}
        value={chosen ?? ""}
        className="lg:hidden"
        onChange={(event) => void navigate({ to: "/market", search: { category: event.target.value || undefined } })}
      >
        <option value="">{t("market.everything")}</option>
        {categories.map(({ slug, name, offers }) => (
          <option key={slug} value={slug}>
            {localized(name, language)} ({offers})
          </option>
        ))}
      </Select>
    </>
  );
}
