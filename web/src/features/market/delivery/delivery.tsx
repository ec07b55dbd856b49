import { useQuery } from "@tanstack/react-query";
import { LockKeyhole } from "lucide-react";
import { useState } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { Delivery as DeliveryAnswer, OrderDetail } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { forgetNote, NO_NOTE, useNote, type Note } from "@/lib/notes";
import { useSession } from "@/lib/queries";
import { formatDate } from "@/lib/time";
import { sessionIsFor } from "@/lib/wallet/session";
import { useWallet } from "@/lib/wallet/state";
import { Address } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Button } from "@/ui/button";
import { DeliveryNote } from "../orders/fingerprints";
import { useSealing } from "./use-sealing";

type Sealing = ReturnType<typeof useSealing>;

function Recipients({ delivery }: { delivery: DeliveryAnswer }) {
  const { t } = useLanguage();
  if (delivery.recipients.length === 0) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <LockKeyhole aria-hidden size={16} className="text-safe" />
      {t("delivery.kept_for")}
      {delivery.recipients.map((party) => (
        <Address key={party.address} address={party.address} name={party.name} to="none" size={16} />
      ))}
    </p>
  );
}

/** Seals a note for whoever does not have it yet: the seller, and arbiters while they have the dispute. */
function PassOn({ order, delivery, note, sealing }: { order: OrderDetail; delivery: DeliveryAnswer; note: Note; sealing: Sealing }) {
  const { t } = useLanguage();
  const [keyless, setKeyless] = useState(0);
  const has = (address: string) => delivery.recipients.some((party) => sameAddress(party.address, address));
  const pass = (recipients: readonly string[]) =>
    sealing.run(async (_, chain) => {
      const { leaveParcels } = await import("@/lib/sealing/parcel");
      const parcels = recipients.map((recipient) => ({ deliveryHash: delivery.delivery_hash, note, recipient }));
      setKeyless((await leaveParcels(chain, parcels)).length);
    });
  const panel = delivery.panel.map(({ address }) => address).filter((address) => !has(address));
  return (
    <>
      {!has(order.seller.address) && (
        <Button small busy={sealing.busy} onClick={() => void pass([order.seller.address])}>
          {t("delivery.seal_now")}
        </Button>
      )}
      {panel.length > 0 && (
        <Button small busy={sealing.busy} onClick={() => void pass(panel)}>
          {t("delivery.for_panel", { count: panel.length })}
        </Button>
      )}
      {keyless > 0 && (
        <span role="status" className="text-amber">
          {t("delivery.keyless", { count: keyless })}
        </span>
      )}
    </>
  );
}

function ForBuyer({ order, delivery, sealing }: { order: OrderDetail; delivery: DeliveryAnswer; sealing: Sealing }) {
  const { t, locale } = useLanguage();
  const [sure, setSure] = useState(false);
  const note = useNote(order.delivery_hash);
  const erase = () =>
    sealing.run(async () => {
      await client.DELETE("/orders/{id}/delivery", { params: { path: { id: Number(order.id) } } });
      forgetNote(order.delivery_hash);
      setSure(false);
    });
  const kept = delivery.recipients.length > 0 || note !== undefined;
  return (
    <>
      <Recipients delivery={delivery} />
      <p className="text-ink-soft">
        {delivery.erases_at == null
          ? t("delivery.erases_later", { count: delivery.days_kept })
          : t("delivery.erases_on", { date: formatDate(delivery.erases_at, locale) })}
      </p>
      <div className="flex flex-wrap items-center gap-3">
        {note !== undefined && <PassOn order={order} delivery={delivery} note={note} sealing={sealing} />}
        {kept && !sure && (
          <Button small look="quiet" onClick={() => setSure(true)}>
            {t("delivery.erase")}
          </Button>
        )}
      </div>
      {sure && (
        <p role="alert" className="flex flex-wrap items-center gap-3">
          {t("delivery.erase_sure")}
          <Button small look="harm" busy={sealing.busy} onClick={() => void erase()}>
            {t("delivery.erase")}
          </Button>
          <Button small look="quiet" onClick={() => setSure(false)}>
            {t("common.cancel")}
          </Button>
        </p>
      )}
    </>
  );
}

/** The seller, or an arbiter of the dispute: opens the box that is theirs. */
function ForReader({ order, delivery, sealing }: { order: OrderDetail; delivery: DeliveryAnswer; sealing: Sealing }) {
  const { t } = useLanguage();
  const [note, setNote] = useState<Note | null>(null);
  const sealed = delivery.sealed;
  if (sealed == null) return <p className="text-ink-soft">{t("delivery.nothing_for_you")}</p>;
  if (note === null) {
    const open = () =>
      sealing.run(async (tools, chain) => {
        const [{ keysOf }, { openParcel }] = await Promise.all([import("@/lib/sealing/keys"), import("@/lib/sealing/parcel")]);
        setNote(await openParcel(chain, await keysOf(tools, chain), sealed, delivery.delivery_hash));
      });
    return (
      <>
        <p className="text-ink-soft">{t("delivery.sealed_for_you")}</p>
        <Button look="primary" busy={sealing.busy} onClick={() => void open()}>
          {t("delivery.open")}
        </Button>
      </>
    );
  }
  return (
    <>
      <address className="whitespace-pre-line border-l-[3px] border-accent pl-4 text-lg not-italic">{note.text}</address>
      <p className="text-sm text-safe">{t("delivery.is_what_was_signed")}</p>
      <div className="flex flex-wrap items-center gap-3">
        <PassOn order={order} delivery={delivery} note={note} sealing={sealing} />
      </div>
    </>
  );
}

function Sealed({ order, address }: { order: OrderDetail; address: string }) {
  const { t, locale } = useLanguage();
  const sealing = useSealing();
  const query = useQuery(read("/orders/{id}/delivery", { path: { id: Number(order.id) } }));
  const isBuyer = sameAddress(order.buyer.address, address);
  return (
    <Answer query={query}>
      {(delivery) => (
        <div className="mb-6 space-y-3">
          {delivery.erased_at != null ? (
            <p className="text-ink-soft">
              {t(delivery.erased_by === "buyer" ? "delivery.erased_by_buyer" : "delivery.erased_by_time", {
                date: formatDate(delivery.erased_at, locale),
              })}
            </p>
          ) : isBuyer ? (
            <ForBuyer order={order} delivery={delivery} sealing={sealing} />
          ) : (
            <ForReader order={order} delivery={delivery} sealing={sealing} />
          )}
          {sealing.failed !== null && (
            <p role="alert" className="text-harm">
              {t("delivery.failed", { message: sealing.failed })}
            </p>
          )}
        </div>
      )}
    </Answer>
  );
}

/** Where an order goes: sealed for those who deliver it, and a fingerprint for everyone else. */
export function Delivery({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const session = useSession().data;
  const { run, busy } = useSealing();
  const party = [order.buyer.address, order.seller.address].some((side) => sameAddress(side, wallet?.address));
  const underArbiters = ["escalated", "ruled"].includes(order.state);
  return (
    <>
      <DeliveryNote hash={order.delivery_hash} />
      {wallet !== null &&
        order.delivery_hash !== NO_NOTE &&
        (party || underArbiters) &&
        (sessionIsFor(session, wallet) ? (
          <Sealed order={order} address={wallet.address} />
        ) : (
          <p className="mb-6 flex flex-wrap items-center gap-3 text-ink-soft">
            {t("delivery.sign_in")}
            <Button small busy={busy} onClick={() => void run(() => Promise.resolve())}>
              {t("wallet.sign_in")}
            </Button>
          </p>
        ))}
    </>
  );
}
