import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { CannedAnswer } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Answer, Empty } from "@/ui/answer";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, TextArea } from "@/ui/field";

type Words = Pick<CannedAnswer, "title" | "body">;

const LANGUAGES = ["en", "zh"] as const;
const NOTHING: Words = { title: { en: "", zh: "" }, body: { en: "", zh: "" } };

function useChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (change: () => Promise<unknown>) => {
      await change();
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "/support/answers" });
    },
  });
}

/** Title and answer in each language; one of the two is enough. */
function AnswerForm({ kept, onDone }: { kept: CannedAnswer | null; onDone: () => void }) {
  const { t } = useLanguage();
  const [words, setWords] = useState<Words>(kept ?? NOTHING);
  const change = useChange();
  const set = (field: keyof Words, language: (typeof LANGUAGES)[number], text: string) =>
    setWords((old) => ({ ...old, [field]: { ...old[field], [language]: text } }));
  const written = LANGUAGES.filter((one) => words.title[one].trim() !== "" || words.body[one].trim() !== "");
  const whole = written.every((one) => words.title[one].trim() !== "" && words.body[one].trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (written.length === 0 || !whole) return;
    const save = () =>
      kept === null
        ? client.POST("/support/answers", { body: words })
        : client.PUT("/support/answers/{id}", { params: { path: { id: Number(kept.id) } }, body: words });
    change.mutate(save, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} className="mt-4 space-y-4">
      <p className="text-ink-soft">{t("help.answer_hint", { order: "{order}" })}</p>
      {LANGUAGES.map((one) => (
        <div key={one} className="space-y-3">
          <Field label={t(`help.answer_title_${one}`)}>
            {(a) => <Input {...a} lang={one} maxLength={120} value={words.title[one]} onChange={(e) => set("title", one, e.target.value)} />}
          </Field>
          <Field label={t(`help.answer_body_${one}`)}>
            {(a) => <TextArea {...a} lang={one} rows={4} maxLength={4000} value={words.body[one]} onChange={(e) => set("body", one, e.target.value)} />}
          </Field>
        </div>
      ))}
      <Button look="primary" type="submit" busy={change.isPending} blocked={written.length > 0 && whole ? null : t("help.answer_incomplete")}>
        {t("campaign.save")}
      </Button>
      {change.isError && (
        <p role="alert" className="text-harm">
          {t("help.failed", { message: change.error.message })}
        </p>
      )}
    </form>
  );
}

/** Answers that staff begin from: their own, and those that came with the program until they are changed. */
export function CannedAnswers() {
  const { t, language } = useLanguage();
  const query = useQuery(read("/support/answers"));
  const change = useChange();
  const [edited, setEdited] = useState<CannedAnswer | "new" | null>(null);
  const [going, setGoing] = useState<CannedAnswer | null>(null);
  const name = (answer: CannedAnswer) => localized(answer.title, language);
  const remove = ({ id }: CannedAnswer) =>
    change.mutate(() => client.DELETE("/support/answers/{id}", { params: { path: { id: Number(id) } } }), {
      onSuccess: () => setGoing(null),
    });
  return (
    <div className="max-w-[44rem]">
      <Answer query={query}>
        {(answers) =>
          answers.length === 0 ? (
            <Empty title={t("help.answers_none")} text={t("help.answers_none_text")} />
          ) : (
            <ul className="mb-4">
              {answers.map((answer) => (
                <li key={answer.id} className="flex items-start gap-3 border-b border-line py-3">
                  <span className="min-w-0 flex-1">
                    <span className="block font-semibold break-words">{name(answer)}</span>
                    <span className="line-clamp-2 text-sm text-ink-soft">{localized(answer.body, language)}</span>
                  </span>
                  <IconButton label={t("help.answer_edit", { title: name(answer) })} onClick={() => setEdited(answer)}>
                    <Pencil aria-hidden size={16} />
                  </IconButton>
                  <IconButton label={t("help.answer_remove", { title: name(answer) })} onClick={() => setGoing(answer)}>
                    <Trash2 aria-hidden size={16} />
                  </IconButton>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      <Button onClick={() => setEdited("new")}>
        <Plus aria-hidden size={16} />
        {t("help.answer_add")}
      </Button>
      <Dialog open={edited !== null} title={t(edited === "new" ? "help.answer_add" : "help.answer_change")} onClose={() => setEdited(null)}>
        {edited !== null && <AnswerForm kept={edited === "new" ? null : edited} onDone={() => setEdited(null)} />}
      </Dialog>
      <Dialog open={going !== null} title={t("help.answer_remove_title")} onClose={() => setGoing(null)}>
        {going !== null && (
          <div className="mt-4 space-y-4">
            <p>{t("help.answer_remove_text", { title: name(going) })}</p>
            <Button look="harm" busy={change.isPending} onClick={() => remove(going)}>
              {t("help.answer_remove_yes")}
            </Button>
            {change.isError && (
              <p role="alert" className="text-harm">
                {t("help.failed", { message: change.error.message })}
              </p>
            )}
          </div>
        )}
      </Dialog>
    </div>
  );
}
