import { getRouteApi } from "@tanstack/react-router";
import { CampaignDetail } from "@/features/campaigns/detail-page";
import { CampaignDesk } from "@/features/campaigns/list-page";
import { NewCampaign } from "@/features/campaigns/new-page";
import { CampaignsPublic } from "@/features/campaigns/public-page";
import { OfficeGate } from "@/features/market/office/office-gate";

const list = getRouteApi("/office/campaigns");
const detail = getRouteApi("/office/campaigns/$id");
const square = getRouteApi("/campaigns");

export function CampaignDeskPage() {
  const { cursor } = list.useSearch();
  return <CampaignDesk cursor={cursor} gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;
}

export function CampaignDetailPage() {
  const { id } = detail.useParams();
  return <CampaignDetail id={id} gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;
}

export const NewCampaignPage = () => <NewCampaign gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;

export function CampaignsPage() {
  const { cursor } = square.useSearch();
  return <CampaignsPublic cursor={cursor} />;
}
