import { getRouteApi } from "@tanstack/react-router";
import { NoticesView } from "@/features/notices/notices-page";
import { Unsubscribe } from "@/features/notices/unsubscribe-page";

const unsubscribe = getRouteApi("/unsubscribe/$token");
const route = getRouteApi("/desk/notices");

export function NoticesPage() {
  const { cursor } = route.useSearch();
  return <NoticesView cursor={cursor} />;
}

export function UnsubscribePage() {
  const { token } = unsubscribe.useParams();
  return <Unsubscribe token={token} />;
}
