import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell as BellIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { read } from "@/lib/api/read";
import { useSession } from "@/lib/queries";
import { sessionIsFor } from "@/lib/wallet/session";
import { useWallet } from "@/lib/wallet/state";

/** How much news there is, for whoever is signed in. */
export function Bell() {
  const { t } = useTranslation();
  const wallet = useWallet();
  const signedIn = sessionIsFor(useSession().data, wallet);
  const unread = useQuery({ ...read("/notices/unread"), enabled: signedIn, refetchInterval: 60_000 }).data;
  if (!signedIn) return null;
  const count = unread?.count ?? 0;
  return (
    <Link
      to="/desk/notices"
      aria-label={t("shell.notices", { count })}
      title={t("shell.notices", { count })}
      className="relative hidden size-10 items-center justify-center rounded-[6px] text-ink-soft hover:bg-sunken hover:text-ink sm:inline-flex"
    >
      <BellIcon aria-hidden size={20} />
      {count > 0 && (
        <span className="figures absolute top-0.5 right-0 min-w-4.5 rounded-full bg-accent px-1 text-center text-xs leading-4.5 font-bold text-on-accent">
          {count}
        </span>
      )}
    </Link>
  );
}
