import { CircleCheck, CircleX } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NO_NOTE, preimage, useNote } from "@/lib/notes";
import { CopyButton } from "@/ui/address";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";

/** Checks a text that somebody handed over against the fingerprint on the chain. */
function Checker({ hash, label }: { hash: string; label: string }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [verdict, setVerdict] = useState<boolean | null>(null);
  const check = async () => {
    const { fingerprint } = await import("@/lib/chain/market");
    setVerdict(fingerprint(text.replaceAll("\r\n", "\n").trim()).toLowerCase() === hash.toLowerCase());
  };
  return (
    <div className="mt-2">
      <Field label={label}>
        {(attributes) => (
          <span className="flex gap-2">
            <Input
              {...attributes}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setVerdict(null);
              }}
            />
            <Button onClick={() => void check()}>
              {t("note.check")}
            </Button>
          </span>
        )}
      </Field>
      <p role="status" className="mt-1 min-h-6 text-sm">
        {verdict === true && (
          <span className="flex items-center gap-1.5 text-safe">
            <CircleCheck aria-hidden size={16} /> {t("note.matches")}
          </span>
        )}
        {verdict === false && (
          <span className="flex items-center gap-1.5 text-harm">
            <CircleX aria-hidden size={16} /> {t("note.differs")}
          </span>
        )}
      </p>
    </div>
  );
}

function Fingerprint({ title, hash, children }: { title: string; hash: string; children: ReactNode }) {
  return (
    <div className="mb-6">
      <h3 className="text-lg">{title}</h3>
      <p className="flex items-center gap-2 font-mono text-sm text-ink-soft">
        <span className="truncate">{hash}</span>
        <CopyButton text={hash} />
      </p>
      {children}
    </div>
  );
}

export function DeliveryNote({ hash }: { hash: string }) {
  const { t } = useTranslation();
  const note = useNote(hash);
  if (hash === NO_NOTE) return <p className="mb-6 text-ink-soft">{t("note.no_delivery")}</p>;
  return (
    <Fingerprint title={t("note.delivery")} hash={hash}>
      {note === undefined ? (
        <Checker hash={hash} label={t("note.check_delivery")} />
      ) : (
        <div className="mt-2">
          <p className="whitespace-pre-line">{note.text}</p>
          <p className="mt-1 flex items-center gap-2 text-sm text-ink-soft">
            {t("note.copy_with_salt")}
            <CopyButton text={preimage(note)} />
          </p>
        </div>
      )}
    </Fingerprint>
  );
}

interface TextNoteProps {
  hash: string | null | undefined;
  title: string;
  check: string;
}

/** A text of one of the sides, for whoever has it: a tracking number, a reason, where to send goods back to. */
export function TextNote({ hash, title, check }: TextNoteProps) {
  const { t } = useTranslation();
  const note = useNote(hash);
  if (!hash || hash === NO_NOTE) return null;
  return (
    <Fingerprint title={title} hash={hash}>
      {note === undefined ? (
        <Checker hash={hash} label={check} />
      ) : (
        <div className="mt-2">
          <p className="whitespace-pre-line break-words">{note.text}</p>
          <p className="mt-1 flex items-center gap-2 text-sm text-ink-soft">
            {t(note.salt === "" ? "note.copy" : "note.copy_salted")}
            <CopyButton text={preimage(note)} />
          </p>
        </div>
      )}
    </Fingerprint>
  );
}
