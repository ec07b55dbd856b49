import { getRouteApi } from "@tanstack/react-router";
import { NoticesView } from "@/features/notices/notices-page";

const route = getRouteApi("/desk/notices");

export function NoticesPage() {
  const { cursor } = route.useSearch();
  return <NoticesView cursor={cursor} />;
}
