import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/lib/api/client";
import { useSession } from "@/lib/queries";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";

/** What is left of a step-up must be enough for one request. */
const MARGIN_MS = 5_000;

interface StepUp {
  /** Does it at once where a code was given lately, and asks for one first where it was not. */
  guarded: (action: () => void) => void;
  /** The question; to be put anywhere on the page. */
  question: ReactNode;
}

/** Asks for a code of the second factor before what takes one. */
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
  const give = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { data } = await client.POST("/auth/step-up", { body: { code } });
      queries.setQueryData(["/auth/session", {}], data);
      const action = waiting;
      close();
      action?.();
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
      setCode("");
    } finally {
      setBusy(false);
    }
  };
  const question = (
    <Dialog open={waiting !== null} onClose={close} title={t("security.give_code")} lead={t("security.give_code_text")}>
      {session?.second_factor === false ? (
        <p className="mt-6">
          {t("security.none_yet")} <Link to="/office/security" className="link">{t("security.set_up")}</Link>
        </p>
      ) : (
        <form onSubmit={(event) => void give(event)} className="mt-6 flex flex-col items-start gap-4">
          <Field label={t("security.code")} hint={t("security.code_hint")} error={trouble}>
            {(a) => <Input {...a} autoFocus autoComplete="one-time-code" maxLength={20} value={code} onChange={(event) => setCode(event.target.value)} />}
          </Field>
          <Button type="submit" look="primary" busy={busy} blocked={code.trim() === "" ? t("security.code_first") : null}>
            {t("security.confirm")}
          </Button>
        </form>
      )}
    </Dialog>
  );
  return { guarded: (action) => (fresh() ? action() : setWaiting(() => action)), question };
}
