//! Keys that machines carry: `Authorization: Bearer KEY`. The key is shown once, when it is made; the store holds only
//! its hash, and what it grants.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use alloy_primitives::{B256, hex, keccak256};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform_index::{Column, Kind, Row, Store, StoreError, Table};

use crate::session::now;
use crate::{Pace, Problem};

const KEY: Table = Table {
    name: "api_key",
    kind: Kind::State,
    columns: &[
        Column::text("id"),
        Column::blob("key_hash"),
        Column::text("name"),
        Column::text("grants"),
        Column::int("created_at"),
        // Zero for keys without an end, and for keys that were not revoked.
        Column::int("expires_at"),
        Column::int("revoked_at"),
    ],
    key: 1,
    indexes: &[("api_key_hash", "key_hash")],
};

const COLUMNS: &str = "id, name, grants, created_at, expires_at, revoked_at";

/// What every key begins with, so that it is recognised where it should not be.
const PREFIX: &str = "gh_";

/// Requests a key may make at once, and how many more each second.
const BURST: f64 = 400.0;
const PER_SECOND: f64 = 100.0;

/// Keys whose pace is remembered at once.
const PACES_MAX: usize = 10_000;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// What it may be used for, such as `epcis:capture`.
    pub grants: Vec<String>,
    /// Until when, in seconds since 1970. None for a key without an end.
    pub expires_at: Option<u64>,
}

/// A key as it is known. The key itself is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its short id, which may be shown.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may be used for.
    pub grants: Vec<String>,
    /// Since when, in seconds since 1970.
    pub created_at: u64,
    /// Until when.
    pub expires_at: Option<u64>,
    /// When it was revoked.
    pub revoked_at: Option<u64>,
}

impl ApiKey {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let some = |value: u64| (value > 0).then_some(value);
        Ok(Self {
            id: row.text(0)?,
            name: row.text(1)?,
            grants: row.text(2)?.split(' ').filter(|grant| !grant.is_empty()).map(str::to_owned).collect(),
            created_at: row.number(3)?,
            expires_at: some(row.number(4)?),
            revoked_at: some(row.number(5)?),
        })
    }
}

/// The keys of this site.
pub struct ApiKeys {
    store: Store,
    paces: Mutex<HashMap<String, Pace>>,
}

impl std::fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeys").finish_non_exhaustive()
    }
}

impl ApiKeys {
    /// Keys kept in a store. Several processes may use it at once: whoever makes or revokes a key is believed by the
    /// others with their next request.
    pub async fn open(store: Store) -> Result<Self, StoreError> {
        store.create(&[KEY]).await?;
        Ok(Self { store, paces: Mutex::default() })
    }

    /// Makes a key. The text is the key itself: it cannot be had again.
    pub async fn create(&self, new: NewKey) -> Result<(String, ApiKey), StoreError> {
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
        let hash = keccak256(text.as_bytes());
        let key = ApiKey {
            id: hex::encode(&hash[..5]),
            name: new.name,
            grants: new.grants,
            created_at: now(),
            expires_at: new.expires_at,
            revoked_at: None,
        };
        let row = vec![
            key.id.as_str().into(),
            hash.into(),
            key.name.as_str().into(),
            key.grants.join(" ").into(),
            key.created_at.into(),
            key.expires_at.unwrap_or(0).into(),
            0_u64.into(),
        ];
        self.store.put(&KEY, row).await?;
        Ok((text, key))
    }

    /// Every key, the newest first.
    pub async fn list(&self) -> Result<Vec<ApiKey>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM api_key ORDER BY created_at DESC, id");
        self.store.rows(&sql, vec![]).await?.iter().map(ApiKey::read).collect()
    }

    /// Ends a key by its id. False where there is none that was not ended before.
    pub async fn revoke(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE api_key SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0";
        Ok(self.store.execute(sql, vec![now().into(), id.into()]).await? == 1)
    }

    /// The key a request carries, if it is one that counts.
    async fn of(&self, headers: &HeaderMap) -> Result<Option<ApiKey>, Problem> {
        let Some(text) = bearer(headers) else {
            return Ok(None);
        };
        let hash: B256 = keccak256(text.as_bytes());
        let sql = format!("SELECT {COLUMNS} FROM api_key WHERE key_hash = $1");
        let Some(row) = self.store.row(&sql, vec![hash.into()]).await? else {
            return Ok(None);
        };
        let key = ApiKey::read(&row)?;
        let counts = key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now());
        Ok(counts.then_some(key))
    }

    /// Takes one request from the key's bucket. False where it is empty.
    fn keeps_pace(&self, id: &str, at: Instant) -> bool {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= PACES_MAX && !paces.contains_key(id) {
            paces.retain(|_, pace| at.duration_since(pace.asked_at()).as_secs() < 60);
        }
        paces.entry(id.to_owned()).or_insert_with(|| Pace::new(BURST, PER_SECOND, at)).take(at)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

/// A machine that carried a key that counts.
#[derive(Clone, Debug)]
pub struct Machine(pub ApiKey);

impl Machine {
    /// Refuses keys that lack a grant.
    pub fn require(&self, grant: &str) -> Result<(), Problem> {
        if self.0.grants.iter().any(|held| held == grant) {
            return Ok(());
        }
        let id = &self.0.id;
        Err(Problem::forbidden(format!(
            "The key {id} lacks the grant {grant}: make one with `guildhall apikey create --grant {grant}`."
        )))
    }
}

/// Why a machine is turned away.
#[derive(Clone, Debug)]
pub struct Turned(Problem);

impl Turned {
    fn unknown() -> Self {
        let detail = "Send a key that is valid in the header Authorization: Bearer KEY. Keys are made with \
                      `guildhall apikey create`.";
        Self(Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail))
    }

    fn too_fast() -> Self {
        let detail = format!("This key asks too often: {PER_SECOND} requests a second are allowed. Wait a second.");
        Self(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail))
    }
}

impl From<Problem> for Turned {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        let status = self.0.status;
        let mut response = self.0.into_response();
        let headers = response.headers_mut();
        match status {
            401 => headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"guildhall\"")),
            429 => headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1")),
            _ => None,
        };
        response
    }
}

impl<S: Sync> FromRequestParts<S> for Machine {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Turned> {
        let keys = parts.extensions.get::<Arc<ApiKeys>>().cloned().ok_or_else(Turned::unknown)?;
        let key = keys.of(&parts.headers).await?.ok_or_else(Turned::unknown)?;
        if !keys.keeps_pace(&key.id, Instant::now()) {
            return Err(Turned::too_fast());
        }
        Ok(Self(key))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot be set up shall fail")]

    use std::time::Duration;

    use super::*;

    async fn keys() -> (tempfile::TempDir, ApiKeys) {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("keys.db").display());
        (directory, ApiKeys::open(Store::open(&url).await.unwrap()).await.unwrap())
    }

    fn carrying(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
    }

    fn new(expires_at: Option<u64>) -> NewKey {
        NewKey { name: "dock 4".into(), grants: vec!["a:b".into(), "c:d".into()], expires_at }
    }

    #[tokio::test]
    async fn a_key_counts_until_it_is_revoked() {
        let (_directory, keys) = keys().await;
        let (text, key) = keys.create(new(None)).await.unwrap();
        let headers = carrying(&format!("Bearer {text}"));
        assert_eq!(keys.of(&headers).await.unwrap().unwrap(), key);
        assert_eq!(keys.list().await.unwrap(), std::slice::from_ref(&key));
        for other in ["Bearer ", "Bearer gh_x", "Basic abc", &text, &format!("Bearer {text}x")] {
            assert!(keys.of(&carrying(other)).await.unwrap().is_none(), "{other}");
        }
        let machine = Machine(key.clone());
        assert!(machine.require("c:d").is_ok() && machine.require("c").is_err());
        assert!(keys.revoke(&key.id).await.unwrap());
        assert!(!keys.revoke(&key.id).await.unwrap(), "once");
        assert!(keys.of(&headers).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_expired_key_does_not_count_and_no_key_is_stored() {
        let (directory, keys) = keys().await;
        let (text, _) = keys.create(new(Some(now()))).await.unwrap();
        assert!(keys.of(&carrying(&format!("Bearer {text}"))).await.unwrap().is_none());
        for file in std::fs::read_dir(directory.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()));
        }
    }

    #[tokio::test]
    async fn who_asks_too_fast_waits() {
        let (_directory, keys) = keys().await;
        let start = Instant::now();
        let taken = (0..1_000).filter(|_| keys.keeps_pace("one", start)).count();
        assert_eq!(taken, 400);
        assert!(keys.keeps_pace("two", start));
        assert!(keys.keeps_pace("one", start + Duration::from_secs(1)));
    }
}
