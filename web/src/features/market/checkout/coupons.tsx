import { Ticket, X } from "lucide-react";
import { Fragment, useState, type FormEvent } from "react";
import type { Money as MoneyValue, Quote, QuotedCoupon } from "@/lib/api/types";
import { useLanguage, localized } from "@/lib/i18n";
import { formatMoney } from "@/lib/money";
import { formatDate } from "@/lib/time";
import { Address } from "@/ui/address";
import { Button, IconButton } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Money } from "@/ui/money";
import type { Choice } from "./use-quote";

const percent = (bps: number, locale: string) =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(bps / 10_000);

/** Who pays a discount, and which part where there are several. */
export function PaidBy({ coupon }: { coupon: Pick<QuotedCoupon, "funders"> }) {
  const { t, locale } = useLanguage();
  const several = coupon.funders.length > 1;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-0.5">
      {t("coupon.paid_by")}
      {coupon.funders.map(({ party, share_bps }) => (
        <Fragment key={party.address}>
          <Address address={party.address} name={party.name} to="none" size={16} />
          {several && <span className="figures">{percent(share_bps, locale)}</span>}
        </Fragment>
      ))}
    </span>
  );
}

function Applied({ coupon, onRemove }: { coupon: QuotedCoupon; onRemove: () => void }) {
  const { t, language, locale } = useLanguage();
  const name = localized(coupon.name, language);
  return (
    <li className="flex items-start gap-3 border-b border-line py-3">
      <Ticket aria-hidden size={20} className="mt-0.5 shrink-0 text-accent-ink" />
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-baseline justify-between gap-x-4">
          <span className="font-semibold">{name}</span>
          <span className="text-safe">
            −<Money value={coupon.saved} />
          </span>
        </p>
        <p className="text-sm text-ink-soft">
          {t(coupon.first_order ? "coupon.for_first" : "coupon.until", { date: formatDate(coupon.ends_at, locale) })}
        </p>
        <p className="text-sm text-ink-soft">
          <PaidBy coupon={coupon} />
        </p>
      </div>
      <IconButton label={t("coupon.remove", { name })} onClick={onRemove} className="-mt-2 -mr-2">
        <X aria-hidden size={18} />
      </IconButton>
    </li>
  );
}

interface Props {
  quote: Quote | undefined;
  failed: boolean;
  choice: Choice;
  onChange: (choice: Choice) => void;
  /** The currency in which a least worth is told. */
  currency: MoneyValue | undefined;
}

/** The discounts on a basket: those found by themselves, and a field for a code. */
export function Coupons({ quote, failed, choice, onChange, currency }: Props) {
  const { t, locale } = useLanguage();
  const [text, setText] = useState(choice.code);
  const coupons = quote?.lines.flatMap((line) => line.coupons) ?? [];
  const verdict = choice.code === "" ? null : (quote?.code ?? null);
  const enter = (event: FormEvent) => {
    event.preventDefault();
    onChange({ ...choice, code: text.trim() });
  };
  const least =
    verdict?.spend_min != null && currency !== undefined ? formatMoney({ ...currency, amount: verdict.spend_min }, locale) : "";
  const refused = verdict !== null && verdict.verdict !== "applied";
  return (
    <div>
      {coupons.length > 0 && (
        <ul className="border-t border-line">
          {coupons.map((coupon) => (
            <Applied
              key={coupon.campaign_id}
              coupon={coupon}
              onRemove={() => onChange({ ...choice, without: [...choice.without, coupon.campaign_id] })}
            />
          ))}
        </ul>
      )}
      {choice.without.length > 0 && (
        <p className="mt-2 text-sm">
          <button type="button" className="link" onClick={() => onChange({ ...choice, without: [] })}>
            {t("coupon.put_back")}
          </button>
        </p>
      )}
      <form onSubmit={enter} className="mt-3">
        <Field
          label={t("coupon.code")}
          optional={t("common.optional")}
          error={failed ? t("coupon.failed") : refused ? t(`coupon_verdict.${verdict.verdict}`, { code: verdict.code, least }) : null}
          hint={verdict?.verdict === "applied" ? t("coupon.applied", { code: verdict.code }) : undefined}
        >
          {(a) => (
            <span className="flex gap-2">
              <Input {...a} value={text} maxLength={24} autoComplete="off" autoCapitalize="characters" onChange={(e) => setText(e.target.value)} />
              <Button type="submit">{t("coupon.use")}</Button>
            </span>
          )}
        </Field>
      </form>
    </div>
  );
}
