import { useLanguage } from "@/lib/i18n";
import { useNow } from "@/lib/queries";
import { formatDateTime, formatExact, formatRelative } from "@/lib/time";

/** An instant in the reader's zone; the exact one is a hover away. */
export function When({ at, relative = false }: { at: string | number; relative?: boolean }) {
  const { locale } = useLanguage();
  const now = useNow();
  return (
    <time dateTime={formatExact(at)} title={formatExact(at)} className="figures">
      {relative ? formatRelative(at, now, locale) : formatDateTime(at, locale)}
    </time>
  );
}
