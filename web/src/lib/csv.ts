const ROWS_MAX = 20_000;

const quote = (cell: string): string => {
  // A leading formula character would be run by a spreadsheet that opens the file.
  const safe = /^[=+\-@\t]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const toCsv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map(quote).join(",")).join("\r\n") + "\r\n";

export function downloadCsv(name: string, rows: readonly (readonly string[])[]) {
  // The byte-order mark lets spreadsheets recognise UTF-8, which the Chinese titles need.
  const url = URL.createObjectURL(new Blob(["\uFEFF", toCsv(rows)], { type: "text/csv;charset=utf-8" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `${name}.csv`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export interface Page<T> {
  items: T[];
  next?: string | null;
}

/** Walks every page of a list, up to a bound, so that an export is the whole filter and not one screen. */
export async function collectPages<T>(fetchPage: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    rows.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && rows.length < ROWS_MAX);
  return rows;
}
