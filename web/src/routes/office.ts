export { DashboardPage } from "@/features/market/office/dashboard";
export { OfficeOrdersPage } from "@/features/market/office/office-orders";
