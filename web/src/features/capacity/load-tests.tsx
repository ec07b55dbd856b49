import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsLoadTest, OpsLoadTests } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { ACTORS, useHolds } from "@/lib/staff";
import { useStepUp } from "@/features/security/step-up";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";
import { LoadResult } from "./load-result";
import { formatNumber } from "./units";

type Running = NonNullable<OpsLoadTests["running"]>;

const SECONDS = { least: 5, most: 30 };
const RATE = { least: 100, most: 20_000 };
const inside = (value: number, { least, most }: { least: number; most: number }) => Number.isInteger(value) && value >= least && value <= most;

function useAgain() {
  const queries = useQueryClient();
  return () => Promise.all([queries.invalidateQueries({ queryKey: ["/ops/load-tests"] }), queries.invalidateQueries({ queryKey: ["/ops/capacity"] })]);
}

function Begin({ acts }: { acts: boolean }) {
  const { t, locale } = useLanguage();
  const again = useAgain();
  const { guarded, question } = useStepUp();
  const [seconds, setSeconds] = useState("10");
  const [most, setMost] = useState(true);
  const [rate, setRate] = useState("1000");
  const begin = useMutation({
    mutationFn: async () => client.POST("/ops/load-tests", { body: { seconds: Number(seconds), rate: most ? null : Number(rate) } }),
    onSettled: again,
  });
  const number = (value: number) => formatNumber(value, locale);
  const range = (of: { least: number; most: number }) => t("capacity.from_to", { least: number(of.least), most: number(of.most) });
  const blocked = !acts
    ? t("capacity.not_yours")
    : !inside(Number(seconds), SECONDS)
      ? t("capacity.seconds_first", { range: range(SECONDS) })
      : !most && !inside(Number(rate), RATE)
        ? t("capacity.rate_first", { range: range(RATE) })
        : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (blocked === null) guarded(() => begin.mutate());
  };
  return (
    <form onSubmit={submit} className="grid max-w-[44rem] gap-5">
      <div className="grid gap-5 sm:grid-cols-3">
        <Field label={t("capacity.seconds")} hint={range(SECONDS)}>
          {(a) => <Input {...a} inputMode="numeric" value={seconds} onChange={(event) => setSeconds(event.target.value.replace(/\D/g, ""))} />}
        </Field>
        <Field label={t("capacity.how_many")}>
          {(a) => (
            <Select {...a} value={most ? "most" : "rate"} onChange={(event) => setMost(event.target.value === "most")}>
              <option value="most">{t("capacity.most")}</option>
              <option value="rate">{t("capacity.fixed")}</option>
            </Select>
          )}
        </Field>
        {!most && (
          <Field label={t("capacity.rate")} hint={range(RATE)}>
            {(a) => <Input {...a} inputMode="numeric" value={rate} onChange={(event) => setRate(event.target.value.replace(/\D/g, ""))} />}
          </Field>
        )}
      </div>
      <span>
        <Button type="submit" look="primary" busy={begin.isPending} blocked={blocked}>{t("capacity.begin")}</Button>
      </span>
      {begin.isError && <p role="alert" className="text-harm">{begin.error.message}</p>}
      {question}
    </form>
  );
}

function Now({ running, acts }: { running: Running; acts: boolean }) {
  const { t, locale } = useLanguage();
  const again = useAgain();
  const { progress, plan } = running;
  const cancel = useMutation({ mutationFn: async () => client.DELETE("/ops/load-tests/running"), onSettled: again });
  const elapsed = Math.min(progress.elapsed_ms / 1_000, plan.seconds);
  const number = (value: number) => formatNumber(value, locale);
  const phase = t(`capacity.phase.${progress.phase}`);
  return (
    <div className="max-w-[44rem]">
      <p role="status" className="mb-2 font-semibold">{phase}</p>
      <div role="progressbar" aria-label={phase} aria-valuemin={0} aria-valuemax={plan.seconds} aria-valuenow={Math.floor(elapsed)} className="h-2 overflow-hidden rounded-[6px] bg-sunken">
        <div className="h-full bg-accent" style={{ width: `${(elapsed / plan.seconds) * 100}%` }} />
      </div>
      <p className="figures mt-2 mb-4 text-ink-soft">
        {t("capacity.progress", { elapsed: Math.floor(elapsed), seconds: plan.seconds, sent: number(progress.sent), committed: number(progress.committed) })}
      </p>
      <Button busy={cancel.isPending} blocked={acts ? null : t("capacity.not_yours")} onClick={() => cancel.mutate()}>{t("capacity.cancel")}</Button>
      {cancel.isError && <p role="alert" className="mt-2 text-harm">{cancel.error.message}</p>}
    </div>
  );
}

function Outcome({ test }: { test: OpsLoadTest }) {
  const { t } = useLanguage();
  const state = test.interrupted ? "interrupted" : test.state;
  const colour = state === "done" ? "text-safe" : state === "failed" ? "text-harm" : "text-ink-soft";
  return <span className={colour}>{t(`capacity.state.${state}`)}</span>;
}

function Ended({ tests }: { tests: readonly OpsLoadTest[] }) {
  const { t, locale } = useLanguage();
  const [chosen, setChosen] = useState<number | null>(null);
  const shown = tests.find(({ id }) => id === chosen) ?? tests[0];
  if (shown === undefined) return <p className="text-ink-soft">{t("capacity.no_tests")}</p>;
  const number = (value: number) => formatNumber(value, locale);
  const columns: Column<OpsLoadTest>[] = [
    { id: "at", title: t("capacity.begun"), cell: (row) => <When at={row.at} /> },
    { id: "state", title: t("capacity.outcome"), cell: (row) => <Outcome test={row} /> },
    { id: "asked", title: t("capacity.asked"), cell: (row) => (row.plan.rate == null ? t("capacity.most") : number(row.plan.rate)), end: true, from: "sm" },
    { id: "reached", title: t("capacity.reached"), cell: (row) => (row.measure == null ? "–" : number(row.measure.per_second)), end: true },
    {
      id: "show",
      title: t("capacity.result"),
      cell: (row) => <Button small look={row.id === shown.id ? "chosen" : "outline"} aria-pressed={row.id === shown.id} onClick={() => setChosen(row.id)}>{t("capacity.show")}</Button>,
      end: true,
    },
  ];
  return (
    <>
      <LoadResult key={shown.id} test={shown} />
      <Table caption={t("capacity.tests")} columns={columns} rows={tests} rowKey={(row) => String(row.id)} />
    </>
  );
}

/** Begins a load test, follows it, and shows the last ones. */
export function LoadTests() {
  const { t } = useLanguage();
  const again = useAgain();
  const acts = useHolds(ACTORS);
  const query = useQuery({ ...read("/ops/load-tests"), refetchInterval: ({ state }) => (state.data?.running == null ? 30_000 : 1_000) });
  const running = query.data?.running != null;
  const ran = useRef(false);
  useEffect(() => {
    // What was measured changes what there is to say.
    if (ran.current && !running) void again();
    ran.current = running;
  });
  return (
    <>
      <Section title={t("capacity.test")} lead={t("capacity.test_lead")}>
        <Answer query={query} blank={<Blank lines={2} />}>
          {(tests) => (tests.running == null ? <Begin acts={acts} /> : <Now running={tests.running} acts={acts} />)}
        </Answer>
      </Section>
      {query.data !== undefined && (
        <Section title={t("capacity.results")}>
          <Ended tests={query.data.ended} />
        </Section>
      )}
    </>
  );
}
