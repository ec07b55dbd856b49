import { getRouteApi } from "@tanstack/react-router";
import { OfficeGate } from "@/features/market/office/office-gate";
import { TraceDesk } from "@/features/trace/desk-page";

export { ItemPage } from "@/features/trace/item-page";
export { ScanPage } from "@/features/trace/scan-page";

const route = getRouteApi("/office/trace");

export function TraceDeskPage() {
  const { cursor } = route.useSearch();
  return <TraceDesk cursor={cursor} gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;
}
