import type { QueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { client } from "@/lib/api/client";
import type { Campaign, Money as MoneyValue } from "@/lib/api/types";
import { asHex } from "@/lib/address";
import type { CampaignTerms } from "@/lib/chain/campaigns";
import { formatDate } from "@/lib/time";
import { Money } from "@/ui/money";
import type { Plan } from "@/ui/signing/plan";
import type { Details } from "./draft";

interface Opening {
  terms: CampaignTerms;
  details: Details;
  budget: MoneyValue;
  t: TFunction;
  ensureSession: () => Promise<void>;
  queries: QueryClient;
}

const locks = (endsAt: string | number, t: TFunction) => [
  t("campaign.lock_back", { date: formatDate(endsAt, t("locale")) }),
  t("campaign.lock_refund"),
];

/** Locks a budget on the ledger, then gives the campaign its name. */
export function openPlan({ terms, details, budget, t, ensureSession, queries }: Opening): Plan {
  return {
    title: t("campaign.open_title"),
    effects: [{ who: t("campaign.you_lock"), what: <Money value={budget} /> }],
    back: locks(Number(terms.endsAt), t),
    action: t("campaign.open"),
    execute: async (tools, chain) => {
      // Signed in before money moves, so that the name can be stored right after.
      await ensureSession();
      const { openCampaign } = await import("@/lib/chain/campaigns");
      return openCampaign(tools, chain.contracts.market, terms, BigInt(budget.amount));
    },
    done: async (receipt) => {
      const { openedCampaign } = await import("@/lib/chain/campaigns");
      const id = openedCampaign(receipt) ?? "";
      const failed = await nameCampaign(id, details);
      await queries.invalidateQueries();
      return {
        title: t("campaign.open_done"),
        text: failed === null ? t("campaign.open_done_text") : t("campaign.open_unnamed", { message: failed }),
        links: [{ href: `/office/campaigns/${id}`, label: t("campaign.see") }],
      };
    },
  };
}

const TRIES = 20;
const PAUSE_MS = 300;

/** The index sees a block a moment after the receipt, so a campaign that is not there yet is asked for again. */
async function nameCampaign(id: string, details: Details): Promise<string | null> {
  for (let n = 0; ; n += 1) {
    try {
      await client.PUT("/campaigns/{id}", { params: { path: { id: Number(id) } }, body: details });
      return null;
    } catch (error) {
      if (n >= TRIES || (error as { status?: number }).status !== 404) return (error as Error).message;
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }
}

export function fundPlan(campaign: Campaign, amount: MoneyValue, t: TFunction): Plan {
  return {
    title: t("campaign.add_title"),
    effects: [{ who: t("campaign.you_lock"), what: <Money value={amount} /> }],
    back: locks(campaign.ends_at, t),
    action: t("campaign.add"),
    execute: async (tools, chain) => {
      const { fundCampaign } = await import("@/lib/chain/campaigns");
      return fundCampaign(tools, chain.contracts.market, campaign.id, asHex(amount.token), BigInt(amount.amount));
    },
    done: () => Promise.resolve({ title: t("campaign.add_done"), text: t("campaign.add_done_text"), links: [] }),
  };
}

export function leftoverPlan(campaign: Campaign, t: TFunction): Plan {
  return {
    title: t("campaign.leftover_title"),
    effects: [{ who: t("campaign.leftover_who"), what: <Money value={campaign.budget.available} /> }],
    back: [t("campaign.leftover_back")],
    action: t("campaign.leftover"),
    execute: async (tools, chain) => {
      const { creditLeftovers } = await import("@/lib/chain/campaigns");
      return creditLeftovers(tools, chain.contracts.market, campaign.id);
    },
    done: () => Promise.resolve({ title: t("campaign.leftover_done"), text: t("campaign.leftover_done_text"), links: [] }),
  };
}
