import type { UseQueryResult } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isNotFound, Problem } from "@/lib/api/problem";
import { Button } from "./button";

/** Ruled blank lines while rows are on their way: the same height as what replaces them. */
export function Blank({ lines = 6, height = 48 }: { lines?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")}>
      {Array.from({ length: lines }, (_, n) => (
        <div key={n} className="flex items-center border-b border-line" style={{ height }}>
          <div className="h-3 animate-pulse rounded bg-sunken" style={{ width: `${70 - ((n * 17) % 40)}%` }} />
        </div>
      ))}
    </div>
  );
}

export function Empty({ title, text, action }: { title: string; text?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-3 border-y border-line py-10">
      <p className="font-serif text-xl text-title">{title}</p>
      {text !== undefined && <p className="max-w-[44rem] text-ink-soft">{text}</p>}
      {action}
    </div>
  );
}

export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const known = error instanceof Problem;
  const title = isNotFound(error) ? t("trouble.not_found") : known ? t("trouble.refused") : t("trouble.unreachable");
  const text = isNotFound(error)
    ? t("trouble.not_found_text")
    : known
      ? error.message
      : t("trouble.unreachable_text");
  return (
    <div role="alert" className="flex flex-col items-start gap-3 border-y border-line py-10">
      <p className="font-serif text-xl text-harm">{title}</p>
      <p className="max-w-[44rem] text-ink-soft">{text}</p>
      {onRetry !== undefined && !isNotFound(error) && (
        <Button onClick={onRetry}>
          <RefreshCw aria-hidden size={16} />
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}

interface AnswerProps<T> {
  query: UseQueryResult<T>;
  blank?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Waiting, failed, or here: every page that reads one thing goes through this. */
export function Answer<T>({ query, blank, children }: AnswerProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
  return <>{blank ?? <Blank />}</>;
}
