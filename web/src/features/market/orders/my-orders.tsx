import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { fetchAnswer, readList, type Input } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { useWallet } from "@/lib/wallet/state";
import { Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Field, Select } from "@/ui/field";
import { List } from "@/ui/list";
import { PageHead } from "@/ui/page";
import { NeedWallet } from "@/ui/need-wallet";
import { useOrderColumns } from "./order-table";
import { knownState, StateOptions } from "./state-filter";

const route = getRouteApi("/desk/orders");
const SIDES = ["all", "buying", "selling"] as const;

function useMyOrders(address: string) {
  const { side, state, cursor } = route.useSearch();
  const who = side === "buying" ? { buyer: address } : side === "selling" ? { seller: address } : { participant: address };
  const input = (at: string | undefined): Input<"/market/orders"> => ({
    query: { ...who, state: knownState(state), cursor: at, limit: 25 },
  });
  return { side: side ?? "all", state, cursor, input, query: useQuery(readList("/market/orders", input(cursor))) };
}

function OrderList({ address }: { address: string }) {
  const { t } = useLanguage();
  const navigate = route.useNavigate();
  const { side, state, cursor, input, query } = useMyOrders(address);
  const columns = useOrderColumns();
  const selling = side === "selling";
  return (
    <List
      caption={t("page.my_orders")}
      name="orders"
      columns={columns}
      query={query}
      cursor={cursor}
      rowKey={(order) => order.id}
      fetchPage={(at) => fetchAnswer("/market/orders", input(at))}
      filters={
        <>
          <div role="group" aria-label={t("order.side")} className="flex flex-wrap gap-1">
            {SIDES.map((one) => (
              <Link
                key={one}
                to="/desk/orders"
                search={(old) => ({ ...old, side: one === "all" ? undefined : one, cursor: undefined })}
                aria-current={side === one ? "true" : undefined}
                className={buttonClass(side === one ? "chosen" : "outline")}
              >
                {t(`order.side_${one}`)}
              </Link>
            ))}
          </div>
          <Field label={t("order.state")}>
            {(attributes) => (
              <Select
                {...attributes}
                value={state ?? ""}
                className="!w-auto"
                onChange={(event) =>
                  void navigate({ search: (old) => ({ ...old, state: event.target.value || undefined, cursor: undefined }) })
                }
              >
                <StateOptions />
              </Select>
            )}
          </Field>
        </>
      }
      empty={
        <Empty
          title={t(selling ? "order.none_selling" : "order.none_buying")}
          text={t(selling ? "order.none_selling_text" : "order.none_buying_text")}
          action={
            <Link to={selling ? "/desk/offers/new" : "/market"} className={buttonClass("primary")}>
              {t(selling ? "selling.publish" : "home.browse")}
            </Link>
          }
        />
      }
    />
  );
}

export function MyOrdersPage() {
  const { t } = useLanguage();
  const wallet = useWallet();
  return (
    <>
      <PageHead title={t("page.my_orders")} lead={t("order.lead")} />
      {wallet === null ? <NeedWallet /> : <OrderList address={wallet.address} />}
    </>
  );
}
