import { useTranslation } from "react-i18next";
import { useDemo } from "@/lib/queries";

/** Says on every page that this town is a play: its keys are public and its money buys nothing. */
export function DemoRibbon() {
  const { t } = useTranslation();
  const demo = useDemo().data;
  if (!demo) return null;
  return (
    <aside aria-label={t("demo.label")} className="border-t border-line bg-sunken text-sm text-ink-soft" data-print="hide">
      <p className="page py-1.5">{t("demo.ribbon")}</p>
    </aside>
  );
}
