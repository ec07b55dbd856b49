import { useLanguage } from "@/lib/i18n";
import { Check, Field, Input } from "@/ui/field";
import type { AudienceDraft } from "./draft";

interface Props {
  draft: AudienceDraft;
  errors: Partial<Record<keyof AudienceDraft, string>>;
  onChange: (change: Partial<AudienceDraft>) => void;
}

/** Name, code and audience: what the ledger does not hold. */
export function AudienceForm({ draft, errors, onChange }: Props) {
  const { t } = useLanguage();
  const problem = (field: keyof AudienceDraft) => (errors[field] === undefined ? null : t(`campaign_error.${errors[field]}`));
  return (
    <div className="grid gap-6 sm:grid-cols-2">
      <Field label={t("campaign.name_en")} error={problem("nameEn")}>
        {(a) => <Input {...a} lang="en" maxLength={80} value={draft.nameEn} onChange={(e) => onChange({ nameEn: e.target.value })} />}
      </Field>
      <Field label={t("campaign.name_zh")}>
        {(a) => <Input {...a} lang="zh-CN" maxLength={80} value={draft.nameZh} onChange={(e) => onChange({ nameZh: e.target.value })} />}
      </Field>
      <Field label={t("campaign.code")} optional={t("common.optional")} error={problem("code")} hint={t("campaign.code_hint")}>
        {(a) => (
          <Input
            {...a}
            maxLength={24}
            value={draft.code}
            // People with a code in hand are not kept from using it.
            onChange={(e) => onChange({ code: e.target.value, ...(e.target.value.trim() === "" ? {} : { holdout: "0" }) })}
          />
        )}
      </Field>
      <Field label={t("campaign.holdout")} error={problem("holdout")} hint={t("campaign.holdout_hint")}>
        {(a) => <Input {...a} inputMode="decimal" value={draft.holdout} onChange={(e) => onChange({ holdout: e.target.value })} />}
      </Field>
      <Field label={t("campaign.per_person")} error={problem("perPerson")}>
        {(a) => (
          <Input {...a} inputMode="numeric" value={draft.perPerson} onChange={(e) => onChange({ perPerson: e.target.value })} />
        )}
      </Field>
      <div className="self-end">
        <Check
          label={t("campaign.first_order")}
          checked={draft.firstOrder}
          onChange={(e) => onChange({ firstOrder: e.target.checked, ...(e.target.checked ? { perPerson: "1" } : {}) })}
        />
      </div>
    </div>
  );
}
