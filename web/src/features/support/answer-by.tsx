import { useQuery } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import { read } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { formatDateTime } from "@/lib/time";

/** By when whoever asks now is answered, and when the office is open. */
export function AnswerBy() {
  const { t, locale } = useLanguage();
  const now = useQuery({ ...read("/support/hours"), refetchInterval: 60_000 }).data;
  if (now === undefined) return null;
  const { days, opens, closes, utc_offset_minutes } = now.hours;
  const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  // 5 January 1970 was a Monday.
  const name = (day: number) =>
    new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(Date.UTC(1970, 0, 5 + day));
  const open = days.flatMap((on, day) => (on ? [name(day)] : [])).join(t("help.day_separator"));
  const offset = `UTC${utc_offset_minutes < 0 ? "−" : "+"}${clock(Math.abs(utc_offset_minutes))}`;
  return (
    <p className="flex items-start gap-3 text-ink-soft">
      <Clock aria-hidden size={20} className="mt-0.5 shrink-0" />
      <span>
        <span className="block font-semibold text-ink">{t("help.answer_by", { date: formatDateTime(now.answer_by, locale) })}</span>
        {t("help.hours", { days: open, from: clock(opens), to: clock(closes), zone: offset })}
      </span>
    </p>
  );
}
