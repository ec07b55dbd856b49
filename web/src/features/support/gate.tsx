import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLanguage } from "@/lib/i18n";
import { useSession } from "@/lib/queries";
import { sessionIsFor } from "@/lib/wallet/session";
import { useWallet } from "@/lib/wallet/state";
import { useSessionGate } from "@/lib/wallet/use-session-gate";
import { Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { useSigning } from "@/ui/signing/context";

/** Tickets are somebody's: who that is, a wallet says by signing in. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const session = useSession().data;
  const { connect } = useSigning();
  const enter = useMutation({ mutationFn: useSessionGate() });
  if (sessionIsFor(session, wallet)) return <>{children}</>;
  return (
    <>
      <Empty
        title={t("help.sign_in_title")}
        text={t("privacy.sign_in_text")}
        action={
          <Button look="primary" busy={enter.isPending} onClick={() => (wallet === null ? connect() : enter.mutate())}>
            {t(wallet === null ? "wallet.connect" : "wallet.sign_in")}
          </Button>
        }
      />
      {enter.isError && (
        <p role="alert" className="mt-4 text-harm">
          {t("privacy.failed", { message: enter.error.message })}
        </p>
      )}
    </>
  );
}
