import { Link } from "@tanstack/react-router";
import type { Order } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { toDecimal, units } from "@/lib/money";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { State } from "@/ui/state";
import type { Column } from "@/ui/table";
import { When } from "@/ui/when";
import { NextLine } from "./next-line";

export function useOrderColumns(): Column<Order>[] {
  const { t, language } = useLanguage();
  return [
    {
      id: "order",
      title: t("order.order"),
      cell: (order) => (
        <>
          <Link to="/orders/$id" params={{ id: order.id }} className="link font-semibold">
            {localized(order.offer.title, language)}
          </Link>
          <span className="figures block text-sm text-ink-faint">
            {t("order.number", { id: order.id })} · <When at={order.placed_at} relative />
          </span>
          <span className="mt-1 block text-sm lg:hidden">
            <NextLine order={order} />
          </span>
        </>
      ),
      csv: (order) => order.id,
    },
    {
      id: "buyer",
      title: t("order.buyer"),
      cell: (order) => <Address address={order.buyer.address} name={order.buyer.name} />,
      csv: (order) => order.buyer.address,
      from: "md",
    },
    {
      id: "seller",
      title: t("order.seller"),
      cell: (order) => <Address address={order.seller.address} name={order.seller.name} to="seller" />,
      csv: (order) => order.seller.address,
      from: "md",
    },
    { id: "state", title: t("order.state"), cell: (order) => <State state={order.state} />, csv: (order) => order.state, from: "sm" },
    { id: "next", title: t("order.next"), cell: (order) => <NextLine order={order} />, csv: (order) => order.deadline ?? "", from: "lg" },
    {
      id: "total",
      title: t("order.total"),
      cell: (order) => (
        <>
          <Money value={order.total} />
          <span className="mt-1 block text-sm sm:hidden">
            <State state={order.state} />
          </span>
        </>
      ),
      csv: (order) => toDecimal(units(order.total.amount), order.total.decimals),
      end: true,
    },
  ];
}
