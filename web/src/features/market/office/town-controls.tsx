import { useQueryClient } from "@tanstack/react-query";
import { FastForward, Pause, Play } from "lucide-react";
import { useState } from "react";
import { client } from "@/lib/api/client";
import { useLanguage } from "@/lib/i18n";
import { useChain, useDemo } from "@/lib/queries";
import { formatSpan, seconds } from "@/lib/time";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { When } from "@/ui/when";

const LEAPS = [seconds.HOUR, 2 * seconds.DAY, 8 * seconds.DAY] as const;

/** Only in the demo: the town's traffic on and off, and its clock forward, to see deadlines come to pass. */
export function TownControls() {
  const { t, locale } = useLanguage();
  const queries = useQueryClient();
  const demo = useDemo().data;
  const chain = useChain().data;
  const [busy, setBusy] = useState(false);
  if (!demo) return null;
  const run = async (act: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await act();
      await queries.invalidateQueries();
    } finally {
      setBusy(false);
    }
  };
  const { running, keeper, orders_per_minute } = demo.traffic;
  const Icon = running ? Pause : Play;
  return (
    <Section title={t("town.title")} lead={t("town.text")}>
      <div className="flex flex-wrap items-center gap-3">
        <Button busy={busy} onClick={() => void run(() => client.POST("/demo/traffic", { body: { running: !running, keeper } }))}>
          <Icon aria-hidden size={16} />
          {t(running ? "town.stop" : "town.start")}
        </Button>
        <span className="text-ink-soft">{running ? t("town.rate", { rate: orders_per_minute }) : t("town.quiet")}</span>
        <span aria-hidden className="mx-2 hidden h-6 border-l border-line-strong md:block" />
        {LEAPS.map((leap) => (
          <Button
            key={leap}
            busy={busy}
            onClick={() => void run(() => client.POST("/demo/clock", { body: { seconds: leap } }))}
          >
            <FastForward aria-hidden size={16} />
            {t("town.leap", { span: formatSpan(leap, locale) })}
          </Button>
        ))}
        <Button
          busy={busy}
          onClick={() => void run(() => client.POST("/demo/traffic", { body: { running, keeper: !keeper } }))}
        >
          {t(keeper ? "town.keeper_off" : "town.keeper_on")}
        </Button>
        {chain !== undefined && (
          <span className="text-ink-soft">
            {t("town.now")} <When at={chain.head.timestamp} />
          </span>
        )}
      </div>
    </Section>
  );
}
