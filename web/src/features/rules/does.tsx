import { useQuery } from "@tanstack/react-query";
import { read } from "@/lib/api/read";
import type { OpsRule } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";

/** What a rule does by itself when it fires. */
export function Does({ rule }: { rule: OpsRule }) {
  const { t, language } = useLanguage();
  const playbooks = useQuery(read("/ops/playbooks"));
  if (!rule.applies) return <span className="text-ink-faint">{t("watch.not_here")}</span>;
  if (rule.shadow) return t("watch.shadow");
  const playbook = playbooks.data?.find(({ id }) => id === rule.playbook);
  return playbook === undefined ? (rule.playbook ?? t("watch.only_tells")) : localized(playbook.title, language);
}
