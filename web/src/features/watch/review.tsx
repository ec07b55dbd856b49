import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsReview, OpsRoom } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { useSession } from "@/lib/queries";
import { useStepUp } from "@/features/security/step-up";
import { Address } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Input, TextArea } from "@/ui/field";
import { Section } from "@/ui/page";

const TEXTS = ["summary", "impact", "cause", "lessons"] as const;
const TONGUES = ["en", "zh"] as const;

type Findings = OpsReview["findings"];

function Write({ review }: { review: OpsReview }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Findings>(review.findings);
  const save = useMutation({
    mutationFn: async () => {
      await client.PUT("/ops/incidents/{id}/review", { params: { path: { id: review.incident } }, body: draft });
      await queries.invalidateQueries();
    },
  });
  const action = (place: number, change: Partial<Findings["actions"][number]>) =>
    setDraft({ ...draft, actions: draft.actions.map((one, n) => (n === place ? { ...one, ...change } : one)) });
  return (
    <div className="grid gap-6">
      {TEXTS.map((text) => (
        <fieldset key={text} className="min-w-0">
          <legend className="mb-2 font-semibold">{t(`review_room.${text}`)}</legend>
          <div className="grid gap-4 md:grid-cols-2">
            {TONGUES.map((tongue) => (
              <Field key={tongue} label={t(`review_room.in_${tongue}`)}>
                {(a) => (
                  <TextArea {...a} rows={4} maxLength={8000} lang={tongue} value={draft[text][tongue]} onChange={(event) => setDraft({ ...draft, [text]: { ...draft[text], [tongue]: event.target.value } })} />
                )}
              </Field>
            ))}
          </div>
        </fieldset>
      ))}
      <fieldset className="min-w-0">
        <legend className="mb-2 font-semibold">{t("review_room.actions")}</legend>
        {draft.actions.map((one, place) => (
          <div key={place} className="mb-4 grid gap-4 border-b border-line pb-4 md:grid-cols-2">
            {TONGUES.map((tongue) => (
              <Field key={tongue} label={t(`review_room.in_${tongue}`)}>
                {(a) => <Input {...a} lang={tongue} value={one.what[tongue]} onChange={(event) => action(place, { what: { ...one.what, [tongue]: event.target.value } })} />}
              </Field>
            ))}
            <Field label={t("review_room.owner")}>
              {(a) => <Input {...a} value={one.owner} onChange={(event) => action(place, { owner: event.target.value })} />}
            </Field>
            <Field label={t("review_room.due")}>
              {(a) => <Input {...a} type="date" value={one.due} onChange={(event) => action(place, { due: event.target.value })} />}
            </Field>
            <span>
              <Button small onClick={() => setDraft({ ...draft, actions: draft.actions.filter((_, n) => n !== place) })}>{t("review_room.drop")}</Button>
            </span>
          </div>
        ))}
        <Button small onClick={() => setDraft({ ...draft, actions: [...draft.actions, { what: { en: "", zh: "" }, owner: "", due: "" }] })}>{t("review_room.add")}</Button>
      </fieldset>
      <span><Button busy={save.isPending} onClick={() => save.mutate()}>{t("review_room.save")}</Button></span>
      {save.isSuccess && <p role="status" className="text-safe">{t("review_room.saved")}</p>}
      {save.isError && <p role="alert" className="text-harm">{save.error.message}</p>}
    </div>
  );
}

function Moves({ review, room }: { review: OpsReview; room: OpsRoom }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const me = useSession().data?.address;
  const { guarded, question } = useStepUp();
  const path = { params: { path: { id: review.incident } } };
  const move = useMutation({
    mutationFn: async (what: "approve" | "publish") => {
      if (what === "approve") await client.POST("/ops/incidents/{id}/review/approval", path);
      else await client.POST("/ops/incidents/{id}/review/publication", path);
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const wrote = review.authors.some((author) => sameAddress(author, me));
  const empty = TEXTS.find((text) => TONGUES.some((tongue) => review.findings[text][tongue].trim() === ""));
  const early = !["resolved", "reviewed"].includes(room.incident.state);
  return (
    <div className="mt-6 flex flex-col items-start gap-3">
      {review.approved_by != null && (
        <p className="flex flex-wrap items-center gap-x-4"><span className="text-safe">{t("review_room.agreed")}</span><Address address={review.approved_by} /></p>
      )}
      {review.state === "draft" && (
        <Button
          busy={move.isPending}
          blocked={empty !== undefined ? t("review_room.incomplete", { what: t(`review_room.${empty}`) }) : wrote ? t("review_room.not_own") : null}
          onClick={() => guarded(() => move.mutate("approve"))}
        >
          {t("review_room.approve")}
        </Button>
      )}
      {review.state === "approved" && (
        <Button look="primary" busy={move.isPending} blocked={early ? t("review_room.early") : null} onClick={() => guarded(() => move.mutate("publish"))}>
          {t("review_room.publish")}
        </Button>
      )}
      {move.isError && <p role="alert" className="text-harm">{move.error.message}</p>}
      {question}
    </div>
  );
}

/** What was learnt from an incident: written by some, agreed to by somebody else, and published for everybody. */
export function ReviewSection({ room }: { room: OpsRoom }) {
  const { t } = useLanguage();
  const id = room.incident.id;
  const query = useQuery(read("/ops/incidents/{id}/review", { path: { id } }));
  return (
    <Section title={t("review_room.title")} lead={t("review_room.lead")}>
      <Answer query={query}>
        {(review) =>
          review.state === "published" ? (
            <p>
              {t("review_room.is_published")} <Link to="/reports/$id" params={{ id: String(id) }} className="link">{t("review_room.to_report")}</Link>
            </p>
          ) : (
            <>
              <Write key={JSON.stringify(review.findings)} review={review} />
              <Moves review={review} room={room} />
            </>
          )
        }
      </Answer>
    </Section>
  );
}
