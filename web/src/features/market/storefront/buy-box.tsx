import { Link, useNavigate } from "@tanstack/react-router";
import { Minus, Plus, ShieldCheck } from "lucide-react";
import { useState } from "react";
import type { OfferDetail } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { addToBasket } from "@/lib/basket";
import { useLanguage } from "@/lib/i18n";
import { units } from "@/lib/money";
import { useWallet } from "@/lib/wallet/state";
import { Button, IconButton } from "@/ui/button";
import { Money } from "@/ui/money";
import { WishButton } from "./wish-button";

interface QuantityProps {
  value: number;
  most: number;
  onChange: (value: number) => void;
}

export function Quantity({ value, most, onChange }: QuantityProps) {
  const { t } = useLanguage();
  const bounded = (next: number) => Math.min(Math.max(1, next), Math.max(1, most));
  return (
    <div role="group" aria-label={t("offer.quantity")} className="inline-flex items-center rounded-[6px] border border-line-strong">
      <IconButton label={t("offer.fewer")} disabled={value <= 1} onClick={() => onChange(bounded(value - 1))} className="!size-9">
        <Minus aria-hidden size={16} />
      </IconButton>
      <input
        aria-label={t("offer.quantity")}
        inputMode="numeric"
        value={value}
        onChange={(event) => onChange(bounded(Number.parseInt(event.target.value, 10) || 1))}
        className="figures h-9 w-12 bg-transparent text-center"
      />
      <IconButton label={t("offer.more")} disabled={value >= most} onClick={() => onChange(bounded(value + 1))} className="!size-9">
        <Plus aria-hidden size={16} />
      </IconButton>
    </div>
  );
}

/** Why this visitor cannot buy this offer now, in words, or null. */
function useObstacle(offer: OfferDetail): string | null {
  const { t } = useLanguage();
  const wallet = useWallet();
  if (!offer.active) return t("offer.withdrawn");
  if (offer.stock === 0) return t("offer.sold_out_text");
  if (!offer.bond_ok) return t("offer.no_bond");
  return sameAddress(wallet?.address, offer.seller.address) ? t("offer.own") : null;
}

export function BuyBox({ offer }: { offer: OfferDetail }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const [quantity, setQuantity] = useState(1);
  const [added, setAdded] = useState(false);
  const obstacle = useObstacle(offer);
  const add = () => {
    addToBasket(offer.id, quantity);
    setAdded(true);
  };
  return (
    <div className="border-y border-line-strong py-6">
      <p className="font-serif text-[34px] leading-none font-medium text-title">
        <Money value={offer.price} big />
      </p>
      <p className="mt-2 text-ink-soft">
        {units(offer.shipping.amount) === 0n ? (
          t(offer.digital ? "offer.digital_delivery" : "offer.shipping_free")
        ) : (
          <>
            {t("offer.shipping")} <Money value={offer.shipping} />
          </>
        )}
        {offer.stock > 0 && <span className="text-ink-faint"> · {t("offer.in_stock", { count: offer.stock })}</span>}
      </p>
      <div className="mt-6 flex flex-wrap items-start gap-3">
        {obstacle === null && <Quantity value={quantity} most={offer.stock} onChange={setQuantity} />}
        <Button
          look="primary"
          blocked={obstacle}
          onClick={() => {
            addToBasket(offer.id, quantity);
            void navigate({ to: "/checkout" });
          }}
        >
          {t("offer.buy_now")}
        </Button>
        {obstacle === null && <Button onClick={add}>{t("offer.add")}</Button>}
        <WishButton offerId={offer.id} />
      </div>
      <p role="status" className="mt-3 min-h-6 text-[15px]">
        {added && (
          <>
            {t("offer.added")}{" "}
            <Link to="/basket" className="link">
              {t("offer.see_basket")}
            </Link>
          </>
        )}
      </p>
      <p className="mt-2 flex items-start gap-3 text-[15px] text-ink-soft">
        <ShieldCheck aria-hidden size={20} className="mt-0.5 shrink-0 text-safe" />
        {t("offer.held")}
      </p>
    </div>
  );
}
