import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, FileUp } from "lucide-react";
import { useState } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { Contract } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Address, CopyButton } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Button, buttonClass } from "@/ui/button";
import { Field, Input, TextArea } from "@/ui/field";
import { Count } from "@/ui/money";
import { Facts, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { Hash } from "./block-page";

type Verified = NonNullable<Contract["verified"]>;

/** The code at an address, and its sources once somebody has shown that they give that code. */
export function ContractCode({ address }: { address: string }) {
  const query = useQuery(read("/explorer/contracts/{address}", { path: { address } }));
  return <Answer query={query}>{(contract) => <Shown contract={contract} />}</Answer>;
}

function Shown({ contract }: { contract: Contract }) {
  const { t } = useLanguage();
  return (
    <>
      <Section title={t("explorer.code")}>
        <Facts
          rows={[
            [t("explorer.code_bytes"), <Count key="b" value={contract.code_bytes} />],
            [t("explorer.code_hash"), <Hash key="h" value={contract.code_hash} />],
            ...(contract.implementation
              ? [
                  [
                    t("explorer.implementation"),
                    <Address key="i" address={contract.implementation} name={contract.implementation_name} copy />,
                  ] as const,
                ]
              : []),
            ...(contract.verified
              ? ([
                  [
                    t("explorer.sources"),
                    <span key="v" className="flex items-center gap-2 font-semibold text-safe">
                      <CircleCheck aria-hidden size={18} />
                      {t(`explorer.match_${contract.verified.match}`)}
                    </span>,
                  ],
                  [t("explorer.compiler"), contract.verified.compiler],
                  [t("explorer.verified_at"), <When key="w" at={contract.verified.timestamp} />],
                ] as const)
              : []),
          ]}
        />
      </Section>
      {contract.verified ? <Sources verified={contract.verified} /> : <Verify contract={contract} />}
    </>
  );
}

function Sources({ verified }: { verified: Verified }) {
  const { t } = useLanguage();
  const abi = JSON.stringify(verified.abi);
  return (
    <Section
      title={t("explorer.sources")}
      aside={
        <span className="flex items-center text-sm text-ink-faint">
          ABI <CopyButton text={abi} />
        </span>
      }
    >
      <ul className="ruled">
        {verified.files.map((file) => (
          <li key={file.path} className="border-b border-line py-2">
            <details>
              <summary className="font-mono text-sm break-all hover:text-ink">{file.path}</summary>
              <pre tabIndex={0} className="mt-2 max-h-[32rem] overflow-auto bg-sunken p-3 font-mono text-sm">
                {file.content}
              </pre>
            </details>
          </li>
        ))}
        <li className="border-b border-line py-2">
          <details>
            <summary className="text-sm hover:text-ink">{t("explorer.settings")}</summary>
            <pre tabIndex={0} className="mt-2 max-h-64 overflow-auto bg-sunken p-3 font-mono text-sm">
              {JSON.stringify(verified.settings, null, 2)}
            </pre>
          </details>
        </li>
      </ul>
    </Section>
  );
}

/** What was pasted, if it is JSON with sources. */
function parseInput(text: string): Record<string, never> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "sources" in value ? (value as Record<string, never>) : null;
  } catch {
    return null;
  }
}

function Verify({ contract }: { contract: Contract }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const input = parseInput(text);
  const verify = useMutation({
    mutationFn: async () => {
      await client.POST("/explorer/contracts/{address}", {
        params: { path: { address: contract.address } },
        body: { contract: name.trim(), input: input ?? {} },
      });
      await queries.invalidateQueries();
    },
  });
  if (contract.compiler === null || contract.compiler === undefined) {
    return <Section title={t("explorer.verify")} lead={t("explorer.no_compiler")}>{null}</Section>;
  }
  const command = `forge verify-contract --show-standard-json-input ${contract.address} ${name.trim() || "Contract"}`;
  return (
    <Section title={t("explorer.verify")} lead={t("explorer.verify_lead", { compiler: contract.compiler.split("+")[0] })}>
      <form
        className="max-w-[44rem] space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (name.trim() !== "" && input !== null) verify.mutate();
        }}
      >
        <Field
          label={t("explorer.verify_name")}
          hint={t("explorer.verify_name_hint")}
          error={tried && name.trim() === "" ? t("explorer.verify_name_missing") : null}
        >
          {(attributes) => (
            <Input {...attributes} value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" spellCheck={false} />
          )}
        </Field>
        <Field
          label={t("explorer.verify_input")}
          hint={<span className="font-mono break-all">{command}</span>}
          error={tried && input === null ? t("explorer.verify_input_wrong") : null}
        >
          {(attributes) => (
            <TextArea {...attributes} rows={8} className="font-mono text-sm" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
          )}
        </Field>
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" look="primary" busy={verify.isPending}>
            {t("explorer.verify_do")}
          </Button>
          <label className={`${buttonClass("outline")} cursor-pointer focus-within:outline-2`}>
            <FileUp aria-hidden size={16} />
            {t("explorer.verify_file")}
            <input
              type="file"
              accept="application/json,.json"
              className="sr-only"
              onChange={(event) => void event.target.files?.[0]?.text().then(setText)}
            />
          </label>
        </div>
        {verify.isError && (
          <div role="alert" className="max-h-72 overflow-auto border-l-2 border-harm pl-3 break-words whitespace-pre-wrap text-harm" tabIndex={0}>
            {verify.error.message}
          </div>
        )}
      </form>
    </Section>
  );
}
