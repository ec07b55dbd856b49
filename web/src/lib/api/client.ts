import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "@/gen/api";
import { Problem } from "./problem";

/** The CSRF token of the current session; set by whoever reads the session. */
let csrf: string | null = null;

export function setCsrf(token: string | null) {
  csrf = token;
}

const READS = new Set(["GET", "HEAD"]);

const guard: Middleware = {
  onRequest({ request }) {
    if (csrf !== null && !READS.has(request.method)) request.headers.set("x-csrf-token", csrf);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.from(response);
  },
};

export const API_BASE = "/api/v1";

export const client = createClient<paths>({ baseUrl: API_BASE });
client.use(guard);

/** Uploads one picture as raw bytes: the only request that is not JSON. */
export async function uploadMedia(picture: Blob): Promise<{ hash: string; url: string }> {
  const headers: Record<string, string> = { "content-type": picture.type };
  if (csrf !== null) headers["x-csrf-token"] = csrf;
  const response = await fetch(`${API_BASE}/media`, { method: "POST", headers, body: picture });
  if (!response.ok) throw await Problem.from(response);
  return (await response.json()) as { hash: string; url: string };
}
