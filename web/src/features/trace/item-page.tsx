import { useQueries, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { CircleHelp, OctagonAlert, ShieldCheck, TriangleAlert } from "lucide-react";
import { useState, type ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { TraceAlert, TraceItem } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { useChain } from "@/lib/queries";
import { Answer, Empty } from "@/ui/answer";
import { Facts, PageHead, Section } from "@/ui/page";
import { JourneyMap } from "./map";
import { Readings } from "./readings";
import { Alerts, PlaceConsent, useScan } from "./scan";
import { verify } from "./verify";
import { Way } from "./way";

/** The label's own link, from the parts of the address. */
export function useLink(): string {
  const { gtin = "", lot, serial } = useParams({ strict: false }) as { gtin?: string; lot?: string; serial?: string };
  const part = (ai: string, value: string | undefined) => (value === undefined ? "" : `/${ai}/${encodeURIComponent(value)}`);
  return `/01/${gtin}${part("10", lot)}${part("21", serial)}`;
}

function Banner({ look, icon, title, children }: { look: string; icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div role="status" className={`mb-8 flex gap-3 border-y-2 py-4 ${look}`}>
      <span className="mt-0.5 shrink-0">{icon}</span>
      <div>
        <p className="font-serif text-xl">{title}</p>
        <p className="text-ink">{children}</p>
      </div>
    </div>
  );
}

/** How much of the way this browser proved by itself, said once for all of it. */
function Proven({ item }: { item: TraceItem }) {
  const { t } = useLanguage();
  const chain = useChain().data;
  const verdicts = useQueries({
    queries: item.steps.map((step) => ({
      queryKey: ["trace-verdict", step.proof.eventHash, step.proof.root, step.proof.state] as const,
      queryFn: () => verify(step.proof, chain?.rpc_url ?? ""),
      enabled: chain !== undefined,
      staleTime: Infinity,
    })),
  });
  const proven = verdicts.filter(({ data }) => data?.kind === "proven").length;
  const refuted = verdicts.some(({ data }) => data?.kind === "refuted");
  if (item.steps.length === 0) return null;
  if (refuted) {
    return (
      <Banner look="border-harm text-harm" icon={<OctagonAlert aria-hidden />} title={t("trace.refuted_title")}>
        {t("trace.refuted_text")}
      </Banner>
    );
  }
  const all = proven === item.steps.length;
  return (
    <Banner look={all ? "border-safe text-safe" : "border-line-strong text-title"} icon={<ShieldCheck aria-hidden />} title={t("trace.proven_count", { proven, count: item.steps.length })}>
      {t(item.anchoring ? "trace.proven_text" : "trace.off_text")}
    </Banner>
  );
}

function Item({ item, link }: { item: TraceItem; link: string }) {
  const { t, language } = useLanguage();
  const scan = useScan(link);
  const [more, setMore] = useState<TraceAlert[] | null>(null);
  const alerts = more ?? scan.data?.alerts ?? item.alerts;
  const name = item.product.name != null ? localized(item.product.name, language) : item.gtin;
  const brand = item.product.brand != null ? localized(item.product.brand, language) : undefined;
  const unknown = item.serial != null && !item.known;
  return (
    <>
      <PageHead
        title={name}
        above={brand}
        lead={item.product.description != null ? localized(item.product.description, language) : undefined}
      />
      {!item.checked && (
        <Banner look="border-amber text-amber" icon={<TriangleAlert aria-hidden />} title={t("trace.check_digit")}>
          {t("trace.check_digit_text")}
        </Banner>
      )}
      {item.recalled && (
        <Banner look="border-harm text-harm" icon={<OctagonAlert aria-hidden />} title={t("trace.recalled")}>
          {t("trace.recalled_text")}
        </Banner>
      )}
      {unknown && (
        <Banner look="border-harm text-harm" icon={<CircleHelp aria-hidden />} title={t("trace.unknown")}>
          {t("trace.unknown_text")}
        </Banner>
      )}
      {!unknown && <Proven item={item} />}
      <JourneyMap steps={item.steps} />
      {item.steps.length === 0 && !unknown ? (
        <Empty title={t("trace.nothing")} text={t("trace.nothing_text")} />
      ) : (
        item.steps.length > 0 && (
          <Section title={t("trace.way")}>
            <Way steps={item.steps} />
          </Section>
        )
      )}
      {item.readings.map((readings) => (
        <Readings key={`${readings.measures}${readings.unit}`} readings={readings} />
      ))}
      {alerts.length > 0 && (
        <Section title={t("trace.signs")} lead={t("trace.signs_text")}>
          <Alerts alerts={alerts} />
        </Section>
      )}
      <Section title={t("trace.label")}>
        <Facts
          rows={[
            [t("trace.gtin"), <span key="g" className="figures">{item.gtin}</span>],
            [t("detail.lotNumber"), item.lot ?? "–"],
            [t("trace.serial"), <span key="s" className="figures break-all">{item.serial ?? "–"}</span>],
            [t("trace.scanned"), String(Math.max(item.scans, 1))],
          ]}
        />
      </Section>
      {item.serial != null && (
        <Section title={t("trace.place")}>
          {scan.data !== undefined && <PlaceConsent scan={scan.data.id} onAlerts={setMore} />}
        </Section>
      )}
      <p className="max-w-[44rem] text-ink-soft">{t("trace.honest")}</p>
      <p className="mt-3">
        <Link to="/trace" className="link">
          {t("trace.another")}
        </Link>
      </p>
    </>
  );
}

/** What a consumer sees after scanning a label. */
export function ItemPage() {
  const link = useLink();
  const query = useQuery({
    ...read("/trace/item", { query: { link } }),
    // What was captured a moment ago is anchored a few seconds later.
    refetchInterval: ({ state }) => (state.data?.steps.some(({ proof }) => proof.state === "waiting" || proof.state === "sealed") ? 4_000 : false),
  });
  return (
    <div className="mx-auto max-w-[44rem]">
      <Answer query={query}>{(item) => <Item key={link} item={item} link={link} />}</Answer>
    </div>
  );
}
