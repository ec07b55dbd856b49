import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Chain, OfferDetail } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { localized, useLanguage } from "@/lib/i18n";
import { useCategories, useChain } from "@/lib/queries";
import { useWallet } from "@/lib/wallet/state";
import { Answer, Blank } from "@/ui/answer";
import { Button, buttonClass } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { offerQuery } from "../storefront/queries";
import { checkDraft, decimalsOf, draftOf, type Draft, type DraftErrors } from "./draft";
import { OfferForm } from "./offer-form";
import { OfferPreview } from "./offer-preview";
import { activePlan, revisePlan, stockPlan } from "./plan";
import { useSessionGate } from "@/lib/wallet/use-session-gate";

const route = getRouteApi("/desk/offers/$id");

function Shelf({ offer, blocked }: { offer: OfferDetail; blocked: string | null }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const [stock, setStock] = useState(String(offer.stock));
  const valid = /^\d{1,15}$/.test(stock.trim());
  return (
    <Section title={t("selling.shelf")} lead={t("selling.shelf_text")}>
      <div className="flex flex-wrap items-end gap-4">
        <div className="w-32">
          <Field label={t("offer.stock")} error={valid ? null : t("draft_error.stock")}>
            {(a) => <Input {...a} inputMode="numeric" value={stock} onChange={(e) => setStock(e.target.value)} />}
          </Field>
        </div>
        <Button blocked={blocked} onClick={() => valid && sign(stockPlan(offer, BigInt(stock.trim()), t))}>
          {t("selling.stock_set")}
        </Button>
        <Button blocked={blocked} onClick={() => sign(activePlan(offer, t))}>
          {t(offer.active ? "selling.pause" : "selling.resume")}
        </Button>
      </div>
    </Section>
  );
}

function Editor({ offer, chain }: { offer: OfferDetail; chain: Chain }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const categories = useCategories().data ?? [];
  const ensureSession = useSessionGate();
  const { sign } = useSigning();
  const [draft, setDraft] = useState<Draft>(() => draftOf(offer));
  const [errors, setErrors] = useState<DraftErrors>({});
  const blocked = sameAddress(wallet?.address, offer.seller.address) ? null : t("blocked.seller");
  const submit = () => {
    const found = checkDraft(draft, decimalsOf(chain, draft.token));
    setErrors(found);
    if (Object.keys(found).length === 0) sign(revisePlan({ draft, chain, t, ensureSession, offer }));
  };
  return (
    <div className="grid gap-x-12 gap-y-8 lg:grid-cols-[1fr_280px]">
      <div className="min-w-0">
        <Shelf offer={offer} blocked={blocked} />
        <OfferForm
          draft={draft}
          errors={errors}
          chain={chain}
          categories={categories}
          onChange={(change) => setDraft((old) => ({ ...old, ...change }))}
          ensureSession={ensureSession}
        />
        <Button look="primary" blocked={blocked} onClick={submit}>
          {t("selling.revise")}
        </Button>
      </div>
      <aside aria-label={t("selling.preview")} className="lg:sticky lg:top-8 lg:self-start">
        <OfferPreview draft={draft} chain={chain} />
      </aside>
    </div>
  );
}

export function EditOfferPage() {
  const { t, language } = useLanguage();
  const { id } = route.useParams();
  const query = useQuery(offerQuery(id));
  const chain = useChain().data;
  return (
    <Answer query={query} blank={<Blank lines={8} height={72} />}>
      {(offer) => (
        <>
          <PageHead
            title={localized(offer.title, language)}
            lead={t("selling.edit_text", { version: offer.version })}
            aside={
              <Link to="/offers/$id" params={{ id }} className={buttonClass()}>
                {t("selling.see_offer")}
              </Link>
            }
          />
          {chain === undefined ? <Blank /> : <Editor key={offer.version} offer={offer} chain={chain} />}
        </>
      )}
    </Answer>
  );
}
