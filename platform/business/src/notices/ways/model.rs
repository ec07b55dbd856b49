//! Rows of ways, and how many codes were sent.

use alloy_primitives::{Address, B256, keccak256};
use platform_api::Problem;
use platform_index::{Column, Kind, Row, StoreError, Table};
use platform_notify::{Notifier, RecipientKind};
use serde_json::{Value as Json, json};

use crate::context::Context;

/// A way, without where it leads.
pub(in crate::notices) const WAY: Table = Table {
    name: "notice_way",
    kind: Kind::State,
    columns: &[
        // The recipient's id.
        Column::text("id"),
        Column::blob("account"),
        Column::text("kind"),
        Column::int("orders"),
        Column::int("aftersales"),
        // Zero until its owner has shown that it is theirs.
        Column::int("confirmed_at"),
        Column::int("created_at"),
        Column::blob("code_hash"),
        Column::int("code_until"),
        Column::int("code_tries"),
    ],
    key: 1,
    indexes: &[("notice_way_account", "account")],
};

/// How many codes were sent lately: for an account, to an address (by a token that does not say it), by the house.
pub(in crate::notices) const CODE_COUNT: Table = Table {
    name: "notice_code_count",
    kind: Kind::State,
    columns: &[Column::text("scope"), Column::int("period"), Column::int("sent")],
    key: 1,
    indexes: &[],
};

/// Up to which event of the market everyone was told.
pub(in crate::notices) const CURSOR: Table = Table {
    name: "notice_cursor",
    kind: Kind::State,
    columns: &[Column::text("name"), Column::int("block"), Column::int("log")],
    key: 1,
    indexes: &[],
};

/// How long a code counts, in seconds.
const CODE_SECONDS: u64 = 1_800;
/// Wrong codes after which a new one is needed.
const TRIES_MAX: i64 = 5;
const HOUR: u64 = 3_600;

/// A way.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) id: String,
    pub(super) account: Address,
    pub(super) kind: RecipientKind,
    pub(super) orders: bool,
    pub(super) aftersales: bool,
    pub(super) confirmed_at: u64,
    pub(super) created_at: u64,
    pub(super) code_hash: B256,
    pub(super) code_until: u64,
    pub(super) code_tries: i64,
}

const COLUMNS: &str =
    "id, account, kind, orders, aftersales, confirmed_at, created_at, code_hash, code_until, code_tries";

impl Way {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let kind = if row.text(2)? == "webhook" { RecipientKind::Webhook } else { RecipientKind::Mail };
        Ok(Self {
            id: row.text(0)?,
            account: row.address(1)?,
            kind,
            orders: row.int(3)? != 0,
            aftersales: row.int(4)? != 0,
            confirmed_at: row.number(5)?,
            created_at: row.number(6)?,
            code_hash: row.hash(7)?,
            code_until: row.number(8)?,
            code_tries: row.int(9)?,
        })
    }

    pub(super) async fn keep(&self, app: &Context) -> Result<(), Problem> {
        let row = vec![
            self.id.as_str().into(),
            self.account.into(),
            self.kind.name().into(),
            self.orders.into(),
            self.aftersales.into(),
            self.confirmed_at.into(),
            self.created_at.into(),
            self.code_hash.into(),
            self.code_until.into(),
            self.code_tries.into(),
        ];
        Ok(app.store.put(&WAY, row).await?)
    }

    /// Draws a code that counts from now on, and gives it.
    pub(super) fn draw_code(&mut self, now: u64) -> String {
        let code = format!("{:08}", rand::random_range(0..100_000_000_u32));
        self.code_hash = hash(&self.id, &code);
        self.code_until = now + CODE_SECONDS;
        self.code_tries = 0;
        code
    }

    /// Takes a code. The error says why it does not count.
    pub(super) fn try_code(&mut self, code: &str, now: u64) -> Result<(), &'static str> {
        if self.code_tries >= TRIES_MAX {
            return Err("Too many wrong codes. Ask for a new one.");
        }
        if now >= self.code_until {
            return Err("This code is too old. Ask for a new one.");
        }
        self.code_tries += 1;
        let typed: String = code.chars().filter(char::is_ascii_digit).collect();
        if hash(&self.id, &typed) != self.code_hash {
            return Err("This is not the code that was sent. Look again, or ask for a new one.");
        }
        self.confirmed_at = now;
        self.code_until = 0;
        Ok(())
    }
}

fn hash(id: &str, code: &str) -> B256 {
    keccak256(format!("{id} {code}"))
}

pub(super) async fn of(app: &Context, account: Address) -> Result<Vec<Way>, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM notice_way WHERE account = $1 ORDER BY kind");
    let rows = app.store.rows(&sql, vec![account.into()]).await?;
    Ok(rows.iter().map(Way::read).collect::<Result<_, _>>()?)
}

pub(super) async fn by_id(app: &Context, account: Address, id: &str) -> Result<Way, Problem> {
    let own = of(app, account).await?;
    own.into_iter().find(|way| way.id == id).ok_or_else(|| Problem::not_found(format!("way {id} of yours")))
}

pub(super) async fn remove(app: &Context, notifier: &Notifier, id: &str) -> Result<(), Problem> {
    notifier.forget(id).await?;
    app.store.execute("DELETE FROM notice_way WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}

/// Counts a code for a scope. False where it was the one too many of this hour.
pub(super) async fn may_send(app: &Context, scope: &str, most: i64, now: u64) -> Result<bool, Problem> {
    let period = now / HOUR;
    let sql = "INSERT INTO notice_code_count (scope, period, sent) VALUES ($1, $2, 1) ON CONFLICT (scope) DO UPDATE SET \
               sent = CASE WHEN notice_code_count.period = excluded.period THEN notice_code_count.sent + 1 ELSE 1 END, \
               period = excluded.period";
    app.store.execute(sql, vec![scope.into(), period.into()]).await?;
    app.store.execute("DELETE FROM notice_code_count WHERE period < $1", vec![period.into()]).await?;
    let sent = app.store.int("SELECT sent FROM notice_code_count WHERE scope = $1", vec![scope.into()]).await?;
    Ok(sent <= most)
}

/// What is kept of a person's ways. Where they lead is theirs to see on their own page.
pub(in crate::notices) async fn holding(app: &Context, person: Address) -> Result<Vec<Json>, Problem> {
    let own = of(app, person).await?;
    Ok(own
        .iter()
        .map(|way| json!({ "way": way.kind.name(), "at": platform_api::calendar::rfc3339(way.created_at) }))
        .collect())
}

/// Erases a person's ways, where they lead, and what was on its way there.
pub(in crate::notices) async fn forget(app: &Context, person: Address) -> Result<(), Problem> {
    for way in of(app, person).await? {
        if let Some(notifier) = &app.notifier {
            remove(app, notifier, &way.id).await?;
        }
    }
    app.store.execute("DELETE FROM notice_way WHERE account = $1", vec![person.into()]).await?;
    let scope = format!("account {person}");
    app.store.execute("DELETE FROM notice_code_count WHERE scope = $1", vec![scope.into()]).await?;
    Ok(())
}
