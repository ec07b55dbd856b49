export { SolvencyPage } from "@/features/market/books/solvency-page";
export { MetricsPage } from "@/features/market/books/metrics-page";
