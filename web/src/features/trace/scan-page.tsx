import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { read } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Count } from "@/ui/money";
import { Figure, Figures, PageHead, Section } from "@/ui/page";

/** The path of a Digital Link in whatever somebody pasted, or null. */
export function pathOfLink(text: string): string | null {
  const found = /\/01\/\d{8,14}(?:\/(?:10|21)\/[^/?#\s]+)*/.exec(text.trim());
  if (found !== null) return found[0];
  return /^\d{8,14}$/.test(text.trim()) ? `/01/${text.trim().padStart(14, "0")}` : null;
}

/** Where somebody without a camera types what a label says. */
export function ScanPage() {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const overview = useQuery(read("/trace/overview")).data;
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const path = pathOfLink(text);
    setWrong(path === null);
    if (path !== null) void navigate({ to: path });
  };
  return (
    <>
      <PageHead title={t("trace.scan_title")} lead={t("trace.scan_lead")} />
      {overview !== undefined && (
        <Figures>
          <Figure label={t("trace.events")}><Count value={overview.events} /></Figure>
          <Figure label={t("trace.anchored")}><Count value={overview.anchored} /></Figure>
          <Figure label={t("trace.batches")}><Count value={overview.batches} /></Figure>
          <Figure label={t("trace.scans")}><Count value={overview.scans} /></Figure>
        </Figures>
      )}
      <Section title={t("trace.type")}>
        <form onSubmit={submit} className="flex max-w-[44rem] flex-col items-start gap-4">
          <div className="w-full">
            <Field label={t("trace.type_label")} hint={t("trace.type_hint")} error={wrong ? t("trace.type_wrong") : null}>
              {(attributes) => <Input {...attributes} value={text} onChange={(event) => setText(event.target.value)} />}
            </Field>
          </div>
          <Button look="primary" type="submit">
            {t("trace.show")}
          </Button>
        </form>
      </Section>
      <p className="max-w-[44rem] text-ink-soft">{t("trace.honest")}</p>
    </>
  );
}
