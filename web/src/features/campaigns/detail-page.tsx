import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { Campaign } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { toDecimal, units } from "@/lib/money";
import { useCategories } from "@/lib/queries";
import { formatDate } from "@/lib/time";
import { Address, TransactionLink } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Facts, PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { When } from "@/ui/when";
import { AddMoney } from "./add-money";
import { AudienceForm } from "./audience-form";
import { BudgetBar, BudgetFacts, Funders } from "./budget";
import { checkAudience, detailsOf, emptyAudience, type AudienceDraft } from "./draft";
import { Brought, UsedIn } from "./figures";
import { leftoverPlan } from "./plan";
import { campaignName, promise, Standing } from "./words";

const draftOf = (campaign: Campaign): AudienceDraft =>
  campaign.name == null
    ? emptyAudience
    : {
        nameEn: campaign.name.en,
        nameZh: campaign.name.zh,
        code: campaign.code ?? "",
        firstOrder: campaign.first_order,
        perPerson: String(campaign.per_person),
        holdout: toDecimal(BigInt(campaign.holdout_bps ?? 0), 2),
      };

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/campaigns") });
}

function Details({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const refresh = useRefresh();
  const [draft, setDraft] = useState(() => draftOf(campaign));
  const [errors, setErrors] = useState<ReturnType<typeof checkAudience>>({});
  const save = useMutation({
    mutationFn: async () => {
      await client.PUT("/campaigns/{id}", { params: { path: { id: Number(campaign.id) } }, body: detailsOf(draft) });
      await refresh();
    },
  });
  const submit = () => {
    const found = checkAudience(draft);
    setErrors(found);
    if (Object.keys(found).length === 0) save.mutate();
  };
  const unfinished = campaign.standing === "unfinished";
  return (
    <Section title={t("campaign.details")} lead={t(unfinished ? "campaign.finish" : "campaign.details_text")}>
      <div className="max-w-[52rem]">
        <AudienceForm draft={draft} errors={errors} onChange={(change) => setDraft((old) => ({ ...old, ...change }))} />
        <div className="mt-6 flex flex-wrap items-center gap-4">
          <Button look={unfinished ? "primary" : "outline"} busy={save.isPending} onClick={submit}>
            {t("campaign.save")}
          </Button>
          <span role="status" className="text-safe">
            {save.isSuccess && t("campaign.saved")}
          </span>
        </div>
        {save.isError && (
          <p role="alert" className="mt-3 text-harm">
            {save.error.message}
          </p>
        )}
      </div>
    </Section>
  );
}

function Moves({ campaign }: { campaign: Campaign }) {
  const { t, locale } = useLanguage();
  const refresh = useRefresh();
  const { sign } = useSigning();
  const [sure, setSure] = useState(false);
  const move = useMutation({
    mutationFn: async (state: string) => {
      await client.PUT("/campaigns/{id}/state", { params: { path: { id: Number(campaign.id) } }, body: { state } });
      setSure(false);
      await refresh();
    },
  });
  const { standing } = campaign;
  const handsOut = ["running", "exhausted", "scheduled"].includes(standing);
  return (
    <div className="mb-10 space-y-3">
      <div className="flex flex-wrap gap-3">
        {handsOut && (
          <Button busy={move.isPending} onClick={() => move.mutate("paused")}>
            {t("campaign.pause")}
          </Button>
        )}
        {standing === "paused" && (
          <Button look="primary" busy={move.isPending} onClick={() => move.mutate("running")}>
            {t("campaign.resume")}
          </Button>
        )}
        {(handsOut || standing === "paused") && !sure && (
          <Button look="quiet" onClick={() => setSure(true)}>
            {t("campaign.close")}
          </Button>
        )}
        {standing === "ended" && units(campaign.budget.available.amount) > 0n && (
          <Button look="primary" onClick={() => sign(leftoverPlan(campaign, t))}>
            {t("campaign.leftover")}
          </Button>
        )}
      </div>
      {sure && (
        <p role="alert" className="flex flex-wrap items-center gap-3">
          {t("campaign.close_sure", { date: formatDate(campaign.ends_at, locale) })}
          <Button small look="harm" busy={move.isPending} onClick={() => move.mutate("closed")}>
            {t("campaign.close")}
          </Button>
          <Button small look="quiet" onClick={() => setSure(false)}>
            {t("common.cancel")}
          </Button>
        </p>
      )}
      {move.isError && (
        <p role="alert" className="text-harm">
          {move.error.message}
        </p>
      )}
    </div>
  );
}

function Sheet({ campaign }: { campaign: Campaign }) {
  const { t, language } = useLanguage();
  const categories = useCategories().data ?? [];
  return (
    <>
      <div className="mb-6 max-w-[44rem]">
        <p className="mb-2 flex flex-wrap items-baseline gap-x-6 text-lg">
          <span>{promise(campaign, categories, t, language)}</span>
          <Standing campaign={campaign} />
        </p>
        <BudgetBar campaign={campaign} />
      </div>
      <Moves campaign={campaign} />
      {campaign.standing === "unfinished" && campaign.issued_here && <Details campaign={campaign} />}
      <Brought campaign={campaign} />
      <div className="grid gap-x-12 lg:grid-cols-2">
        <Section title={t("campaign.budget")}>
          <BudgetFacts campaign={campaign} />
        </Section>
        <Section title={t("campaign.funders")} lead={t("campaign.funders_text")}>
          <Funders campaign={campaign} />
          <AddMoney campaign={campaign} />
        </Section>
      </div>
      <UsedIn campaign={campaign} />
      {campaign.standing !== "unfinished" && campaign.issued_here && <Details campaign={campaign} />}
      <Section title={t("campaign.terms")}>
        <Facts
          rows={[
            [t("campaign.starts"), <When key="s" at={campaign.starts_at} />],
            [t("campaign.ends_on"), <When key="e" at={campaign.ends_at} />],
            [t("campaign.stackable"), t(campaign.stackable ? "common.yes" : "common.no")],
            ...(campaign.seller == null
              ? []
              : [[t("campaign.seller"), <Address key="a" address={campaign.seller.address} name={campaign.seller.name} to="seller" />] as const]),
            [t("campaign.terms_on_chain"), <TransactionLink key="t" hash={campaign.tx_hash} />],
          ]}
        />
      </Section>
    </>
  );
}

export function CampaignDetail({ id, gate }: { id: string; gate: (inside: ReactNode) => ReactNode }) {
  const { t, language } = useLanguage();
  const query = useQuery(read("/campaigns/{id}", { path: { id: Number(id) } }));
  const title = query.data === undefined ? t("campaign.unnamed", { id }) : campaignName(query.data, t, language);
  return (
    <>
      <PageHead title={title} />
      {gate(
        <Answer query={query} blank={<Blank lines={8} height={72} />}>
          {(campaign) => <Sheet key={`${campaign.id} ${campaign.holdout_bps ?? ""}`} campaign={campaign} />}
        </Answer>,
      )}
    </>
  );
}
