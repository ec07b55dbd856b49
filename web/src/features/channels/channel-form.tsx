import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { OpsChannel, OpsChannelKind } from "@/lib/api/types";
import { client } from "@/lib/api/client";
import { useLanguage } from "@/lib/i18n";
import { useStepUp } from "@/features/security/step-up";
import { Button } from "@/ui/button";
import { Check, Field, Input, Select, TextArea } from "@/ui/field";

const SEVERITIES = ["P1", "P2", "P3", "P4", "P5"];
const WAITS = [0, 5, 10, 15, 30, 60];

type Known = OpsChannelKind["fields"][number];

function Given({ field, value, kept, onChange }: { field: Known; value: string; kept: string | undefined; onChange: (next: string) => void }) {
  const { t } = useLanguage();
  const hint = kept === undefined ? t(`channel.hint.${field.name}`, { defaultValue: "" }) : t("channel.kept", { mark: kept });
  return (
    <Field label={t(`channel.field.${field.name}`)} hint={hint === "" ? undefined : hint} {...(field.optional && field.default === "" ? { optional: t("channel.optional") } : {})}>
      {(attributes) =>
        field.words.length > 0 ? (
          <Select {...attributes} value={value} onChange={(event) => onChange(event.target.value)}>
            {field.words.map((word) => (
              <option key={word} value={word}>
                {t(`channel.word.${word}`)}
              </option>
            ))}
          </Select>
        ) : field.lines ? (
          <TextArea {...attributes} value={value} onChange={(event) => onChange(event.target.value)} />
        ) : (
          <Input
            {...attributes}
            value={value}
            type={field.secret ? "password" : "text"}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}

interface Props {
  kinds: OpsChannelKind[];
  /** The channel to change; a new one without. */
  channel?: OpsChannel;
  onDone: (secret: string | null) => void;
}

/** What a channel must be told: the fields are those that the house says its kind has. */
export function ChannelForm({ kinds, channel, onDone }: Props) {
  const { t, language } = useLanguage();
  const { guarded, question } = useStepUp();
  const [kindName, setKind] = useState(channel?.kind ?? "webhook");
  const kind = kinds.find(({ kind: name }) => name === kindName);
  const [name, setName] = useState(channel?.name ?? "");
  const [fields, setFields] = useState<Record<string, string>>(channel?.settings ?? {});
  const [customers, setCustomers] = useState(channel?.customers ?? false);
  const [told, setTold] = useState<"en" | "zh">(channel?.language ?? (language === "zh" ? "zh" : "en"));
  const [severity, setSeverity] = useState(channel?.severity ?? "P2");
  const [wait, setWait] = useState(channel?.wait_minutes ?? 0);
  const save = useMutation({
    mutationFn: async () => {
      const names = new Set(kind?.fields.map((field) => field.name));
      const given = Object.fromEntries(Object.entries(fields).filter(([field, value]) => names.has(field) && value !== ""));
      const body = {
        kind: kindName,
        name: name.trim() === "" ? t(`channel.kind.${kindName}`) : name,
        customers: customers && kind?.carries_customers === true,
        language: told,
        fields: given,
        severity,
        owners: channel?.owners ?? [],
        wait_minutes: wait,
      };
      if (channel === undefined) {
        const { data } = await client.POST("/ops/channels", { body });
        return data?.secret ?? null;
      }
      await client.PUT("/ops/channels/{id}", { params: { path: { id: channel.id } }, body });
      return null;
    },
    onSuccess: onDone,
  });
  const waits = WAITS.includes(wait) ? WAITS : [...WAITS, wait];
  return (
    <>
      <form
        className="mt-6 grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          guarded(() => save.mutate());
        }}
      >
        {channel === undefined && (
          <Field label={t("channel.kind_label")} hint={t(`channel.about.${kindName}`)}>
            {(attributes) => (
              <Select {...attributes} value={kindName} onChange={(event) => setKind(event.target.value)}>
                {kinds.map(({ kind: one }) => (
                  <option key={one} value={one}>
                    {t(`channel.kind.${one}`)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Field label={t("channel.name")} hint={t("channel.name_hint")} optional={t("channel.optional")}>
          {(attributes) => <Input {...attributes} value={name} maxLength={64} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {kind?.carries_customers === true && (
          <Check label={t("channel.customers_hint")} checked={customers} onChange={(event) => setCustomers(event.target.checked)} />
        )}
        {kind?.fields
          .filter((field) => !(customers && field.name === "to"))
          .map((field) => (
            <Given
              key={`${kindName}-${field.name}`}
              field={field}
              value={fields[field.name] ?? field.default}
              kept={channel?.fingerprints[field.name]}
              onChange={(next) => setFields({ ...fields, [field.name]: next })}
            />
          ))}
        {!customers && (
          <>
            <Field label={t("channel.severity")} hint={t("channel.severity_hint")}>
              {(attributes) => (
                <Select {...attributes} value={severity} onChange={(event) => setSeverity(event.target.value)}>
                  {SEVERITIES.map((level) => (
                    <option key={level} value={level}>
                      {t(`channel.severity_of.${level}`)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={t("channel.wait")} hint={t("channel.wait_hint")}>
              {(attributes) => (
                <Select {...attributes} value={wait} onChange={(event) => setWait(Number(event.target.value))}>
                  {waits.map((minutes) => (
                    <option key={minutes} value={minutes}>
                      {minutes === 0 ? t("channel.at_once") : t("channel.after", { count: minutes })}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          </>
        )}
        <Field label={t("channel.language")}>
          {(attributes) => (
            <Select {...attributes} value={told} onChange={(event) => setTold(event.target.value === "zh" ? "zh" : "en")}>
              <option value="en">{t("channel.english")}</option>
              <option value="zh">{t("channel.chinese")}</option>
            </Select>
          )}
        </Field>
        {save.isError && (
          <p role="alert" className="text-harm">
            {t("channel.failed", { message: save.error.message })}
          </p>
        )}
        <p>
          <Button type="submit" look="primary" busy={save.isPending}>
            {t(channel === undefined ? "channel.add" : "channel.save")}
          </Button>
        </p>
      </form>
      {question}
    </>
  );
}
