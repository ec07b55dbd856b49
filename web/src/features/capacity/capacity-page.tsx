import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Clock } from "lucide-react";
import type { ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { OpsCapacity } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Answer, Blank } from "@/ui/answer";
import { Facts, Figure, Figures, PageHead, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { LoadTests } from "./load-tests";
import { formatBytes, formatNumber } from "./units";

type Advice = OpsCapacity["advice"][number];
type Use = OpsCapacity["day"];

const LOOKS = {
  fine: { Icon: CircleCheck, colour: "text-safe" },
  plan: { Icon: Clock, colour: "text-amber" },
  act: { Icon: CircleAlert, colour: "text-harm" },
};

function Sentence({ advice }: { advice: Advice }) {
  const { t, language } = useLanguage();
  const { Icon, colour } = LOOKS[advice.tone];
  return (
    <li className="flex gap-3 border-b border-line py-3">
      <Icon aria-hidden size={20} className={`mt-1 shrink-0 ${colour}`} />
      <span className="max-w-[44rem] min-w-0">
        <span className="sr-only">{t(`capacity.tone.${advice.tone}`)}: </span>
        {localized(advice.text, language)}
      </span>
    </li>
  );
}

function Used({ use }: { use: Use }) {
  const { t, locale } = useLanguage();
  const rate = (value: number) => t("capacity.a_second", { number: formatNumber(value, locale) });
  return (
    <>
      {t("capacity.busiest_average", { busiest: rate(use.busiest), average: rate(use.average) })}
      {use.busiest_at != null && (
        <span className="block text-sm text-ink-faint">
          {t("capacity.busiest_at")} <When at={use.busiest_at} />
        </span>
      )}
    </>
  );
}

function Numbers({ capacity }: { capacity: OpsCapacity }) {
  const { t, locale } = useLanguage();
  const { measured, machine, day, hour } = capacity;
  const bytes = (value: number | null | undefined) => (value == null ? t("capacity.unknown") : formatBytes(value, locale));
  const number = (value: number) => formatNumber(value, locale);
  return (
    <>
      <Figures>
        <Figure
          label={t("capacity.can")}
          note={measured == null ? t("capacity.never_text") : <When at={measured.at} />}
        >
          {measured == null
            ? t("capacity.never")
            : t(measured.at_least ? "capacity.at_least" : "capacity.a_second", { number: number(measured.per_second) })}
        </Figure>
        <Figure label={t("capacity.headroom")} note={measured == null ? undefined : t("capacity.used", { percent: number(measured.used_percent) })}>
          {measured == null ? "–" : measured.headroom == null ? t("capacity.all_free") : t("capacity.times", { number: number(measured.headroom) })}
        </Figure>
        <Figure label={t("capacity.disk_free")} note={t("capacity.percent", { number: number(machine.disk_free_percent) })}>
          {bytes(machine.disk_free_bytes)}
        </Figure>
        <Figure label={t("capacity.disk_days")} note={t("capacity.disk_days_text")}>
          {machine.disk_days != null
            ? t("capacity.days", { number: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(machine.disk_days) })
            : t(machine.growth_bytes_a_day == null ? "capacity.unknown" : "capacity.still")}
        </Figure>
      </Figures>
      <Facts
        rows={[
          [t("capacity.last_hour"), <Used use={hour} />],
          [t("capacity.last_day"), <Used use={day} />],
          [t("capacity.directory"), bytes(machine.directory_bytes)],
          [t("capacity.growth"), machine.growth_bytes_a_day == null ? t("capacity.growth_unknown") : bytes(machine.growth_bytes_a_day)],
          [t("capacity.memory"), t("capacity.memory_of", { used: bytes(machine.process_bytes), whole: bytes(machine.memory_bytes), free: bytes(machine.memory_free_bytes) })],
          [t("capacity.processors"), number(machine.processors)],
        ]}
      />
    </>
  );
}

function Board() {
  const { t } = useLanguage();
  const query = useQuery({ ...read("/ops/capacity"), refetchInterval: 30_000 });
  return (
    <>
      <Answer query={query} blank={<Blank lines={6} height={64} />}>
        {(capacity) => (
          <>
            <Section title={t("capacity.advice")} lead={t("capacity.advice_lead")}>
              <ul className="border-t border-line">
                {capacity.advice.map((advice) => <Sentence key={advice.rule} advice={advice} />)}
              </ul>
            </Section>
            <Section title={t("capacity.numbers")}>
              <Numbers capacity={capacity} />
            </Section>
          </>
        )}
      </Answer>
      <LoadTests />
    </>
  );
}

/** What the house can do, how much of it is used, and what follows. */
export function CapacityDesk({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("capacity.title")} lead={t("capacity.lead")} />
      {gate(<Board />)}
    </>
  );
}
