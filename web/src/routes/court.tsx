import { getRouteApi } from "@tanstack/react-router";
import { ArbitersPage } from "@/features/arbitration/arbiters-page";
import { CasePage } from "@/features/arbitration/case-page";
import { ArbiterOffice } from "@/features/arbitration/office-page";
import { OfficeGate } from "@/features/market/office/office-gate";
import { ReviewOffice } from "@/features/reviews/office-page";

export { ArbiterDesk } from "@/features/arbitration/desk-page";

const list = getRouteApi("/arbiters");
const one = getRouteApi("/arbitrations/$id");

export const ArbitersRoute = () => <ArbitersPage cursor={list.useSearch().cursor} />;

export const CaseRoute = () => <CasePage id={one.useParams().id} />;

export const ArbiterOfficeRoute = () => <ArbiterOffice gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;

export const ReviewOfficeRoute = () => <ReviewOffice gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;
