import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OpsCode, OpsTicket } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useStepUp } from "@/features/security/step-up";
import { Address } from "@/ui/address";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Field, Input, Select, TextArea } from "@/ui/field";
import { PageHead, Section } from "@/ui/page";
import { Table, type Column } from "@/ui/table";
import { When } from "@/ui/when";
import { lines } from "./lines";
import { NewCode, type FirstCall } from "./new-code";
import { ROLES } from "./roles";
import { rotation } from "./rotation";
import { TicketState } from "./ticket-state";

const KINDS = ["revoke", "grant", "rotate", "code", "unpause", "other"] as const;
type Kind = (typeof KINDS)[number];
type Call = OpsTicket["calls"][number];

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

function New() {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { guarded, question } = useStepUp();
  const [kind, setKind] = useState<Kind>("revoke");
  const [title, setTitle] = useState("");
  const [reason, setReason] = useState("");
  const [role, setRole] = useState(2);
  const [account, setAccount] = useState("");
  const [successor, setSuccessor] = useState("");
  const held = useQuery({ ...read("/roles"), enabled: kind === "rotate" });
  const [incident, setIncident] = useState("");
  const [on, setOn] = useState("Market");
  const [call, setCall] = useState("");
  const [args, setArgs] = useState("");
  const [code, setCode] = useState<OpsCode | null>(null);
  const [first, setFirst] = useState<FirstCall>({ call: "", args: [] });
  const propose = useMutation({
    mutationFn: async () => {
      const calls: Record<Exclude<Kind, "code">, Call[]> = {
        revoke: [{ on: "Authority", call: "revokeRole(uint64,address)", args: [String(role), account.trim()] }],
        grant: [{ on: "Authority", call: "grantRole(uint64,address,uint32)", args: [String(role), account.trim(), "0"] }],
        rotate: rotated,
        unpause: [{ on: "Market", call: "unpause()", args: [] }],
        other: [{ on: on.trim(), call: call.trim(), args: lines(args) }],
      };
      const what = kind === "code" ? { code: { id: code?.id ?? 0, ...first } } : { calls: calls[kind] };
      const body = { title, reason, incident: incident.trim() === "" ? null : Number(incident), ...what };
      const { data } = await client.POST("/ops/tickets", { body });
      await queries.invalidateQueries({ queryKey: ["/ops/tickets"] });
      if (data !== undefined) await navigate({ to: "/office/changes/$id", params: { id: String(data.id) } });
    },
  });
  const rights = kind === "revoke" || kind === "grant";
  const rotated = rotation(held.data ?? [], account.trim(), successor.trim());
  const unread = (rights || kind === "rotate") && !ADDRESS.test(account.trim());
  const missing =
    title.trim() === ""
      ? t("changes.title_first")
      : kind === "code" && (code === null || code.breaks)
        ? t(code === null ? "changes.compare_first" : "changes.breaks")
      : unread || (kind === "rotate" && !ADDRESS.test(successor.trim()))
        ? t("changes.address_first")
        : kind === "rotate" && rotated.length === 0
          ? t("changes.no_rights")
          : kind === "other" && call.trim() === ""
            ? t("changes.call_first")
            : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (missing === null) guarded(() => propose.mutate());
  };
  return (
    <form onSubmit={submit} className="grid max-w-[44rem] gap-5">
      <Field label={t("changes.kind")}>
        {(a) => (
          <Select {...a} value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
            {KINDS.map((one) => <option key={one} value={one}>{t(`changes.kinds.${one}`)}</option>)}
          </Select>
        )}
      </Field>
      {rights && (
        <>
          <Field label={t("changes.role")}>
            {(a) => (
              <Select {...a} value={role} onChange={(event) => setRole(Number(event.target.value))}>
                {ROLES.map((one, number) => <option key={one} value={number}>{t(`changes.roles.${one}`)}</option>)}
              </Select>
            )}
          </Field>
          <Field label={t("changes.account")}>
            {(a) => <Input {...a} value={account} onChange={(event) => setAccount(event.target.value)} />}
          </Field>
        </>
      )}
      {kind === "rotate" && (
        <>
          <p className="text-ink-soft">{t("changes.rotate_text")}</p>
          <Field label={t("changes.old_key")}>
            {(a) => <Input {...a} value={account} onChange={(event) => setAccount(event.target.value)} />}
          </Field>
          <Field label={t("changes.new_key")}>
            {(a) => <Input {...a} value={successor} onChange={(event) => setSuccessor(event.target.value)} />}
          </Field>
        </>
      )}
      {kind === "code" && <NewCode code={code} onCode={setCode} onCall={setFirst} guarded={guarded} />}
      {kind === "other" && (
        <>
          <Field label={t("changes.contract")} hint={t("changes.contract_hint")}>
            {(a) => <Input {...a} value={on} onChange={(event) => setOn(event.target.value)} />}
          </Field>
          <Field label={t("changes.call")} hint="setTargetClosed(address,bool)">
            {(a) => <Input {...a} value={call} onChange={(event) => setCall(event.target.value)} />}
          </Field>
          <Field label={t("changes.args")} hint={t("changes.args_hint")}>
            {(a) => <TextArea {...a} rows={3} value={args} onChange={(event) => setArgs(event.target.value)} />}
          </Field>
        </>
      )}
      <Field label={t("changes.what_for")}>
        {(a) => <Input {...a} maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />}
      </Field>
      <Field label={t("changes.reason")} optional={t("common.optional")}>
        {(a) => <TextArea {...a} rows={3} maxLength={4000} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
      <Field label={t("changes.incident")} optional={t("common.optional")}>
        {(a) => <Input {...a} inputMode="numeric" value={incident} onChange={(event) => setIncident(event.target.value.replace(/\D/g, ""))} />}
      </Field>
      <span>
        <Button type="submit" look="primary" busy={propose.isPending} blocked={missing}>{t("changes.propose")}</Button>
      </span>
      {propose.isPending && <p role="status" className="text-ink-soft">{t("changes.rehearsing")}</p>}
      {propose.isError && <p role="alert" className="text-harm">{propose.error.message}</p>}
      {question}
    </form>
  );
}

function List() {
  const { t } = useLanguage();
  const query = useQuery({ ...read("/ops/tickets"), refetchInterval: 5_000 });
  const columns: Column<OpsTicket>[] = [
    {
      id: "what",
      title: t("changes.change"),
      cell: (row) => <Link to="/office/changes/$id" params={{ id: String(row.id) }} className="link">{row.title}</Link>,
    },
    { id: "state", title: t("watch.state"), cell: (row) => <TicketState ticket={row} /> },
    { id: "agreed", title: t("changes.agreed"), cell: (row) => <span className="figures">{row.approvals.length} / {row.needed}</span>, from: "md" },
    { id: "by", title: t("changes.proposer"), cell: (row) => <Address address={row.proposer} />, from: "lg" },
    { id: "opened", title: t("watch.opened"), cell: (row) => <When at={row.opened} />, end: true, from: "md" },
  ];
  return (
    <Answer query={query}>
      {(tickets) =>
        tickets.length === 0 ? (
          <Empty title={t("changes.none")} text={t("changes.none_text")} />
        ) : (
          <Table caption={t("changes.title")} columns={columns} rows={tickets} rowKey={(row) => String(row.id)} />
        )
      }
    </Answer>
  );
}

/** What somebody wants changed on the chain, and who agrees. */
export function ChangesDesk({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("changes.title")} lead={t("changes.lead")} />
      {gate(
        <>
          <Section title={t("changes.waiting")}><List /></Section>
          <Section title={t("changes.new")} lead={t("changes.new_text")}><New /></Section>
        </>,
      )}
    </>
  );
}
