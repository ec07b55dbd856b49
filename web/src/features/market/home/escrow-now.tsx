import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { readList } from "@/lib/api/read";
import type { Solvency } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Count, Money } from "@/ui/money";

function Lines({ books }: { books: Solvency }) {
  const { t } = useLanguage();
  return (
    <>
      {books.tokens.map(({ token, symbol, decimals, balance, liabilities, covered }) => (
        <dl key={token} className="border-b border-line py-2.5">
          <div className="flex items-baseline justify-between gap-4">
            <dt className="text-ink-soft">{t("solvency.held")}</dt>
            <dd className="text-lg">
              <Money value={{ amount: balance, token, symbol, decimals }} />
            </dd>
          </div>
          <div className="flex items-baseline justify-between gap-4">
            <dt className="text-ink-soft">{t("solvency.owed")}</dt>
            <dd className="text-lg">
              <Money value={{ amount: liabilities, token, symbol, decimals }} />
            </dd>
          </div>
          {!covered && (
            <div className="mt-1 text-harm">
              <dt className="sr-only">{t("solvency.coverage")}</dt>
              <dd>{t("solvency.short")}</dd>
            </div>
          )}
        </dl>
      ))}
    </>
  );
}

/** Is it solvent? Answered on the first screen, from the last block. */
export function EscrowNow() {
  const { t } = useLanguage();
  const books = useQuery(readList("/market/solvency")).data;
  const covered = books?.tokens.every((token) => token.covered && token.agrees) ?? true;
  return (
    <section aria-labelledby="escrow-now" className="min-h-[228px]">
      <div className="rule-double flex items-baseline justify-between gap-4 pb-2">
        <h2 id="escrow-now" className="text-xl">
          {t("home.escrow")}
        </h2>
        {books !== undefined && (
          <span className="text-sm text-ink-faint">
            {t("shell.block")} <Count value={books.block.number} />
          </span>
        )}
      </div>
      {books !== undefined && (
        <>
          <Lines books={books} />
          <p className="mt-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            {covered ? (
              <span className="flex items-center gap-2 font-semibold text-safe">
                <CircleCheck aria-hidden size={18} />
                {t("solvency.covered")}
              </span>
            ) : (
              <span className="flex items-center gap-2 font-semibold text-harm">
                <TriangleAlert aria-hidden size={18} />
                {t("solvency.not_covered")}
              </span>
            )}
            <Link to="/solvency" className="link">
              {t("home.check")}
            </Link>
          </p>
        </>
      )}
    </section>
  );
}
