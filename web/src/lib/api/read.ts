import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { paths } from "@/gen/api";
import { client } from "./client";

export type ReadPath = {
  [P in keyof paths]: paths[P] extends { get: { responses: object } } ? P : never;
}[keyof paths];

type Operation<P extends ReadPath> = paths[P] extends { get: infer Get } ? Get : never;

export type Answer<P extends ReadPath> =
  Operation<P> extends { responses: { 200: { content: { "application/json": infer Body } } } } ? Body : never;

type Parameter<P extends ReadPath, Where extends string> =
  Operation<P> extends { parameters: infer All }
    ? All extends { [K in Where]: infer Value }
      ? Value
      : All extends { [K in Where]?: infer Value }
        ? Value
        : never
    : never;

export interface Input<P extends ReadPath> {
  path?: Parameter<P, "path">;
  query?: Parameter<P, "query">;
}

export async function fetchAnswer<P extends ReadPath>(path: P, input: Input<P> = {}): Promise<Answer<P>> {
  // openapi-fetch cannot relate a generic path to its parameters; `Input` has already done so.
  const { data } = (await client.GET(path as never, { params: input } as never)) as { data: unknown };
  return data as Answer<P>;
}

/** Query options for one GET of the API: the key is the path and its parameters, so live events can find it. */
export function read<P extends ReadPath>(path: P, input: Input<P> = {}) {
  return queryOptions({
    queryKey: [path, input] as const,
    queryFn: () => fetchAnswer(path, input),
  });
}

/** The same for lists: the old rows stay while the next page or filter loads, so nothing jumps. */
export function readList<P extends ReadPath>(path: P, input: Input<P> = {}) {
  return queryOptions({ ...read(path, input), placeholderData: keepPreviousData });
}
