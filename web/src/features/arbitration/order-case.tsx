import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { read } from "@/lib/api/read";
import type { OrderDetail } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { useWallet } from "@/lib/wallet/state";
import { Section } from "@/ui/page";
import { When } from "@/ui/when";
import { Evidence } from "./evidence";
import { Turns } from "./steps";

/** In the order room: where the case stands, what anyone may do to bring its end here, and the evidence. */
export function OrderCase({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const called = order.case?.escalated_by != null;
  const cases = useQuery({ ...read("/arbitrations", { query: { order: Number(order.id), limit: 1 } }), enabled: called });
  const settings = useQuery({ ...read("/arbitration-settings"), enabled: called }).data;
  if (!order.case?.claimant) return null;
  const found = cases.data?.items[0];
  const isParty = [order.buyer, order.seller].some(({ address }) => sameAddress(address, wallet?.address));
  const open = ["disputed", "escalated", "ruled"].includes(order.state);
  return (
    <>
      {found !== undefined && (
        <Section title={t("arbitration.before_arbiters")}>
          <p className="mb-3 flex flex-wrap items-baseline gap-x-4">
            <Link to="/arbitrations/$id" params={{ id: found.id }} className="link font-semibold">
              {t("arbitration.case_number", { id: found.id })}
            </Link>
            <span>{t(`case_phase.${found.phase}`)}</span>
            {found.deadline && (
              <span className="text-ink-soft">
                {t("arbitration.until")} <When at={found.deadline} />
              </span>
            )}
          </p>
          {settings !== undefined && <Turns panel={settings.panel} row={found} only={["note_ruling", "execute", "deliver", "reclaim_fee"]} />}
        </Section>
      )}
      <Section title={t("evidence.title")} lead={t("evidence.text")}>
        <Evidence orderId={order.id} giver={isParty && open ? (wallet?.address ?? null) : null} />
      </Section>
    </>
  );
}
