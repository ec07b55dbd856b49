//! What is kept for deliveries: keys anyone may see, and boxes that only their recipients can open.

use platform_index::{Column, Kind, Table};

/// Keys that people have published so that others can seal something for them.
pub(super) const KEY: Table = Table {
    name: "delivery_key",
    kind: Kind::State,
    columns: &[
        Column::blob("account"),
        // X25519, hex.
        Column::text("public_key"),
        // Of the account's wallet over the words that name the key.
        Column::text("signature"),
        Column::int("at"),
    ],
    key: 1,
    indexes: &[],
};

/// Sealed addresses, one row a recipient, found by the hash that the order carries on chain.
pub(super) const BOX: Table = Table {
    name: "delivery_box",
    kind: Kind::State,
    columns: &[
        Column::blob("delivery_hash"),
        Column::blob("recipient"),
        Column::blob("sender"),
        Column::blob("sealed"),
        Column::int("at"),
    ],
    key: 2,
    indexes: &[("delivery_box_sender", "sender"), ("delivery_box_recipient", "recipient")],
};

/// That something was erased, and why: `buyer` or `retention`. Nothing of what it was.
pub(super) const ERASED: Table = Table {
    name: "delivery_erased",
    kind: Kind::State,
    columns: &[Column::blob("delivery_hash"), Column::text("why"), Column::int("at")],
    key: 1,
    indexes: &[],
};
