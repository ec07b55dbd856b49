import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { readList } from "@/lib/api/read";
import { localized, useLanguage } from "@/lib/i18n";
import { Address } from "@/ui/address";
import { Money } from "@/ui/money";
import { Section } from "@/ui/page";
import { State } from "@/ui/state";
import { When } from "@/ui/when";

/** The town's tape: what was just bought, and how far each order has come. */
export function LatestOrders() {
  const { t, language } = useLanguage();
  const orders = useQuery(readList("/market/orders", { query: { limit: 6 } })).data;
  if (orders === undefined || orders.items.length === 0) return null;
  return (
    <Section title={t("home.latest")}>
      <ul className="ruled">
        {orders.items.map((order) => (
          <li
            key={order.id}
            className="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-1 border-b border-line py-2.5 md:grid-cols-[1.2fr_2fr_130px_150px_150px]"
          >
            <Address address={order.buyer.address} name={order.buyer.name} />
            <Link to="/orders/$id" params={{ id: order.id }} className="link order-3 col-span-2 truncate md:order-none md:col-span-1">
              {localized(order.offer.title, language)}
              {order.quantity > 1 && <span className="figures text-ink-faint"> × {order.quantity}</span>}
            </Link>
            <span className="order-4 text-sm md:order-none md:text-base">
              <State state={order.state} />
            </span>
            <span className="justify-self-end">
              <Money value={order.total} />
            </span>
            <span className="order-5 justify-self-end text-sm text-ink-faint md:order-none">
              <When at={order.placed_at} relative />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
