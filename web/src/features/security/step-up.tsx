import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/lib/api/client";
import { useSession } from "@/lib/queries";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { canPasskeys, NotGiven, showPasskey } from "./passkey";

/** What is left of a step-up must be enough for one request. */
const MARGIN_MS = 5_000;

interface StepUp {
  /**
   * Does it at once where a second factor was given lately, and asks for one first where it was not. What sets up an
   * account's `first` factor is done without.
   */
  guarded: (action: () => void, options?: { first: boolean }) => void;
  /** The question; to be put anywhere on the page. */
  question: ReactNode;
}

/** Asks for the second factor before what takes one: a passkey, or a code. */
export function useStepUp(): StepUp {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const session = useSession().data;
  const [waiting, setWaiting] = useState<(() => void) | null>(null);
  const [code, setCode] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const fresh = () => session?.stepped_up_until != null && Date.parse(session.stepped_up_until) > Date.now() + MARGIN_MS;
  const close = () => {
    setWaiting(null);
    setCode("");
    setTrouble(null);
  };
  const give = async (factor: () => Promise<unknown>) => {
    setBusy(true);
    try {
      queries.setQueryData(["/auth/session", {}], await factor());
      void queries.invalidateQueries({ queryKey: ["/auth/passkeys"] });
      const action = waiting;
      close();
      action?.();
    } catch (error) {
      if (error instanceof NotGiven) setTrouble(t("security.not_given"));
      else setTrouble(error instanceof Error ? error.message : String(error));
      setCode("");
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void give(async () => (await client.POST("/auth/step-up", { body: { code } })).data);
  };
  const kinds = session?.second_factors ?? [];
  const byPasskey = kinds.includes("passkey") && canPasskeys();
  const byCode = kinds.includes("app");
  const question = (
    <Dialog open={waiting !== null} onClose={close} title={t("security.give_code")} lead={t("security.give_code_text")}>
      {kinds.length === 0 ? (
        <p className="mt-6">
          {t("security.none_yet")} <Link to="/office/security" className="link">{t("security.set_up")}</Link>
        </p>
      ) : (
        <div className="mt-6 flex flex-col items-start gap-6">
          {byPasskey && (
            <Button look="primary" busy={busy} onClick={() => void give(showPasskey)}>{t("security.use_passkey")}</Button>
          )}
          {!byPasskey && !byCode && <p>{t("security.no_passkeys_here")}</p>}
          {byCode && (
            <form onSubmit={submit} className="flex flex-col items-start gap-4">
              <Field label={t("security.code")} hint={t("security.code_hint")} error={trouble}>
                {(a) => <Input {...a} autoFocus={!byPasskey} autoComplete="one-time-code" maxLength={20} value={code} onChange={(event) => setCode(event.target.value)} />}
              </Field>
              <Button type="submit" look={byPasskey ? "outline" : "primary"} busy={busy} blocked={code.trim() === "" ? t("security.code_first") : null}>
                {t("security.confirm")}
              </Button>
            </form>
          )}
          {!byCode && trouble !== null && <p role="alert" className="text-harm">{trouble}</p>}
        </div>
      )}
    </Dialog>
  );
  const free = (first: boolean) => fresh() || (first && session?.second_factors.length === 0);
  return { guarded: (action, options) => (free(options?.first === true) ? action() : setWaiting(() => action)), question };
}
