import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { Chain } from "@/lib/api/types";
import { asHex } from "@/lib/address";
import { localized, useLanguage } from "@/lib/i18n";
import { parseDecimal } from "@/lib/money";
import { useCategories, useChain, useNow } from "@/lib/queries";
import { useSessionGate } from "@/lib/wallet/use-session-gate";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Check, Field, Input, Select } from "@/ui/field";
import { PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { AudienceForm } from "./audience-form";
import { checkDraft, detailsOf, emptyDraft, termsOf, type Draft, type DraftErrors } from "./draft";
import { openPlan } from "./plan";

interface PartProps {
  draft: Draft;
  errors: DraftErrors;
  symbol: string;
  onChange: (change: Partial<Draft>) => void;
}

function PromiseForm({ draft, errors, symbol, onChange }: PartProps) {
  const { t, language } = useLanguage();
  const categories = useCategories().data ?? [];
  const problem = (field: keyof Draft) => (errors[field] === undefined ? null : t(`campaign_error.${errors[field]}`));
  const money = (field: "fixed" | "most" | "least", label: string) => (
    <Field label={`${label} (${symbol})`} error={problem(field)}>
      {(a) => <Input {...a} inputMode="decimal" value={draft[field]} onChange={(e) => onChange({ [field]: e.target.value })} />}
    </Field>
  );
  return (
    <div className="grid gap-6 sm:grid-cols-3">
      <Field label={t("campaign.kind")}>
        {(a) => (
          <Select {...a} value={draft.kind} onChange={(e) => onChange({ kind: e.target.value === "amount" ? "amount" : "percent" })}>
            <option value="percent">{t("campaign.kind_percent")}</option>
            <option value="amount">{t("campaign.kind_amount")}</option>
          </Select>
        )}
      </Field>
      {draft.kind === "percent" ? (
        <>
          <Field label={t("campaign.percent")} error={problem("percent")}>
            {(a) => <Input {...a} inputMode="decimal" value={draft.percent} onChange={(e) => onChange({ percent: e.target.value })} />}
          </Field>
          {money("most", t("campaign.most"))}
        </>
      ) : (
        money("fixed", t("campaign.fixed"))
      )}
      {money("least", t("campaign.least"))}
      <Field label={t("campaign.scope")}>
        {(a) => (
          <Select {...a} value={draft.category} onChange={(e) => onChange({ category: e.target.value })}>
            <option value="">{t("campaign.every_category")}</option>
            {categories.map(({ slug, name }) => (
              <option key={slug} value={slug}>
                {localized(name, language)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="sm:col-span-2">
        <Field label={t("campaign.seller")} optional={t("common.optional")} error={problem("seller")} hint={t("campaign.seller_hint")}>
          {(a) => <Input {...a} value={draft.seller} maxLength={42} onChange={(e) => onChange({ seller: e.target.value })} />}
        </Field>
      </div>
      <div className="sm:col-span-3">
        <Check label={t("campaign.stackable")} checked={draft.stackable} onChange={(e) => onChange({ stackable: e.target.checked })} />
      </div>
    </div>
  );
}

function Form({ chain, issuer }: { chain: Chain; issuer: string }) {
  const { t } = useLanguage();
  const now = useNow();
  const queries = useQueryClient();
  const ensureSession = useSessionGate();
  const { sign } = useSigning();
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(now));
  const [errors, setErrors] = useState<DraftErrors>({});
  const token = chain.tokens[0] ?? { address: chain.contracts.stable_token, symbol: "", decimals: 6 };
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const problem = (field: keyof Draft) => (errors[field] === undefined ? null : t(`campaign_error.${errors[field]}`));
  const submit = () => {
    const found = checkDraft(draft, token.decimals, now);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const budget = {
      amount: (parseDecimal(draft.budget, token.decimals) ?? 0n).toString(),
      token: token.address,
      symbol: token.symbol,
      decimals: token.decimals,
    };
    sign(openPlan({ terms: termsOf(draft, token, asHex(issuer)), details: detailsOf(draft), budget, t, ensureSession, queries }));
  };
  return (
    <div className="max-w-[52rem]">
      <Section title={t("campaign.audience")}>
        <AudienceForm draft={draft} errors={errors} onChange={change} />
      </Section>
      <Section title={t("campaign.terms")}>
        <PromiseForm draft={draft} errors={errors} symbol={token.symbol} onChange={change} />
      </Section>
      <Section title={t("campaign.when")}>
        <div className="grid gap-6 sm:grid-cols-2">
          <Field label={t("campaign.starts")}>
            {(a) => <Input {...a} type="datetime-local" value={draft.starts} onChange={(e) => change({ starts: e.target.value })} />}
          </Field>
          <Field label={t("campaign.ends_on")} error={problem("ends")}>
            {(a) => <Input {...a} type="datetime-local" value={draft.ends} onChange={(e) => change({ ends: e.target.value })} />}
          </Field>
        </div>
      </Section>
      <Section title={t("campaign.money")}>
        <div className="max-w-60">
          <Field label={`${t("campaign.budget_first")} (${token.symbol})`} error={problem("budget")} hint={t("campaign.budget_hint")}>
            {(a) => <Input {...a} inputMode="decimal" value={draft.budget} onChange={(e) => change({ budget: e.target.value })} />}
          </Field>
        </div>
      </Section>
      {Object.keys(errors).length > 0 && (
        <p role="alert" className="mb-4 text-harm">
          {t("campaign.fix")}
        </p>
      )}
      <Button look="primary" onClick={submit}>
        {t("campaign.open")}
      </Button>
    </div>
  );
}

function Inside() {
  const { t } = useLanguage();
  const chain = useChain().data;
  const issuer = useQuery(read("/coupon-issuer"));
  return (
    <Answer query={issuer}>
      {({ address }) =>
        address == null ? <p role="status">{t("campaign.no_issuer")}</p> : chain === undefined ? <Blank /> : <Form chain={chain} issuer={address} />
      }
    </Answer>
  );
}

export function NewCampaign({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("campaign.open")} lead={t("campaign.new_lead")} />
      {gate(<Inside />)}
    </>
  );
}
