import { useMutation, useQuery } from "@tanstack/react-query";
import { Paperclip } from "lucide-react";
import { useState, type ChangeEvent, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { fetchAnswer, read } from "@/lib/api/read";
import type { EvidenceCard } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { newSalt } from "@/lib/notes";
import { useSessionGate } from "@/lib/wallet/use-session-gate";
import { Address, TransactionLink } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Input, TextArea } from "@/ui/field";
import { useSigning } from "@/ui/signing/context";
import { oneCall } from "@/ui/signing/plan";
import { When } from "@/ui/when";
import { canonical, readPicture, type EvidenceFile } from "./evidence-file";

const FILES_MAX = 3;

/** The content of one piece, for those who may read it, and whether it is what the chain says. */
function Content({ hash }: { hash: string }) {
  const { t } = useLanguage();
  const gate = useSessionGate();
  const content = useMutation({
    mutationFn: async () => {
      await gate();
      const found = await fetchAnswer("/evidence/{hash}", { path: { hash } });
      const { fingerprint } = await import("@/lib/chain/market");
      return { found, genuine: fingerprint(canonical(found)) === hash };
    },
  });
  if (content.data === undefined) {
    return (
      <>
        <Button small busy={content.isPending} onClick={() => content.mutate()}>
          {t("evidence.read")}
        </Button>
        {content.isError && (
          <p role="alert" className="mt-2 text-harm">
            {t("evidence.closed")}
          </p>
        )}
      </>
    );
  }
  const { found, genuine } = content.data;
  return (
    <div className="mt-2 max-w-[44rem] border-l-2 border-line-strong pl-4">
      <p className="font-semibold">{found.name}</p>
      <p className="break-words whitespace-pre-wrap">{found.description}</p>
      <ul className="mt-3 flex flex-wrap gap-3">
        {found.files.map((file, n) => (
          <li key={n}>
            <img src={`data:${file.mime};base64,${file.data}`} alt={file.name} className="max-h-60 rounded-[6px] border border-line" />
          </li>
        ))}
      </ul>
      <p className={`mt-2 text-sm ${genuine ? "text-safe" : "text-harm"}`}>{t(genuine ? "evidence.genuine" : "evidence.altered")}</p>
    </div>
  );
}

function Piece({ piece }: { piece: EvidenceCard }) {
  const { t } = useLanguage();
  return (
    <li className="border-b border-line py-3">
      <p className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-[15px] text-ink-soft">
        <Address address={piece.by.address} name={piece.by.name} />
        <When at={piece.at} />
        <TransactionLink hash={piece.tx_hash} />
      </p>
      {piece.hash ? <Content hash={piece.hash} /> : <p className="text-[15px] break-all">{t("evidence.elsewhere", { uri: piece.uri })}</p>}
    </li>
  );
}

function Pictures({ files, onFiles }: { files: readonly EvidenceFile[]; onFiles: (files: EvidenceFile[]) => void }) {
  const { t } = useLanguage();
  const [failed, setFailed] = useState(false);
  const add = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = [...(event.target.files ?? [])].slice(0, FILES_MAX - files.length);
    event.target.value = "";
    setFailed(false);
    try {
      onFiles([...files, ...(await Promise.all(chosen.map(readPicture)))]);
    } catch {
      setFailed(true);
    }
  };
  return (
    <div>
      <Field label={t("evidence.pictures")} hint={t("evidence.pictures_hint")} error={failed ? t("evidence.picture_failed") : null}>
        {(attributes) => (
          <input {...attributes} type="file" multiple accept="image/png,image/jpeg,image/webp" disabled={files.length >= FILES_MAX} onChange={(event) => void add(event)} className="block w-full text-[15px]" />
        )}
      </Field>
      <ul className="mt-2 space-y-1">
        {files.map((file, n) => (
          <li key={n} className="flex items-center gap-3">
            <Paperclip aria-hidden size={16} />
            <span className="min-w-0 truncate">{file.name}</span>
            <Button small look="quiet" onClick={() => onFiles(files.filter((_, at) => at !== n))}>
              {t("evidence.remove")}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Give({ orderId, account }: { orderId: string; account: string }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const gate = useSessionGate();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [files, setFiles] = useState<EvidenceFile[]>([]);
  const keep = useMutation({
    mutationFn: async () => {
      await gate();
      const body = { order_id: Number(orderId), name: name.trim(), description: description.trim(), files, salt: newSalt() };
      const { data } = await client.POST("/evidence", { body });
      if (data === undefined) throw new Error("the server kept nothing");
      return data;
    },
    onSuccess: ({ uri }) => {
      sign({
        ...oneCall({
          title: t("evidence.give_title"),
          effects: [{ who: t("evidence.seen_by"), what: t("evidence.seen_by_whom") }],
          back: [t("evidence.give_back")],
          action: t("evidence.give"),
          signer: account,
          call: async (chain) => (await import("@/lib/chain/aftersales")).submitEvidence(chain.contracts.market, orderId, uri),
          done: { title: t("evidence.given"), text: t("evidence.given_text") },
        }),
      });
      [setName, setDescription].forEach((set) => set(""));
      setFiles([]);
      setOpen(false);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  if (!open) {
    return (
      <Button className="mt-4" onClick={() => setOpen(true)}>
        {t("evidence.add")}
      </Button>
    );
  }
  return (
    <form onSubmit={submit} className="mt-4 max-w-[36rem] space-y-4">
      <Field label={t("evidence.name")} hint={t("evidence.name_hint")}>
        {(a) => <Input {...a} value={name} maxLength={160} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label={t("evidence.description")}>
        {(a) => <TextArea {...a} value={description} maxLength={8000} onChange={(event) => setDescription(event.target.value)} />}
      </Field>
      <Pictures files={files} onFiles={setFiles} />
      {keep.isError && (
        <p role="alert" className="text-harm">
          {t("evidence.failed")} {keep.error.message}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" type="submit" busy={keep.isPending} blocked={name.trim() === "" ? t("evidence.name_needed") : null}>
          {t("evidence.give")}
        </Button>
        <Button look="quiet" onClick={() => setOpen(false)}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}

/** Evidence given in an order's dispute, and a form for its parties to give more. */
export function Evidence({ orderId, giver }: { orderId: string; giver: string | null }) {
  const { t } = useLanguage();
  const query = useQuery(read("/market/orders/{id}/evidence", { path: { id: Number(orderId) } }));
  return (
    <Answer query={query} blank={<Blank lines={2} />}>
      {(pieces) => (
        <>
          {pieces.length === 0 ? (
            <p className="text-ink-soft">{t("evidence.none")}</p>
          ) : (
            <ul className="ruled">
              {pieces.map((piece) => (
                <Piece key={`${piece.tx_hash}${piece.uri}`} piece={piece} />
              ))}
            </ul>
          )}
          {giver !== null && <Give orderId={orderId} account={giver} />}
        </>
      )}
    </Answer>
  );
}
