import { useQuery } from "@tanstack/react-query";
import { Megaphone, X } from "lucide-react";
import { useState } from "react";
import { read } from "@/lib/api/read";
import type { OpsStatement } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { IconButton } from "@/ui/button";
import { Section } from "@/ui/page";
import { When } from "@/ui/when";

const EVERY = 30_000;
const DISMISSED = "guildhall.statements.dismissed";

const useStatements = () => useQuery({ ...read("/ops/statements"), staleTime: EVERY, refetchInterval: EVERY }).data ?? [];

/** A statement that was changed is another one, though its number is the same. */
const mark = ({ id, begins }: OpsStatement) => `${id}@${begins}`;

function hidden(): string[] {
  try {
    return (sessionStorage.getItem(DISMISSED) ?? "").split(" ");
  } catch {
    // A browser that keeps nothing shows it again on the next page.
    return [];
  }
}

/** What the house says now, above every page, until its reader hides it for this visit. */
export function StatementBanner() {
  const { t, language } = useLanguage();
  const [gone, setGone] = useState(hidden);
  const shown = useStatements().filter((one) => one.current && !gone.includes(mark(one)));
  if (shown.length === 0) return null;
  const hide = (one: OpsStatement) => {
    const now = [...gone, mark(one)];
    setGone(now);
    try {
      sessionStorage.setItem(DISMISSED, now.join(" "));
    } catch {
      // See above.
    }
  };
  return (
    <aside aria-label={t("statement.label")} className="border-b-2 border-accent bg-raised" data-print="hide">
      {shown.map((one) => (
        <div key={mark(one)} className="page flex items-start gap-3 py-3">
          <Megaphone aria-hidden size={20} className="mt-0.5 shrink-0 text-accent-ink" />
          <div className="min-w-0 grow">
            <p className="max-w-[60rem] break-words whitespace-pre-line">{localized(one.text, language)}</p>
            <p className="text-sm text-ink-soft"><When at={one.begins} /></p>
          </div>
          <IconButton label={t("statement.dismiss")} className="-my-2" onClick={() => hide(one)}>
            <X aria-hidden size={20} />
          </IconButton>
        </div>
      ))}
    </aside>
  );
}

function Standing({ one }: { one: OpsStatement }) {
  const { t } = useLanguage();
  const word = one.current ? "now" : one.withdrawn ? "withdrawn" : "over";
  return <span className={one.current ? "text-accent-ink" : "text-ink-soft"}>{t(`statement.${word}`)}</span>;
}

/** What the house said, with its times. */
export function Statements() {
  const { t, language } = useLanguage();
  const all = useStatements();
  return (
    <Section title={t("statement.title")} lead={t("statement.lead")}>
      {all.length === 0 ? (
        <p className="text-ink-soft">{t("statement.none")}</p>
      ) : (
        <ul>
          {all.map((one) => (
            <li key={mark(one)} className="border-b border-line py-4">
              <p className="max-w-[44rem] break-words whitespace-pre-line">{localized(one.text, language)}</p>
              <p className="mt-1 flex flex-wrap gap-x-4 text-sm text-ink-soft">
                <Standing one={one} />
                <span><When at={one.begins} /> {t("statement.until")} <When at={one.ends} /></span>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
