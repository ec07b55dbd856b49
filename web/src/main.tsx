import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./app.css";
import { noteRecommender } from "./lib/affiliate";
import { Problem } from "./lib/api/problem";
import { startI18n } from "./lib/i18n";
import { startTheme } from "./lib/theme";
import { createAppRouter } from "./routes/router";

const RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal will not change by asking again; a broken connection may.
      retry: (count, error) => !(error instanceof Problem && error.status < 500) && count < RETRIES,
    },
  },
});

async function start() {
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");
  startTheme();
  noteRecommender(window.location.search, Date.now());
  const router = createAppRouter(queries);
  // The words, the page's code and its first answers travel side by side.
  await Promise.all([startI18n(), router.load()]);
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();
