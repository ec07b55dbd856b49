import type { Category, Chain } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { NATIVE_TOKEN } from "@/lib/money";
import { Check, Field, Input, Select, TextArea } from "@/ui/field";
import { Section } from "@/ui/page";
import type { Draft, DraftErrors } from "./draft";
import { Pictures } from "./pictures";

interface Props {
  draft: Draft;
  errors: DraftErrors;
  chain: Chain;
  categories: readonly Category[];
  onChange: (change: Partial<Draft>) => void;
  ensureSession: () => Promise<void>;
}

/** On an empty market there is no category to choose from yet; the first seller names one. */
const slugOf = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");

const TERMS = ["acceptHours", "shipDays", "deliverDays", "inspectDays"] as const;

export function OfferForm({ draft, errors, chain, categories, onChange, ensureSession }: Props) {
  const { t, language } = useLanguage();
  const problem = (field: keyof Draft) => {
    const error = errors[field];
    return error === undefined ? null : t(`draft_error.${error}`);
  };
  return (
    <>
      <Section title={t("selling.what")} lead={t("selling.languages_hint")}>
        <div className="grid gap-6 sm:grid-cols-2">
          <Field label={t("selling.title_en")} error={problem("titleEn")}>
            {(a) => <Input {...a} lang="en" maxLength={120} value={draft.titleEn} onChange={(e) => onChange({ titleEn: e.target.value })} />}
          </Field>
          <Field label={t("selling.title_zh")}>
            {(a) => <Input {...a} lang="zh-CN" maxLength={120} value={draft.titleZh} onChange={(e) => onChange({ titleZh: e.target.value })} />}
          </Field>
          <Field label={t("selling.description_en")}>
            {(a) => <TextArea {...a} lang="en" maxLength={4000} value={draft.descriptionEn} onChange={(e) => onChange({ descriptionEn: e.target.value })} />}
          </Field>
          <Field label={t("selling.description_zh")}>
            {(a) => <TextArea {...a} lang="zh-CN" maxLength={4000} value={draft.descriptionZh} onChange={(e) => onChange({ descriptionZh: e.target.value })} />}
          </Field>
          <Field label={t("selling.category")} error={problem("category")}>
            {(a) =>
              categories.length === 0 ? (
                <Input {...a} value={draft.category} maxLength={40} onChange={(e) => onChange({ category: slugOf(e.target.value) })} />
              ) : (
              <Select {...a} value={draft.category} onChange={(e) => onChange({ category: e.target.value })}>
                <option value="">{t("selling.choose")}</option>
                {categories.map(({ slug, name }) => (
                  <option key={slug} value={slug}>
                    {localized(name, language)}
                  </option>
                ))}
              </Select>
              )
            }
          </Field>
        </div>
      </Section>
      <Section title={t("selling.pictures")}>
        <Pictures pictures={draft.pictures} onChange={(pictures) => onChange({ pictures })} ensureSession={ensureSession} />
      </Section>
      <Section title={t("selling.price_stock")}>
        <div className="grid grid-cols-2 gap-6 sm:grid-cols-4">
          <Field label={t("offer.token")}>
            {(a) => (
              <Select {...a} value={draft.token} onChange={(e) => onChange({ token: e.target.value })}>
                {chain.tokens.map(({ address, symbol }) => (
                  <option key={address} value={address.toLowerCase()}>
                    {symbol}
                  </option>
                ))}
                {!chain.tokens.some(({ address }) => address === NATIVE_TOKEN) && (
                  <option value={NATIVE_TOKEN}>{chain.native.symbol}</option>
                )}
              </Select>
            )}
          </Field>
          <Field label={t("offer.price")} error={problem("price")}>
            {(a) => <Input {...a} inputMode="decimal" value={draft.price} onChange={(e) => onChange({ price: e.target.value })} />}
          </Field>
          <Field label={t("offer.shipping")} error={problem("shipping")}>
            {(a) => <Input {...a} inputMode="decimal" value={draft.shipping} onChange={(e) => onChange({ shipping: e.target.value })} />}
          </Field>
          <Field label={t("offer.stock")} error={problem("stock")}>
            {(a) => <Input {...a} inputMode="numeric" value={draft.stock} onChange={(e) => onChange({ stock: e.target.value })} />}
          </Field>
        </div>
        <div className="mt-4">
          <Check
            label={t("selling.digital")}
            checked={draft.digital}
            onChange={(e) => onChange({ digital: e.target.checked, inspectDays: e.target.checked ? "1" : "7", returnable: !e.target.checked })}
          />
        </div>
      </Section>
      <Section title={t("selling.terms")} lead={t("selling.terms_text")}>
        <div className="grid grid-cols-2 gap-6 sm:grid-cols-4">
          {TERMS.map((field) => (
            <Field key={field} label={t(`selling.${field}`)} error={problem(field)}>
              {(a) => <Input {...a} inputMode="decimal" value={draft[field]} onChange={(e) => onChange({ [field]: e.target.value })} />}
            </Field>
          ))}
        </div>
        <div className="mt-6 flex flex-wrap items-end gap-x-8 gap-y-4">
          <Check label={t("selling.returnable")} checked={draft.returnable} onChange={(e) => onChange({ returnable: e.target.checked })} />
          {draft.returnable && (
            <div className="w-40">
              <Field label={t("selling.returnDays")} error={problem("returnDays")}>
                {(a) => <Input {...a} inputMode="decimal" value={draft.returnDays} onChange={(e) => onChange({ returnDays: e.target.value })} />}
              </Field>
            </div>
          )}
        </div>
        <p className="mt-3 max-w-[44rem] text-[15px] text-ink-soft">{t("selling.returns_text")}</p>
      </Section>
    </>
  );
}
