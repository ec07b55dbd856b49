import { useState, type FormEvent } from "react";
import { useLanguage } from "@/lib/i18n";
import { Button } from "@/ui/button";
import { Check, Field, Input } from "@/ui/field";
import type { OfferSearch } from "./queries";

const PRICE = /^\d{0,9}(\.\d{0,2})?$/;

interface Props {
  search: OfferSearch;
  onChange: (change: Partial<OfferSearch>) => void;
}

/** What narrows a search; it all stands in the address. */
export function Filters({ search, onChange }: Props) {
  const { t } = useLanguage();
  const [from, setFrom] = useState(search.from ?? "");
  const [to, setTo] = useState(search.to ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange({ from: from || undefined, to: to || undefined });
  };
  const set = (change: (text: string) => void) => (text: string) => PRICE.test(text) && change(text);
  const any = [search.from, search.to, search.stock, search.kind].some((one) => one !== undefined);
  return (
    <form onSubmit={submit} className="mt-6 space-y-4 max-lg:mt-0">
      <fieldset>
        <legend className="overline-label mb-2">{t("filter.price")}</legend>
        <div className="grid grid-cols-2 gap-2">
          <Field label={t("filter.from")}>
            {(a) => <Input {...a} inputMode="decimal" value={from} onChange={(e) => set(setFrom)(e.target.value)} />}
          </Field>
          <Field label={t("filter.to")}>
            {(a) => <Input {...a} inputMode="decimal" value={to} onChange={(e) => set(setTo)(e.target.value)} />}
          </Field>
        </div>
        <Button small type="submit" className="mt-2">
          {t("filter.apply")}
        </Button>
      </fieldset>
      <div>
        <Check label={t("filter.in_stock")} checked={search.stock === "1"} onChange={(e) => onChange({ stock: e.target.checked ? "1" : undefined })} />
        <Check label={t("filter.shipped")} checked={search.kind === "shipped"} onChange={(e) => onChange({ kind: e.target.checked ? "shipped" : undefined })} />
        <Check label={t("filter.digital")} checked={search.kind === "digital"} onChange={(e) => onChange({ kind: e.target.checked ? "digital" : undefined })} />
      </div>
      {any && (
        <Button
          small
          look="quiet"
          onClick={() => {
            setFrom("");
            setTo("");
            onChange({ from: undefined, to: undefined, stock: undefined, kind: undefined });
          }}
        >
          {t("filter.clear")}
        </Button>
      )}
    </form>
  );
}
