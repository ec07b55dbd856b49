import { useState, type FormEvent } from "react";
import { useLanguage } from "@/lib/i18n";
import { useChain } from "@/lib/queries";
import { useWallet } from "@/lib/wallet/state";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { oneCall } from "@/ui/signing/plan";
import { useRecommendShare } from "../storefront/recommend";

/** The contract's own bound: half of the fee. */
const PERCENT_MAX = 50;

/** What part of the fee goes to who recommended; the operator sets it for orders to come. */
export function RecommendShare() {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const chain = useChain().data;
  const share = useRecommendShare(chain, useWallet()).data;
  const [text, setText] = useState<string | null>(null);
  if (share === undefined) return null;
  const shown = text ?? String(share / 100);
  const percent = Number(shown);
  const good = shown.trim() !== "" && Number.isFinite(percent) && percent >= 0 && percent <= PERCENT_MAX;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!good) return;
    sign(
      oneCall({
        title: t("recommend.set_title"),
        effects: [{ who: t("recommend.share"), what: `${shown} %` }],
        back: [t("recommend.set_back")],
        action: t("recommend.set"),
        call: async (now) => (await import("@/lib/chain/recommend")).setRecommendShare(now.contracts.market, Math.round(percent * 100)),
        done: { title: t("recommend.set_done"), text: t("recommend.set_back") },
      }),
    );
  };
  return (
    <Section title={t("recommend.title")} lead={t("recommend.lead")}>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-4">
        <div className="w-48">
          <Field label={t("recommend.share")} error={good ? null : t("recommend.bad")}>
            {(a) => <Input {...a} inputMode="decimal" value={shown} onChange={(event) => setText(event.target.value)} />}
          </Field>
        </div>
        <Button type="submit">{t("recommend.set")}</Button>
      </form>
    </Section>
  );
}
