import { useState } from "react";
import type { Chain } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { NATIVE_TOKEN } from "@/lib/money";
import { useCategories, useChain } from "@/lib/queries";
import { useWallet } from "@/lib/wallet/state";
import { Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { NeedWallet } from "@/ui/need-wallet";
import { checkDraft, decimalsOf, emptyDraft, type Draft, type DraftErrors } from "./draft";
import { OfferForm } from "./offer-form";
import { OfferPreview } from "./offer-preview";
import { publishPlan } from "./plan";
import { useSessionGate } from "@/lib/wallet/use-session-gate";

function Editor({ chain }: { chain: Chain }) {
  const { t } = useLanguage();
  const categories = useCategories().data ?? [];
  const ensureSession = useSessionGate();
  const { sign } = useSigning();
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(chain.tokens[0]?.address.toLowerCase() ?? NATIVE_TOKEN));
  const [errors, setErrors] = useState<DraftErrors>({});
  const submit = () => {
    const found = checkDraft(draft, decimalsOf(chain, draft.token));
    setErrors(found);
    if (Object.keys(found).length === 0) sign(publishPlan({ draft, chain, t, ensureSession }));
  };
  return (
    <div className="grid gap-x-12 gap-y-8 lg:grid-cols-[1fr_280px]">
      <div className="min-w-0">
        <OfferForm
          draft={draft}
          errors={errors}
          chain={chain}
          categories={categories}
          onChange={(change) => setDraft((old) => ({ ...old, ...change }))}
          ensureSession={ensureSession}
        />
        {Object.keys(errors).length > 0 && (
          <p role="alert" className="mb-4 text-harm">
            {t("selling.fix")}
          </p>
        )}
        <Button look="primary" onClick={submit}>
          {t("selling.publish")}
        </Button>
      </div>
      <aside aria-label={t("selling.preview")} className="lg:sticky lg:top-8 lg:self-start">
        <OfferPreview draft={draft} chain={chain} />
      </aside>
    </div>
  );
}

export function NewOfferPage() {
  const { t } = useLanguage();
  const wallet = useWallet();
  const chain = useChain().data;
  return (
    <>
      <PageHead title={t("selling.new")} lead={t("selling.new_text")} />
      {wallet === null ? <NeedWallet /> : chain === undefined ? <Blank /> : <Editor chain={chain} />}
    </>
  );
}
