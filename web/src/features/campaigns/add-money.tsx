import { useState } from "react";
import type { Campaign } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { parseDecimal } from "@/lib/money";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { useSigning } from "@/ui/signing/context";
import { fundPlan } from "./plan";

/** Lets anyone join a campaign's funders. */
export function AddMoney({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const [text, setText] = useState("");
  const { decimals, symbol } = campaign.budget.contributed;
  const amount = parseDecimal(text, decimals);
  const ready = amount !== null && amount > 0n;
  if (["ended", "closed"].includes(campaign.standing)) return null;
  return (
    <form
      className="mt-4 flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) sign(fundPlan(campaign, { ...campaign.budget.contributed, amount: amount.toString() }, t));
      }}
    >
      <div className="w-40">
        <Field label={`${t("campaign.amount")} (${symbol})`} error={text !== "" && !ready ? t("campaign_error.amount") : null}>
          {(a) => <Input {...a} inputMode="decimal" value={text} onChange={(e) => setText(e.target.value)} />}
        </Field>
      </div>
      <Button type="submit">{t("campaign.add")}</Button>
    </form>
  );
}
