import { Link } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { setQuantity } from "@/lib/basket";
import { localized, useLanguage } from "@/lib/i18n";
import { Address } from "@/ui/address";
import { Blank, Empty } from "@/ui/answer";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { Money } from "@/ui/money";
import { PageHead } from "@/ui/page";
import { Picture } from "@/ui/picture";
import { Quantity } from "../storefront/buy-box";
import { Totals } from "./totals";
import { lineTrouble, useBasketOffers, type PricedLine } from "./use-basket-offers";

function Line({ line }: { line: PricedLine }) {
  const { t, language } = useLanguage();
  const { offer, quantity, total } = line;
  const trouble = lineTrouble(line);
  const title = localized(offer.title, language);
  return (
    <li className="grid grid-cols-[72px_1fr] gap-x-4 gap-y-2 border-b border-line py-4 sm:grid-cols-[96px_1fr_auto]">
      <div className="aspect-square overflow-hidden rounded-[6px] border border-line">
        <Picture src={offer.picture_url} kind={offer.category} alt="" />
      </div>
      <div className="min-w-0">
        <h2 className="text-xl">
          <Link to="/offers/$id" params={{ id: offer.id }} className="hover:text-accent-ink">
            {title}
          </Link>
        </h2>
        <p className="text-[15px] text-ink-soft">
          <Address address={offer.seller.address} name={offer.seller.name} to="seller" />
        </p>
        <p className="mt-1 text-[15px] text-ink-soft">
          <Money value={offer.price} /> + {t("offer.shipping")} <Money value={offer.shipping} />
        </p>
        {trouble !== null && (
          <p role="alert" className="mt-1 text-[15px] text-harm">
            {t(`basket.${trouble}`, { count: offer.stock })}
          </p>
        )}
      </div>
      <div className="col-span-2 flex items-center justify-between gap-3 sm:col-span-1 sm:flex-col sm:items-end">
        <span className="text-lg font-semibold">
          <Money value={total} />
        </span>
        <span className="flex items-center gap-1">
          <Quantity value={quantity} most={Math.max(offer.stock, 1)} onChange={(next) => setQuantity(offer.id, next)} />
          <IconButton label={t("basket.remove", { title })} onClick={() => setQuantity(offer.id, 0)}>
            <Trash2 aria-hidden size={18} />
          </IconButton>
        </span>
      </div>
    </li>
  );
}

export function BasketPage() {
  const { t } = useLanguage();
  const { basket, lines, missing, loading, totals } = useBasketOffers();
  if (basket.length === 0) {
    return (
      <>
        <PageHead title={t("basket.title")} />
        <Empty
          title={t("basket.empty")}
          text={t("basket.empty_text")}
          action={
            <Link to="/market" className={buttonClass("primary")}>
              {t("home.browse")}
            </Link>
          }
        />
      </>
    );
  }
  return (
    <>
      <PageHead title={t("basket.title")} lead={t("basket.lead")} />
      <div className="grid gap-x-12 gap-y-8 lg:grid-cols-[1fr_320px]">
        <div className="min-w-0">
          {loading && <Blank lines={basket.length} height={128} />}
          <ul className="border-t border-line">
            {lines.map((line) => (
              <Line key={line.offer.id} line={line} />
            ))}
          </ul>
          {missing.map((id) => (
            <p key={id} role="alert" className="flex flex-wrap items-center gap-3 border-b border-line py-4 text-harm">
              {t("basket.missing", { id })}
              <Button small onClick={() => setQuantity(id, 0)}>
                {t("basket.take_out")}
              </Button>
            </p>
          ))}
        </div>
        <aside aria-label={t("basket.total")}>
          <Totals lines={lines} totals={totals} />
          <Link to="/checkout" className={`${buttonClass("primary")} mt-4 w-full`}>
            {t("basket.checkout")}
          </Link>
        </aside>
      </div>
    </>
  );
}
