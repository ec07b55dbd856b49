import { getRouteApi } from "@tanstack/react-router";
import { OfficeGate } from "@/features/market/office/office-gate";
import { AskForHelp } from "@/features/support/ask-page";
import { MyTickets } from "@/features/support/my-tickets-page";
import { SupportDesk } from "@/features/support/office-page";
import { OfficeTicket } from "@/features/support/office-ticket-page";
import { TicketPage } from "@/features/support/ticket-page";

const mine = getRouteApi("/desk/help");
const ask = getRouteApi("/desk/help/new");
const ticket = getRouteApi("/desk/help/$id");
const desk = getRouteApi("/office/support");
const staffTicket = getRouteApi("/office/support/$id");

export function HelpPage() {
  const { cursor } = mine.useSearch();
  return <MyTickets cursor={cursor} />;
}

export function AskPage() {
  const { order, item } = ask.useSearch();
  return <AskForHelp order={order} item={item} />;
}

export function MyTicketPage() {
  const { id } = ticket.useParams();
  return <TicketPage id={id} />;
}

export function SupportPage() {
  const { state, cursor } = desk.useSearch();
  return <SupportDesk state={state} cursor={cursor} gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;
}

export function StaffTicketPage() {
  const { id } = staffTicket.useParams();
  return <OfficeTicket id={id} gate={(inside) => <OfficeGate>{inside}</OfficeGate>} />;
}
