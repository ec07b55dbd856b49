import type { Chain, OfferCard as Offer } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { NATIVE_TOKEN, parseDecimal } from "@/lib/money";
import { useWallet } from "@/lib/wallet/state";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { Picture } from "@/ui/picture";
import { decimalsOf, metadataOf, type Draft } from "./draft";

/** The offer as buyers will see it, in both languages. */
export function OfferPreview({ draft, chain }: { draft: Draft; chain: Chain }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const { title } = metadataOf(draft);
  const decimals = decimalsOf(chain, draft.token);
  const symbol = chain.tokens.find(({ address }) => address.toLowerCase() === draft.token)?.symbol ?? chain.native.symbol;
  const price: Offer["price"] = {
    amount: (parseDecimal(draft.price, decimals) ?? 0n).toString(),
    token: draft.token || NATIVE_TOKEN,
    symbol,
    decimals,
  };
  return (
    <div>
      <h2 className="overline-label mb-3 font-sans">{t("selling.preview")}</h2>
      <div className="aspect-[4/3] overflow-hidden rounded-[6px] border border-line">
        <Picture key={draft.pictures[0]?.url} src={draft.pictures[0]?.url} kind={draft.category} alt="" />
      </div>
      <p className="mt-3 font-serif text-[19px] leading-snug text-title" lang="en">
        {title.en || t("selling.untitled")}
      </p>
      {title.zh !== title.en && (
        <p className="font-serif text-[19px] leading-snug text-title" lang="zh-CN">
          {title.zh}
        </p>
      )}
      {wallet !== null && (
        <p className="mt-1 text-[15px] text-ink-soft">
          <Address address={wallet.address} to="none" />
        </p>
      )}
      <p className="mt-1.5 text-[17px] font-semibold">
        <Money value={price} />
      </p>
    </div>
  );
}
