import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsHandover } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Address } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, TextArea } from "@/ui/field";
import { When } from "@/ui/when";

function Said({ handover }: { handover: OpsHandover }) {
  const { t } = useLanguage();
  const { firing, acknowledged, incidents } = handover;
  return (
    <div className="border-b border-line py-3">
      <p className="flex flex-wrap items-center gap-x-3 text-sm text-ink-soft">
        <Address address={handover.by} to="none" />
        <When at={handover.at} />
      </p>
      <p className="mt-1 max-w-[44rem] break-words whitespace-pre-line">{handover.note}</p>
      <p className="mt-1 flex flex-wrap gap-x-3 text-sm text-ink-soft">
        <span>{t("handover.standing", { firing, acknowledged })}</span>
        {incidents.length > 0 && (
          <span>
            {t("handover.incidents")}{" "}
            {incidents.map((id) => (
              <Link key={id} to="/office/incidents/$id" params={{ id: String(id) }} className="link mr-2">
                {t("watch.incident", { id })}
              </Link>
            ))}
          </span>
        )}
      </p>
    </div>
  );
}

/** The last handover in full, the ones before folded away, and where the next one is written. */
export function Handover() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const query = useQuery(read("/ops/handovers"));
  const [note, setNote] = useState("");
  const save = useMutation({
    mutationFn: async () => {
      await client.POST("/ops/handovers", { body: { note } });
      setNote((now) => (now === note ? "" : now));
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "/ops/handovers" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (note.trim() !== "") save.mutate();
  };
  return (
    <>
      <Answer query={query}>
        {([last, ...earlier]) => (
          <>
            {last === undefined ? <p className="text-ink-soft">{t("handover.none")}</p> : <Said handover={last} />}
            {earlier.length > 0 && (
              <details className="mt-2">
                <summary className="link cursor-pointer">{t("handover.earlier")}</summary>
                {earlier.map((one) => (
                  <Said key={one.at + one.by} handover={one} />
                ))}
              </details>
            )}
          </>
        )}
      </Answer>
      <form onSubmit={submit} className="mt-5 max-w-[44rem] space-y-3">
        <Field label={t("handover.note")}>
          {(a) => <TextArea {...a} rows={3} maxLength={4000} value={note} onChange={(e) => setNote(e.target.value)} />}
        </Field>
        <Button type="submit" busy={save.isPending} blocked={note.trim() === "" ? t("handover.missing") : null}>
          {t("handover.hand_over")}
        </Button>
        {save.isError && (
          <p role="alert" className="text-harm">
            {t("handover.failed", { message: save.error.message })}
          </p>
        )}
      </form>
    </>
  );
}
