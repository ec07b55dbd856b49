import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { TicketDetail } from "@/lib/api/types";
import { localized, useLanguage, type Language } from "@/lib/i18n";
import { Address } from "@/ui/address";
import { Button } from "@/ui/button";
import { Check, Field, Select, TextArea } from "@/ui/field";
import { When } from "@/ui/when";

export function Messages({ ticket }: { ticket: TicketDetail }) {
  const { t } = useLanguage();
  return (
    <ol className="mb-8">
      {ticket.messages.map((message, n) => (
        <li
          key={n}
          className={`border-b border-line py-4 pl-4 ${message.internal ? "border-l-[3px] border-l-amber bg-sunken" : message.by_staff ? "border-l-[3px] border-l-accent" : "border-l-[3px] border-l-line-strong"}`}
        >
          <p className="flex flex-wrap items-center gap-x-3 text-sm text-ink-soft">
            <Address address={message.author.address} name={message.author.name} to="none" />
            {message.by_staff && <span>{t("help.staff")}</span>}
            {message.internal && <span className="font-semibold text-amber">{t("help.internal_mark")}</span>}
            <When at={message.at} />
          </p>
          <p className="mt-1 break-words whitespace-pre-line">{message.body}</p>
        </li>
      ))}
    </ol>
  );
}

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ predicate: ({ queryKey }) => /^\/(tickets|support)/.test(String(queryKey[0])) });
}

/** Answers to begin from, in the customer's language. */
function Canned({ ticket, onPick }: { ticket: TicketDetail; onPick: (text: string) => void }) {
  const { t, language } = useLanguage();
  const answers = useQuery(read("/support/answers")).data ?? [];
  const theirs: Language = ticket.language === "zh" ? "zh" : "en";
  return (
    <Field label={t("help.canned")} hint={t(`help.in_${theirs}`)}>
      {(a) => (
        <Select
          {...a}
          value=""
          onChange={(e) => {
            const picked = answers.find(({ id }) => id === e.target.value);
            if (picked !== undefined) onPick(localized(picked.body, theirs).replaceAll("{order}", ticket.order_id ?? "…"));
          }}
        >
          <option value="">{t("help.canned_pick")}</option>
          {answers.map(({ id, title }) => (
            <option key={id} value={id}>
              {localized(title, language)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

/** Where something is said: by the customer, or with a few more choices by staff. */
export function Reply({ ticket, staff = false }: { ticket: TicketDetail; staff?: boolean }) {
  const { t } = useLanguage();
  const refresh = useRefresh();
  const [body, setBody] = useState("");
  const [internal, setInternal] = useState(false);
  const [solves, setSolves] = useState(false);
  const say = useMutation({
    mutationFn: async () => {
      const path = { id: Number(ticket.id) };
      await client.POST("/tickets/{id}/messages", { params: { path }, body: { body, internal, solves: solves && !internal } });
      // What was begun meanwhile stays.
      setBody((now) => (now === body ? "" : now));
      setInternal(false);
      setSolves(false);
      await refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body.trim() !== "") say.mutate();
  };
  const closed = ticket.state === "closed";
  if (closed && !staff) return null;
  return (
    <form onSubmit={submit} className="space-y-4">
      {staff && <Canned ticket={ticket} onPick={setBody} />}
      <Field label={t(internal ? "help.note" : "help.message")}>
        {(a) => <TextArea {...a} rows={5} maxLength={4000} value={body} onChange={(e) => setBody(e.target.value)} />}
      </Field>
      {staff && (
        <div className="flex flex-wrap gap-x-8">
          <Check label={t("help.internal")} checked={internal || closed} disabled={closed} onChange={(e) => setInternal(e.target.checked)} />
          {!internal && !closed && <Check label={t("help.solves")} checked={solves} onChange={(e) => setSolves(e.target.checked)} />}
        </div>
      )}
      <Button look="primary" type="submit" busy={say.isPending} blocked={body.trim() === "" ? t("help.body_missing") : null}>
        {t(internal ? "help.keep_note" : "help.send")}
      </Button>
      {say.isError && (
        <p role="alert" className="text-harm">
          {t("help.failed", { message: say.error.message })}
        </p>
      )}
    </form>
  );
}

/** Moves that say nothing: solved, closed, open again. */
export function Moves({ ticket }: { ticket: TicketDetail }) {
  const { t } = useLanguage();
  const refresh = useRefresh();
  const move = useMutation({
    mutationFn: async (state: string) => {
      await client.PUT("/tickets/{id}/state", { params: { path: { id: Number(ticket.id) } }, body: { state } });
      await refresh();
    },
  });
  const over = ticket.state === "solved" || ticket.state === "closed";
  return (
    <div className="mt-6 flex flex-wrap items-center gap-3">
      {over ? (
        <Button busy={move.isPending} onClick={() => move.mutate("open")}>
          {t("help.reopen")}
        </Button>
      ) : (
        <Button busy={move.isPending} onClick={() => move.mutate("solved")}>
          {t("help.solve")}
        </Button>
      )}
      {ticket.state !== "closed" && (
        <Button look="quiet" busy={move.isPending} onClick={() => move.mutate("closed")}>
          {t("help.close")}
        </Button>
      )}
      {move.isError && (
        <span role="alert" className="text-harm">
          {t("help.failed", { message: move.error.message })}
        </span>
      )}
    </div>
  );
}
