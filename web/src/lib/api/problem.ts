/** An RFC 9457 answer of the platform, or the plain HTTP status when the body is not one. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string | null,
    readonly type: string | null,
  ) {
    super(detail ?? title);
    this.name = "Problem";
  }

  static async from(response: Response): Promise<Problem> {
    let body: unknown = null;
    try {
      body = await response.clone().json();
    } catch {
      // A proxy or a crash answers without JSON; the status line is then all there is.
    }
    const field = (name: string): string | null => {
      if (typeof body !== "object" || body === null) return null;
      const value = (body as Record<string, unknown>)[name];
      return typeof value === "string" ? value : null;
    };
    const title = field("title") ?? (response.statusText || `HTTP ${response.status}`);
    return new Problem(response.status, title, field("detail"), field("type"));
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof Problem && error.status === 404;
