import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { readList } from "@/lib/api/read";
import { localized, useLanguage } from "@/lib/i18n";
import { useWallet } from "@/lib/wallet/state";
import { Button } from "@/ui/button";
import { Field, Input, Select, TextArea } from "@/ui/field";
import { PageHead } from "@/ui/page";
import { AnswerBy } from "./answer-by";
import { SignedIn } from "./gate";

const TOPICS = ["delivery", "refund", "quality", "payment", "account", "other"] as const;

interface About {
  order: string | undefined;
  item: string | undefined;
}

function Form({ order, item }: About) {
  const { t, language } = useLanguage();
  const wallet = useWallet();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const orders = useQuery({
    ...readList("/market/orders", { query: { participant: wallet?.address ?? "", limit: 50 } }),
    enabled: wallet !== null,
  });
  const [about, setAbout] = useState(order ?? "");
  const [topic, setTopic] = useState<string>(order === undefined ? "other" : "delivery");
  const [subject, setSubject] = useState("");
  const [body, setBody] = useState("");
  const [tried, setTried] = useState(false);
  const ask = useMutation({
    mutationFn: async () => {
      const asked = { order_id: about === "" ? null : about, item: item ?? null, topic, subject, body, language };
      return (await client.POST("/tickets", { body: asked })).data;
    },
    onSuccess: async (ticket) => {
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/tickets") });
      if (ticket !== undefined) await navigate({ to: "/desk/help/$id", params: { id: ticket.id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (subject.trim() !== "" && body.trim() !== "") ask.mutate();
  };
  const listed = orders.data?.items ?? [];
  return (
    <form onSubmit={submit} noValidate className="max-w-[44rem] space-y-6">
      {item !== undefined && <p className="break-words text-ink-soft">{t("help.about_item", { item })}</p>}
      <Field label={t("help.about")} optional={t("common.optional")}>
        {(a) => (
          <Select {...a} value={about} onChange={(e) => setAbout(e.target.value)}>
            <option value="">{t("help.about_none")}</option>
            {about !== "" && !listed.some(({ id }) => id === about) && <option value={about}>{t("order.number", { id: about })}</option>}
            {listed.map((one) => (
              <option key={one.id} value={one.id}>
                {t("order.number", { id: one.id })}: {localized(one.offer.title, language)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={t("help.topic")}>
        {(a) => (
          <Select {...a} value={topic} onChange={(e) => setTopic(e.target.value)}>
            {TOPICS.map((one) => (
              <option key={one} value={one}>
                {t(`topic.${one}`)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={t("help.subject")} error={tried && subject.trim() === "" ? t("help.subject_missing") : null}>
        {(a) => <Input {...a} maxLength={120} value={subject} onChange={(e) => setSubject(e.target.value)} />}
      </Field>
      <Field label={t("help.body")} hint={t("help.body_hint")} error={tried && body.trim() === "" ? t("help.body_missing") : null}>
        {(a) => <TextArea {...a} rows={6} maxLength={4000} value={body} onChange={(e) => setBody(e.target.value)} />}
      </Field>
      <AnswerBy />
      <Button look="primary" type="submit" busy={ask.isPending}>
        {t("help.send")}
      </Button>
      {ask.isError && (
        <p role="alert" className="text-harm">
          {t("help.failed", { message: ask.error.message })}
        </p>
      )}
    </form>
  );
}

export function AskForHelp(about: About) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("help.ask")} lead={t("help.ask_lead")} />
      <SignedIn>
        <Form {...about} />
      </SignedIn>
    </>
  );
}
