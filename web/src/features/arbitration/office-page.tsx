import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { Arbiter, ArbitrationSettings } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { PageHead, Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { Table, type Column } from "@/ui/table";
import { useArbiterColumns } from "./columns";
import { certifyPlan } from "./plans";

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

function Certify({ settings }: { settings: ArbitrationSettings }) {
  const { t, locale } = useLanguage();
  const { sign } = useSigning();
  const [account, setAccount] = useState("");
  const good = ADDRESS.test(account.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (good) sign(certifyPlan(settings, account.trim(), true, { t, locale }));
  };
  return (
    <form onSubmit={submit} className="flex max-w-[44rem] flex-wrap items-end gap-4">
      <div className="min-w-0 flex-1 basis-72">
        <Field label={t("arbitration.account")} error={account !== "" && !good ? t("arbitration.account_bad") : null}>
          {(a) => <Input {...a} className="font-mono" value={account} spellCheck={false} onChange={(event) => setAccount(event.target.value)} />}
        </Field>
      </div>
      <Button look="primary" type="submit" blocked={good ? null : t("arbitration.account_needed")}>
        {t("arbitration.certify")}
      </Button>
    </form>
  );
}

function Inside() {
  const { t, locale } = useLanguage();
  const { sign } = useSigning();
  const settings = useQuery(read("/arbitration-settings"));
  const arbiters = useQuery(read("/arbiters", { query: { limit: 200 } }));
  const shared = useArbiterColumns();
  const columns = (now: ArbitrationSettings): Column<Arbiter>[] => [
    ...shared.slice(0, 5),
    {
      id: "act",
      title: t("arbitration.certificate"),
      cell: (row) => (
        <Button small look="quiet" onClick={() => sign(certifyPlan(now, row.address, !row.certified, { t, locale }))}>
          {t(row.certified ? "arbitration.decertify" : "arbitration.certify")}
        </Button>
      ),
      end: true,
    },
  ];
  return (
    <Answer query={settings}>
      {(now) => (
        <>
          <Section title={t("arbitration.certify_new")} lead={t("arbitration.certify_text")}>
            <Certify settings={now} />
          </Section>
          <Section title={t("page.arbiters")}>
            <Answer query={arbiters}>
              {({ items }) =>
                items.length === 0 ? (
                  <Empty title={t("arbitration.no_arbiters")} text={t("arbitration.no_arbiters_text")} />
                ) : (
                  <Table caption={t("page.arbiters")} columns={columns(now)} rows={items} rowKey={(row) => row.address} />
                )
              }
            </Answer>
          </Section>
        </>
      )}
    </Answer>
  );
}

/** Where staff certify arbiters and take certificates back. */
export function ArbiterOffice({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("page.arbiters")} lead={t("arbitration.office_lead")} />
      {gate(<Inside />)}
    </>
  );
}
