import type { OpsCode } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { Table, type Column } from "@/ui/table";

type Change = OpsCode["changes"][number];

/** Where new code keeps what, against the code that runs. */
export function LayoutChanges({ code }: { code: OpsCode }) {
  const { t } = useLanguage();
  const columns: Column<Change>[] = [
    { id: "place", title: t("changes.place"), cell: (row) => <code className="break-all">{row.place}</code> },
    {
      id: "kind",
      title: t("changes.storage_change"),
      cell: (row) => <span className={row.breaks ? "text-harm" : "text-safe"}>{t(`changes.layout_kinds.${row.kind as "added"}`)}</span>,
    },
    { id: "before", title: t("changes.before"), cell: (row) => <span className="break-all">{row.before ?? "–"}</span>, from: "md" },
    { id: "after", title: t("changes.after"), cell: (row) => <span className="break-all">{row.after ?? "–"}</span>, from: "md" },
  ];
  return (
    <>
      <p className={`mb-4 ${code.breaks ? "text-harm" : "text-safe"}`} role="status">
        {code.breaks ? t("changes.breaks") : code.changes.length === 0 ? t("changes.same_storage") : t("changes.appends")}
      </p>
      {code.changes.length > 0 && <Table caption={t("changes.storage")} columns={columns} rows={code.changes} rowKey={(row) => `${row.place} ${row.kind}`} />}
      <p className="mt-3 text-sm text-ink-soft">
        {t("changes.compared", { names: code.namespaces.map((name) => (name === "" ? t("changes.variables") : name)).join(", ") || t("changes.no_storage") })}
      </p>
    </>
  );
}
