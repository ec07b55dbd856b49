import { useMutation, useQuery } from "@tanstack/react-query";
import { MapPin } from "lucide-react";
import { useState } from "react";
import { client } from "@/lib/api/client";
import type { TraceAlert } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Button } from "@/ui/button";
import { When } from "@/ui/when";

const KEPT = "guildhall.scanned";

/** One scan a visit: turning back to the page is not another one. */
async function recordScan(link: string) {
  const key = `${KEPT}.${link}`;
  try {
    const kept = sessionStorage.getItem(key);
    if (kept !== null) return { id: kept, alerts: null };
  } catch {
    // Without storage every visit counts.
  }
  const { data } = await client.POST("/trace/scans", { body: { link, place: null } });
  if (data === undefined) throw new Error("no answer");
  try {
    sessionStorage.setItem(key, data.id);
  } catch {
    // As above.
  }
  return { id: data.id, alerts: data.alerts };
}

export const useScan = (link: string) =>
  useQuery({ queryKey: ["trace-scan", link] as const, queryFn: () => recordScan(link), staleTime: Infinity, retry: false });

const here = () =>
  new Promise<GeolocationPosition>((done, fail) => {
    navigator.geolocation.getCurrentPosition(done, fail, { enableHighAccuracy: false, timeout: 10_000, maximumAge: 600_000 });
  });

/** Asks for a rough place, and says what becomes of it before it is asked. */
export function PlaceConsent({ scan, onAlerts }: { scan: string; onAlerts: (alerts: TraceAlert[]) => void }) {
  const { t } = useLanguage();
  const [refused, setRefused] = useState(false);
  const give = useMutation({
    mutationFn: async () => {
      const { coords } = await here();
      // Rounded before it leaves the phone.
      const place = { latitude: Math.round(coords.latitude * 10) / 10, longitude: Math.round(coords.longitude * 10) / 10 };
      const { data } = await client.PUT("/trace/scans/{id}/place", { params: { path: { id: scan } }, body: place });
      return data?.alerts ?? [];
    },
    onSuccess: onAlerts,
    onError: () => setRefused(true),
  });
  if (give.isSuccess) return <p className="text-ink-soft">{t("trace.place_given")}</p>;
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="max-w-[44rem] text-ink-soft">{t("trace.place_text")}</p>
      <Button busy={give.isPending} onClick={() => give.mutate()}>
        <MapPin aria-hidden size={16} />
        {t("trace.place_give")}
      </Button>
      {refused && <p role="status" className="text-ink-soft">{t("trace.place_refused")}</p>}
    </div>
  );
}

const KINDS = ["unknown_serial", "scan_after_sale", "impossible_travel", "off_path", "scan_outlier", "second_claim"] as const;
export const alertKind = (kind: string) => KINDS.find((known) => known === kind);

export function Alerts({ alerts }: { alerts: readonly TraceAlert[] }) {
  const { t } = useLanguage();
  return (
    <ul className="ruled">
      {alerts.map((alert) => {
        const kind = alertKind(alert.kind);
        return (
          <li key={alert.id} className="border-b border-line py-3">
            <p className="font-semibold text-amber">{kind === undefined ? alert.kind : t(`suspicion.${kind}`)}</p>
            <p className="text-[15px] text-ink-soft">
              {kind !== undefined && t(`suspicion_text.${kind}`)} <When at={alert.at} />
            </p>
          </li>
        );
      })}
    </ul>
  );
}
