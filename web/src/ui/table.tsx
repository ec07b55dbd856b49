import type { ReactNode } from "react";

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The plain text of the cell in an export; columns without it are left out. */
  csv?: (row: T) => string;
  /** Figures stand at the end of their column. */
  end?: boolean;
  /** The width from which the column is shown. */
  from?: "sm" | "md" | "lg";
}

const SHOWN = { sm: "hidden sm:table-cell", md: "hidden md:table-cell", lg: "hidden lg:table-cell" };

interface Props<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
}

export function Table<T>({ caption, columns, rows, rowKey }: Props<T>) {
  const place = (column: Column<T>) =>
    `${column.from === undefined ? "" : SHOWN[column.from]} ${column.end ? "text-right" : "text-left"}`;
  return (
    <table className="w-full border-collapse">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr className="border-b-[3px] border-double border-line-strong">
          {columns.map((column) => (
            <th key={column.id} scope="col" className={`overline-label py-2 pr-4 align-bottom last:pr-0 ${place(column)}`}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)} className="border-b border-line transition-colors hover:bg-raised">
            {columns.map((column) => (
              <td key={column.id} className={`max-w-[40ch] py-3 pr-4 align-middle last:pr-0 ${place(column)}`}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export const csvRows = <T,>(columns: readonly Column<T>[], rows: readonly T[]): string[][] => {
  const exported = columns.filter((column) => column.csv !== undefined);
  return [exported.map((column) => column.title), ...rows.map((row) => exported.map((column) => column.csv?.(row) ?? ""))];
};
