import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { formatDateTime } from "@/lib/time";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { canPasskeys, makePasskey, NotGiven } from "./passkey";
import { useStepUp } from "./step-up";

const NAME_MAX = 60;

function Add({ onAdded }: { onAdded: () => Promise<void> }) {
  const { t } = useLanguage();
  const { guarded, question } = useStepUp();
  const [name, setName] = useState("");
  const add = useMutation({
    mutationFn: async () => {
      await makePasskey(name.trim());
      setName("");
      await onAdded();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The first factor of an account is set up by whoever is signed in.
    guarded(() => add.mutate(), { first: true });
  };
  if (!canPasskeys()) return <p className="text-ink-soft">{t("security.no_passkeys_here")}</p>;
  return (
    <>
      <form onSubmit={submit} className="mt-6 flex flex-col items-start gap-4">
        <Field label={t("security.passkey_name")} hint={t("security.passkey_name_hint")}>
          {(a) => <Input {...a} maxLength={NAME_MAX} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Button type="submit" look="primary" busy={add.isPending} blocked={name.trim() === "" ? t("security.passkey_name_first") : null}>
          {t("security.add_passkey")}
        </Button>
      </form>
      {add.isError && (
        <p role="alert" className="mt-4 text-harm">{add.error instanceof NotGiven ? t("security.not_given") : add.error.message}</p>
      )}
      {question}
    </>
  );
}

/** The passkeys of whoever is signed in. */
export function Passkeys() {
  const { t, locale } = useLanguage();
  const queries = useQueryClient();
  const { guarded, question } = useStepUp();
  const passkeys = useQuery(read("/auth/passkeys"));
  const refresh = () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/auth/") });
  const remove = useMutation({
    mutationFn: async (id: string) => {
      await client.DELETE("/auth/passkeys/{id}", { params: { path: { id } } });
      await refresh();
    },
  });
  return (
    <>
      {passkeys.data !== undefined && passkeys.data.length > 0 && (
        <ul>
          {passkeys.data.map((passkey) => (
            <li key={passkey.id} className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-2 border-b border-line py-4">
              <div className="min-w-0">
                <p className="font-serif text-lg break-words text-title">{passkey.name}</p>
                <p className="text-sm text-ink-soft">
                  {t("security.passkey_for", { site: passkey.site })}
                  {" · "}
                  {passkey.used_at == null ? t("security.never_used") : t("security.used", { date: formatDateTime(passkey.used_at, locale) })}
                </p>
              </div>
              <Button small busy={remove.isPending && remove.variables === passkey.id} onClick={() => guarded(() => remove.mutate(passkey.id))}>
                {t("security.remove_passkey")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {(passkeys.error ?? remove.error) != null && <p role="alert" className="mt-4 text-harm">{(passkeys.error ?? remove.error)?.message}</p>}
      <Add onAdded={refresh} />
      {question}
    </>
  );
}
