import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { localized, useLanguage } from "@/lib/i18n";
import { useChain, useDemo, useSession } from "@/lib/queries";
import { connectPersona } from "@/lib/wallet/connect";
import { signIn } from "@/lib/wallet/session";
import { currentWallet, useWallet } from "@/lib/wallet/state";
import { Blank, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { useSigning } from "@/ui/signing/context";

const STAFF: readonly string[] = ["admin", "operator"];

function useEnter() {
  const queries = useQueryClient();
  const chain = useChain().data;
  const demo = useDemo().data;
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const enter = async () => {
    const wallet = currentWallet();
    if (chain === undefined || wallet === null) return;
    setBusy(true);
    setFailed(false);
    try {
      await signIn(queries, chain, wallet, demo ?? null);
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  };
  return { enter, busy, failed, demo };
}

/** The back office opens to whoever the Authority contract calls an operator, and says so to everyone else. */
export function OfficeGate({ children, roles = STAFF }: { children: ReactNode; roles?: readonly string[] }) {
  const { t, language } = useLanguage();
  const session = useSession();
  const wallet = useWallet();
  const { connect } = useSigning();
  const { enter, busy, failed, demo } = useEnter();
  const operator = demo?.personas.find(({ role }) => role === "operator");
  if (session.isPending) return <Blank lines={3} height={64} />;
  if (session.data?.roles?.some((role) => roles.includes(role))) return <>{children}</>;
  return (
    <>
      <Empty
        title={t(session.data?.address ? "office.not_staff" : "office.sign_in_title")}
        text={t("office.sign_in_text")}
        action={
          <span className="flex flex-wrap gap-3">
            {operator !== undefined && (
              <Button
                look="primary"
                busy={busy}
                onClick={() => {
                  connectPersona(operator);
                  void enter();
                }}
              >
                {t("office.as_operator", { name: localized(operator.name, language) })}
              </Button>
            )}
            {wallet === null ? (
              <Button onClick={connect}>{t("wallet.connect")}</Button>
            ) : (
              <Button busy={busy} onClick={() => void enter()}>
                {t("wallet.sign_in")}
              </Button>
            )}
          </span>
        }
      />
      {failed && (
        <p role="alert" className="mt-4 text-harm">
          {t("office.sign_in_failed")}
        </p>
      )}
    </>
  );
}
