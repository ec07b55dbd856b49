import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { CapacityDesk } from "@/features/capacity/capacity-page";
import { ChangeDesk } from "@/features/changes/change-page";
import { ChangesDesk } from "@/features/changes/changes-page";
import { ChannelDesk } from "@/features/channels/channels-page";
import { READERS } from "@/lib/staff";
import { OfficeGate } from "@/features/market/office/office-gate";
import { RuleSheet } from "@/features/rules/rule-page";
import { RulesDesk } from "@/features/rules/rules-page";
import { SecurityDesk } from "@/features/security/security-page";
import { AuditBoard } from "@/features/watch/audit-page";
import { DrillBoard } from "@/features/watch/drills-page";
import { InboxDesk } from "@/features/watch/inbox-page";
import { OperatingSheet } from "@/features/watch/operating-page";
import { ReportSheet, ReportShelf } from "@/features/watch/report-page";
import { IncidentRoom } from "@/features/watch/room-page";
import { WatchDesk } from "@/features/watch/watch-page";

const channels = getRouteApi("/office/channels");
const room = getRouteApi("/office/incidents/$id");
const change = getRouteApi("/office/changes/$id");
const rule = getRouteApi("/office/rules/$id");
const audit = getRouteApi("/office/audit");
const report = getRouteApi("/reports/$id");
const operating = getRouteApi("/office/report");

/** Whoever may pause stands watch too, whether or not they run the shop. */
const gate = (inside: ReactNode) => <OfficeGate roles={READERS}>{inside}</OfficeGate>;

export const WatchPage = () => <WatchDesk gate={gate} />;

export function IncidentPage() {
  const { id } = room.useParams();
  return <IncidentRoom id={id} gate={gate} />;
}

export const ChangesPage = () => <ChangesDesk gate={gate} />;

export function ChangePage() {
  const { id } = change.useParams();
  return <ChangeDesk id={id} gate={gate} />;
}

export const RulesPage = () => <RulesDesk gate={gate} />;

export function RulePage() {
  const { id } = rule.useParams();
  return <RuleSheet id={id} gate={gate} />;
}

export const DrillsPage = () => <DrillBoard gate={gate} />;

export const ApprovalsPage = () => <InboxDesk gate={gate} />;

export function AuditPage() {
  const { severity, open } = audit.useSearch();
  return <AuditBoard severity={severity} open={open === "1"} gate={gate} />;
}

export const CapacityPage = () => <CapacityDesk gate={gate} />;

export const SecurityPage = () => <SecurityDesk gate={gate} />;

export const ReportsPage = () => <ReportShelf />;

export function ReportPage() {
  const { id } = report.useParams();
  return <ReportSheet id={id} />;
}

export function OperatingPage() {
  const { month } = operating.useSearch();
  return <OperatingSheet month={month} gate={gate} />;
}

export function ChannelsPage() {
  const { cursor } = channels.useSearch();
  return <ChannelDesk cursor={cursor} gate={gate} />;
}
