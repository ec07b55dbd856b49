import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsTicket } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useStepUp } from "@/features/security/step-up";
import { Address } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Facts, Section } from "@/ui/page";
import { LayoutChanges } from "./layout-changes";

type Upgrade = NonNullable<OpsTicket["upgrade"]>;
type Difference = Upgrade["differences"][number];

function Storage({ id }: { id: number }) {
  const { t } = useLanguage();
  const query = useQuery(read("/ops/code/{id}", { path: { id } }));
  return (
    <Answer query={query} blank={<Blank lines={3} height={40} />}>
      {(code) => (
        <>
          <LayoutChanges code={code} />
          <div className="mt-6">
            <Facts
              rows={[
                [t("changes.source_name"), <code key="name" className="break-all">{code.name}</code>],
                [t("changes.compiler"), code.compiler],
                [t("changes.input_hash"), <span key="hash" className="figures break-all">{code.input_hash}</span>],
              ]}
            />
          </div>
        </>
      )}
    </Answer>
  );
}

function Differences({ all, none }: { all: Difference[]; none: string }) {
  if (all.length === 0) return <p className="text-safe">{none}</p>;
  return (
    <ul>
      {all.map(({ rule, view, before, after }) => (
        <li key={`${rule} ${view}`} className="border-b border-line py-2 text-amber">
          {rule}: <code>{view}</code> <span className="figures">{before ?? "–"} → {after ?? "–"}</span>
        </li>
      ))}
    </ul>
  );
}

/** A change of code: from what to what, where it keeps what, and the way back. */
export function UpgradeSection({ ticket, upgrade }: { ticket: OpsTicket; upgrade: Upgrade }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { guarded, question } = useStepUp();
  const back = useMutation({
    mutationFn: async () => {
      const title = t("changes.back_title", { contract: upgrade.contract, id: ticket.id });
      const { data } = await client.POST("/ops/tickets", { body: { title, undoes: ticket.id } });
      await queries.invalidateQueries({ queryKey: ["/ops/tickets"] });
      if (data !== undefined) await navigate({ to: "/office/changes/$id", params: { id: String(data.id) } });
    },
  });
  return (
    <>
      <Section title={t("changes.new_code", { contract: upgrade.contract })}>
        <Facts
          rows={[
            [t("changes.from_code"), <Code key="from" standing={upgrade.from} />],
            [t("changes.to_code"), <Code key="to" standing={upgrade.to} />],
          ]}
        />
        {upgrade.undoes != null && (
          <p className="mt-4">
            <Link to="/office/changes/$id" params={{ id: String(upgrade.undoes) }} className="link">{t("changes.goes_back", { id: upgrade.undoes })}</Link>
          </p>
        )}
      </Section>
      {upgrade.code != null && <Section title={t("changes.storage")}><Storage id={upgrade.code} /></Section>}
      <Section title={t("changes.way_back")} lead={t("changes.way_back_text")}>
        <h3 className="mb-1 font-semibold">{t("changes.after_change")}</h3>
        <Differences all={upgrade.differences} none={t("changes.nothing_differs")} />
        <h3 className="mt-4 mb-1 font-semibold">{t("changes.after_back")}</h3>
        <Differences all={upgrade.differences_back} none={t("changes.nothing_differs")} />
        {ticket.state === "verified" && upgrade.undoes == null && (
          <p className="mt-6">
            <Button type="button" busy={back.isPending} onClick={() => guarded(() => back.mutate())}>{t("changes.propose_back")}</Button>
          </p>
        )}
        {back.isPending && <p role="status" className="mt-3 text-ink-soft">{t("changes.rehearsing")}</p>}
        {back.isError && <p role="alert" className="mt-3 text-harm">{back.error.message}</p>}
      </Section>
      {question}
    </>
  );
}

function Code({ standing }: { standing: Upgrade["from"] }) {
  return (
    <span className="block min-w-0">
      <Address address={standing.address} />
      <span className="figures block text-sm break-all text-ink-soft">{standing.code_hash}</span>
    </span>
  );
}
