import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { fetchAnswer, readList, type Input } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { useNow } from "@/lib/queries";
import { seconds } from "@/lib/time";
import { Empty } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Field, Select } from "@/ui/field";
import { List } from "@/ui/list";
import { PageHead } from "@/ui/page";
import { useOrderColumns } from "../orders/order-table";
import { knownState, StateOptions } from "../orders/state-filter";
import { OfficeGate } from "./office-gate";

const route = getRouteApi("/office/orders");

function AllOrders() {
  const { t } = useLanguage();
  const { state, deadline_before, cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const input = (at: string | undefined): Input<"/market/orders"> => ({
    query: { state: knownState(state), deadline_before, cursor: at, limit: 25 },
  });
  const query = useQuery(readList("/market/orders", input(cursor)));
  const set = (change: { state?: string; deadline_before?: string }) =>
    void navigate({ search: (old) => ({ ...old, ...change, cursor: undefined }) });
  const before = (span: number) => new Date((now + span) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  return (
    <List
      caption={t("page.all_orders")}
      name="orders"
      columns={useOrderColumns()}
      query={query}
      cursor={cursor}
      rowKey={(order) => order.id}
      fetchPage={(at) => fetchAnswer("/market/orders", input(at))}
      filters={
        <>
          <Field label={t("order.state")}>
            {(a) => (
              <Select {...a} className="!w-auto" value={state ?? ""} onChange={(e) => set({ state: e.target.value || undefined })}>
                <StateOptions />
              </Select>
            )}
          </Field>
          <Field label={t("office.deadline")}>
            {(a) => (
              <Select
                {...a}
                className="!w-auto"
                value={deadline_before === undefined ? "" : "set"}
                onChange={(e) =>
                  set({ deadline_before: e.target.value === "" ? undefined : before(Number(e.target.value) || 0) })
                }
              >
                <option value="">{t("office.any_deadline")}</option>
                {deadline_before !== undefined && <option value="set">{t("office.before", { date: deadline_before })}</option>}
                <option value="0">{t("office.passed")}</option>
                <option value={seconds.DAY}>{t("office.within_day")}</option>
                <option value={3 * seconds.DAY}>{t("office.within_three")}</option>
              </Select>
            )}
          </Field>
        </>
      }
      empty={
        <Empty
          title={t("office.no_orders")}
          action={
            <Link to="/office/orders" className={buttonClass("primary")}>
              {t("office.clear")}
            </Link>
          }
        />
      }
    />
  );
}

export function OfficeOrdersPage() {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("page.all_orders")} lead={t("office.orders_lead")} />
      <OfficeGate>
        <AllOrders />
      </OfficeGate>
    </>
  );
}
