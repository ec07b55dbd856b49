import { useQuery } from "@tanstack/react-query";
import { Share2 } from "lucide-react";
import { useState } from "react";
import { recommendation } from "@/lib/affiliate";
import { sameAddress } from "@/lib/address";
import type { Chain, OfferDetail } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useChain, useDemo } from "@/lib/queries";
import { useWallet, type Wallet } from "@/lib/wallet/state";
import { CopyButton } from "@/ui/address";
import { Button } from "@/ui/button";
import { useSigning } from "@/ui/signing/context";

/** The part of the fee that recommending earns, read from the contract. */
export function useRecommendShare(chain: Chain | undefined, wallet: Wallet | null) {
  const demo = useDemo().data;
  return useQuery({
    queryKey: ["recommend-share", chain?.contracts.market ?? ""],
    enabled: chain !== undefined && wallet !== null && demo !== undefined,
    queryFn: async () => {
      if (chain === undefined || wallet === null) return 0;
      const [{ openTools }, { recommendShare }] = await Promise.all([import("@/lib/chain/tools"), import("@/lib/chain/recommend")]);
      return recommendShare(openTools(chain, wallet, demo ?? null).reader, chain.contracts.market);
    },
  });
}

function Link({ offer, wallet }: { offer: OfferDetail; wallet: Wallet }) {
  const { t, locale } = useLanguage();
  const share = useRecommendShare(useChain().data, wallet).data;
  if (sameAddress(wallet.address, offer.seller.address)) return <p className="mt-2 text-[15px] text-ink-soft">{t("recommend.own")}</p>;
  const link = recommendation(window.location.origin, offer.id, wallet.address);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format((share ?? 0) / 10_000);
  return (
    <div className="mt-2">
      <p className="flex min-w-0 items-center gap-2">
        <span data-recommendation className="min-w-0 truncate font-mono text-sm">{link}</span>
        <CopyButton text={link} />
      </p>
      {share !== undefined && <p className="mt-1 text-[15px] text-ink-soft">{share === 0 ? t("recommend.none") : t("recommend.text", { percent })}</p>}
    </div>
  );
}

/** A link that earns whoever gives it a part of the house's fee. */
export function Recommend({ offer }: { offer: OfferDetail }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const { connect } = useSigning();
  const [open, setOpen] = useState(false);
  return (
    <div className="mt-4">
      <Button small look="quiet" aria-expanded={open} onClick={() => (wallet === null ? connect() : setOpen(!open))}>
        <Share2 aria-hidden size={16} />
        {t("recommend.action")}
      </Button>
      {open && wallet !== null && <Link offer={offer} wallet={wallet} />}
    </div>
  );
}
