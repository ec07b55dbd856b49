//! What is kept of events, captures, batches and scans.

use platform_index::{Column, Kind, Table};

/// Captured events. None of it comes from the chain.
pub(super) const EVENT: Table = Table {
    name: "trace_event",
    kind: Kind::State,
    columns: &[
        Column::int("seq"),
        Column::text("event_id"),
        Column::blob("event_hash"),
        Column::text("type"),
        // Milliseconds since 1970.
        Column::int("event_time"),
        Column::int("record_time"),
        // What the hash leaves out, such as an error declaration, or nothing.
        Column::text("beside"),
        Column::text("capture"),
        // The batch it was sealed in, zero before.
        Column::int("batch"),
        Column::text("namespaces"),
        Column::text("body"),
    ],
    key: 1,
    indexes: &[
        ("trace_event_id", "event_id"),
        ("trace_event_hash", "event_hash"),
        ("trace_event_time", "event_time, seq"),
        ("trace_event_record_time", "record_time, seq"),
        ("trace_event_batch", "batch"),
    ],
};

/// By what events are found: field, value, and the event.
pub(super) const FACT: Table = Table {
    name: "trace_fact",
    kind: Kind::State,
    columns: &[Column::text("field"), Column::text("value"), Column::int("seq")],
    key: 3,
    indexes: &[],
};

/// Capture jobs.
pub(super) const CAPTURE: Table = Table {
    name: "trace_capture",
    kind: Kind::State,
    columns: &[
        Column::text("id"),
        Column::int("created"),
        Column::int("finished"),
        Column::int("success"),
        Column::text("behaviour"),
        Column::int("taken"),
        Column::int("known"),
        Column::text("errors"),
        Column::text("by_key"),
    ],
    key: 1,
    indexes: &[("trace_capture_created", "created")],
};

/// Queries with a name.
pub(super) const QUERY: Table = Table {
    name: "trace_query",
    kind: Kind::State,
    columns: &[Column::text("name"), Column::text("body"), Column::int("created")],
    key: 1,
    indexes: &[],
};

/// Master data: what a place or a product is called, and where it is.
pub(super) const MASTER: Table = Table {
    name: "trace_master",
    kind: Kind::State,
    columns: &[Column::text("id"), Column::text("kind"), Column::text("attributes")],
    key: 1,
    indexes: &[],
};

/// Batches whose events are sealed under one root.
pub(super) const BATCH: Table = Table {
    name: "trace_batch",
    kind: Kind::State,
    columns: &[Column::int("number"), Column::blob("root"), Column::int("leaves"), Column::int("created")],
    key: 1,
    indexes: &[("trace_batch_root", "root")],
};

/// Scans of a label. A place is there only where the person gave one, and then rounded to a tenth of a degree.
pub(super) const SCAN: Table = Table {
    name: "trace_scan",
    kind: Kind::State,
    columns: &[
        Column::text("id"),
        Column::text("item"),
        Column::int("at"),
        // Tenths of a degree.
        Column::int("latitude").or_null(),
        Column::int("longitude").or_null(),
    ],
    key: 1,
    indexes: &[("trace_scan_item", "item, at")],
};

/// Who claims to own an item.
pub(super) const CLAIM: Table = Table {
    name: "trace_claim",
    kind: Kind::State,
    columns: &[Column::text("item"), Column::blob("account"), Column::int("at")],
    key: 2,
    indexes: &[],
};

/// What looks wrong with an item, and the scan or claim that showed it.
pub(super) const ALERT: Table = Table {
    name: "trace_alert",
    kind: Kind::State,
    columns: &[
        Column::text("id"),
        Column::text("item"),
        Column::text("kind"),
        Column::int("at"),
        Column::text("evidence"),
    ],
    key: 1,
    indexes: &[("trace_alert_at", "at"), ("trace_alert_item", "item")],
};

/// Every table that cannot be rebuilt from the chain.
pub(super) const TABLES: &[Table] = &[EVENT, FACT, CAPTURE, QUERY, MASTER, BATCH, SCAN, CLAIM, ALERT];
