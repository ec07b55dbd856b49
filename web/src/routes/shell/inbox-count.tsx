import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { read } from "@/lib/api/read";
import { READERS, useHolds } from "@/lib/staff";

const EVERY = 30_000;
/** Who has an inbox, as the endpoint has it. */

/** How much waits for whoever is signed in, beside the name of the page that lists it. */
export function InboxCount() {
  const { t } = useTranslation();
  const staff = useHolds(READERS);
  const count = useQuery({ ...read("/ops/inbox"), enabled: staff, refetchInterval: EVERY }).data?.length ?? 0;
  if (!staff || count === 0) return null;
  return (
    <>
      <span aria-hidden className="figures ml-1.5 min-w-4.5 rounded-full bg-accent px-1 text-center text-xs leading-4.5 font-bold text-on-accent">
        {count}
      </span>
      <span className="sr-only">, {t("inbox.count", { count })}</span>
    </>
  );
}
