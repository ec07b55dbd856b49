import { getRouteApi } from "@tanstack/react-router";
import { OfficeGate } from "@/features/market/office/office-gate";
import { IncidentRoom } from "@/features/watch/room-page";
import { WatchDesk } from "@/features/watch/watch-page";

const room = getRouteApi("/office/incidents/$id");

export const WatchPage = () => <WatchDesk gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;

export function IncidentPage() {
  const { id } = room.useParams();
  return <IncidentRoom id={id} gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;
}
