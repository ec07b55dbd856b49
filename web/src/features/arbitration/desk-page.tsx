import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { read } from "@/lib/api/read";
import type { ArbiterDetail, Arbitration, ArbitrationSettings } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { parseDecimal, toDecimal, units } from "@/lib/money";
import { useNow } from "@/lib/queries";
import { formatDateTime, toSeconds } from "@/lib/time";
import { useWallet } from "@/lib/wallet/state";
import { Answer, Blank, Empty } from "@/ui/answer";
import { Button, buttonClass } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Count, Money } from "@/ui/money";
import { NeedWallet } from "@/ui/need-wallet";
import { Figure, Figures, PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { Table } from "@/ui/table";
import { useCaseColumns } from "./columns";
import { exitPlan, stakePlan } from "./plans";
import { useArbiter } from "./use-arbiter";

interface Props {
  arbiter: ArbiterDetail;
  settings: ArbitrationSettings;
}

function Stake({ arbiter, settings }: Props) {
  const { t, locale } = useLanguage();
  const { sign } = useSigning();
  const { decimals, symbol } = settings.stake_min;
  const missing = units(settings.stake_min.amount) - units(arbiter.stake.amount);
  const [text, setText] = useState(toDecimal(missing > 0n ? missing : 0n, decimals));
  const amount = parseDecimal(text, decimals);
  const short = amount !== null && amount > units(arbiter.balance.amount);
  const blocked =
    amount === null || amount === 0n
      ? t("draft_error.amount")
      : amount < missing
        ? t("arbitration.stake_least", { least: `${toDecimal(missing, decimals)} ${symbol}` })
        : short
          ? t("arbitration.stake_short")
          : null;
  return (
    <Section title={t("arbitration.stake_more")} lead={t("arbitration.stake_why")}>
      <div className="flex flex-wrap items-end gap-4">
        <div className="w-56">
          <Field label={t("purse.amount")} hint={<>{t("desk.balance")}: <Money value={arbiter.balance} /></>}>
            {(a) => <Input {...a} inputMode="decimal" value={text} onChange={(event) => setText(event.target.value)} />}
          </Field>
        </div>
        <Button look="primary" blocked={blocked} onClick={() => amount !== null && sign(stakePlan(settings, amount, arbiter.address, { t, locale }))}>
          {t("arbitration.stake")}
        </Button>
      </div>
    </Section>
  );
}

function Leave({ arbiter, settings }: Props) {
  const { t, locale } = useLanguage();
  const { sign } = useSigning();
  const now = useNow();
  if (units(arbiter.stake.amount) === 0n) return null;
  const from = arbiter.withdrawable_at;
  const press = (what: "resign" | "withdraw_stake") => sign(exitPlan(settings, what, arbiter.stake, arbiter.address, { t, locale }));
  if (!from) {
    return (
      <Section title={t("arbitration.leave")} lead={t("arbitration.leave_text")}>
        <Button onClick={() => press("resign")}>{t("arbitration.resign")}</Button>
      </Section>
    );
  }
  const blocked = toSeconds(from) >= now ? t("blocked.early", { date: formatDateTime(from, locale) }) : arbiter.engagements > 0 ? t("arbitration.engaged") : null;
  return (
    <Section title={t("arbitration.leave")} lead={t("arbitration.left_text", { date: formatDateTime(from, locale) })}>
      <Button look="primary" blocked={blocked} onClick={() => press("withdraw_stake")}>
        {t("arbitration.withdraw_stake")}
      </Button>
    </Section>
  );
}

function CaseTable({ rows, caption }: { rows: readonly Arbitration[]; caption: string }) {
  const columns = useCaseColumns();
  return <Table caption={caption} columns={columns} rows={rows} rowKey={(row) => row.id} />;
}

function Cases({ address, active }: { address: string; active: boolean }) {
  const { t } = useLanguage();
  const mine = useQuery(read("/arbitrations", { query: { arbiter: address, limit: 50 } }));
  const gathering = useQuery({ ...read("/arbitrations", { query: { phase: "evidence", limit: 50 } }), enabled: active });
  return (
    <>
      <Section title={t("arbitration.my_cases")} lead={t("arbitration.my_cases_text")}>
        <Answer query={mine}>
          {({ items }) => (items.length === 0 ? <Empty title={t("arbitration.no_seat")} text={t("arbitration.no_seat_text")} /> : <CaseTable rows={items} caption={t("arbitration.my_cases")} />)}
        </Answer>
      </Section>
      {active && (gathering.data?.items.length ?? 0) > 0 && (
        <Section title={t("arbitration.gathering")} lead={t("arbitration.secret_offer")}>
          <CaseTable rows={gathering.data?.items ?? []} caption={t("arbitration.gathering")} />
        </Section>
      )}
    </>
  );
}

function Desk({ arbiter, settings }: Props) {
  const { t, locale } = useLanguage();
  const { sign } = useSigning();
  if (arbiter.state === "uncertified" && units(arbiter.stake.amount) === 0n && arbiter.seats === 0) {
    return (
      <Empty
        title={t("arbitration.not_certified")}
        text={t("arbitration.not_certified_text")}
        action={
          <Link to="/arbiters" className={buttonClass("primary")}>
            {t("arbitration.see_arbiters")}
          </Link>
        }
      />
    );
  }
  const owed = units(arbiter.fees.amount) > 0n;
  return (
    <>
      <Figures>
        <Figure label={t("order.state")} note={t(`arbiter_note.${arbiter.state}`)}>
          {t(`arbiter_state.${arbiter.state}`)}
        </Figure>
        <Figure label={t("arbitration.stake_column")} note={<>{t("arbitration.locked")} <Money value={arbiter.locked} /></>}>
          <Money value={arbiter.stake} />
        </Figure>
        <Figure
          label={t("arbitration.fees")}
          note={
            owed ? (
              <Button small onClick={() => sign(exitPlan(settings, "withdraw_fees", arbiter.fees, arbiter.address, { t, locale }))}>
                {t("arbitration.withdraw_fees")}
              </Button>
            ) : (
              t("arbitration.no_fees")
            )
          }
        >
          <Money value={arbiter.fees} />
        </Figure>
        <Figure label={t("arbitration.record")} note={t("arbitration.record_note", { right: arbiter.rewarded, lost: arbiter.slashed })}>
          <Count value={arbiter.seats} />
        </Figure>
      </Figures>
      <Cases address={arbiter.address} active={arbiter.state === "active"} />
      {arbiter.certified && arbiter.state !== "leaving" && <Stake arbiter={arbiter} settings={settings} />}
      <Leave arbiter={arbiter} settings={settings} />
    </>
  );
}

/** An arbiter's own desk: what waits for a vote, the stake behind it, and what it earned. */
export function ArbiterDesk() {
  const { t } = useLanguage();
  const wallet = useWallet();
  const arbiter = useArbiter(wallet?.address);
  const settings = useQuery(read("/arbitration-settings"));
  return (
    <>
      <PageHead title={t("page.arbiter_desk")} lead={t("arbitration.desk_lead")} />
      {wallet === null ? (
        <NeedWallet />
      ) : (
        <Answer query={settings} blank={<Blank lines={4} height={72} />}>
          {(now) => (
            <Answer query={arbiter} blank={<Blank lines={4} height={72} />}>
              {(found) => <Desk key={`${found.address}${found.stake.amount}`} arbiter={found} settings={now} />}
            </Answer>
          )}
        </Answer>
      )}
    </>
  );
}
