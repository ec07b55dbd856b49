import { useMutation } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useState } from "react";
import { client } from "@/lib/api/client";
import type { OpsCode } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Button, buttonClass } from "@/ui/button";
import { Field, Input, Select, TextArea } from "@/ui/field";
import { LayoutChanges } from "./layout-changes";
import { lines } from "./lines";

/** The contracts that stand behind a proxy. */
const CONTRACTS = ["Market", "StableToken", "GuildToken", "ArbiterPanel", "Reviews", "Trace"] as const;

/** What new code is to call of itself at once. */
export interface FirstCall {
  call: string;
  args: string[];
}

interface Props {
  code: OpsCode | null;
  onCode: (code: OpsCode | null) => void;
  onCall: (call: FirstCall) => void;
  guarded: (action: () => void) => void;
}

function object(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Sources are brought, compiled, and compared with the code that runs. */
export function NewCode({ code, onCode, onCall, guarded }: Props) {
  const { t } = useLanguage();
  const [contract, setContract] = useState<string>("Market");
  const [name, setName] = useState("");
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [args, setArgs] = useState("");
  const [first, setFirst] = useState<FirstCall>({ call: "", args: [] });
  const [firstArgs, setFirstArgs] = useState("");
  const input = file === null ? null : object(file.text);
  const compare = useMutation({
    mutationFn: async () => {
      const body = { contract, input: (input ?? {}) as Record<string, never>, name: name.trim() || contract, arguments: lines(args) };
      const { data } = await client.POST("/ops/code", { body });
      onCode(data ?? null);
    },
  });
  // What was compared is not what is written now.
  const changed = <T,>(set: (value: T) => void) => (value: T) => {
    onCode(null);
    compare.reset();
    set(value);
  };
  const missing = file === null ? t("changes.file_first") : input === null ? t("changes.file_wrong") : null;
  return (
    <>
      <p className="text-ink-soft">{t("changes.code_text")}</p>
      <Field label={t("changes.whose_code")}>
        {(a) => (
          <Select {...a} value={contract} onChange={(event) => changed(setContract)(event.target.value)}>
            {CONTRACTS.map((one) => <option key={one} value={one}>{one}</option>)}
          </Select>
        )}
      </Field>
      <Field label={t("changes.sources")} hint={<span className="font-mono break-all">forge verify-contract --show-standard-json-input 0x0000000000000000000000000000000000000000 {name.trim() || contract} &gt; input.json</span>}>
        {(a) => (
          <span className="flex flex-wrap items-center gap-3">
            <label className={`${buttonClass("outline")} cursor-pointer focus-within:outline-2`}>
              <FileUp aria-hidden size={16} />
              {t("changes.choose_file")}
              <input
                {...a}
                type="file"
                accept="application/json,.json"
                className="sr-only"
                onChange={(event) => {
                  const chosen = event.target.files?.[0];
                  void chosen?.text().then((text) => changed(setFile)({ name: chosen.name, text }));
                }}
              />
            </label>
            <span className="text-ink-soft">{file?.name ?? t("changes.no_file")}</span>
          </span>
        )}
      </Field>
      <Field label={t("changes.source_name")} hint={t("changes.source_name_hint")} optional={t("common.optional")}>
        {(a) => <Input {...a} value={name} placeholder={contract} spellCheck={false} onChange={(event) => changed(setName)(event.target.value)} />}
      </Field>
      <Field label={t("changes.constructor_args")} hint={t("changes.args_hint")} optional={t("common.optional")}>
        {(a) => <TextArea {...a} rows={2} value={args} onChange={(event) => changed(setArgs)(event.target.value)} />}
      </Field>
      <span>
        <Button type="button" busy={compare.isPending} blocked={missing} onClick={() => guarded(() => compare.mutate())}>{t("changes.compare")}</Button>
      </span>
      {compare.isPending && <p role="status" className="text-ink-soft">{t("changes.comparing")}</p>}
      {compare.isError && <p role="alert" className="max-h-72 overflow-auto border-l-2 border-harm pl-3 break-words whitespace-pre-wrap text-harm">{compare.error.message}</p>}
      {code !== null && <section aria-label={t("changes.storage")} className="min-w-0"><LayoutChanges code={code} /></section>}
      {code !== null && !code.breaks && (
        <>
          <Field label={t("changes.first_call")} hint={t("changes.first_call_hint")} optional={t("common.optional")}>
            {(a) => (
              <Input
                {...a}
                value={first.call}
                placeholder="initializeV2(uint256)"
                spellCheck={false}
                onChange={(event) => {
                  const next = { ...first, call: event.target.value };
                  setFirst(next);
                  onCall(next);
                }}
              />
            )}
          </Field>
          {first.call.trim() !== "" && (
            <Field label={t("changes.args")} hint={t("changes.args_hint")}>
              {(a) => (
                <TextArea
                  {...a}
                  rows={2}
                  value={firstArgs}
                  onChange={(event) => {
                    setFirstArgs(event.target.value);
                    const next = { ...first, args: lines(event.target.value) };
                    setFirst(next);
                    onCall(next);
                  }}
                />
              )}
            </Field>
          )}
        </>
      )}
    </>
  );
}
