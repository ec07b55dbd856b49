//! Sessions the server keeps. The browser holds a random token; the store holds only its hash.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{Address, B256, Bytes, hex, keccak256};
use async_trait::async_trait;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use platform_index::{Column, Kind, Store, StoreError, Table};

use crate::siwe::{message_hash, recover};
use crate::{Factors, Problem, Seal, Siwe, SiweError};

const NONCE: Table = Table {
    name: "api_nonce",
    kind: Kind::State,
    columns: &[Column::text("nonce"), Column::int("expires_at")],
    key: 1,
    indexes: &[],
};

const SESSION: Table = Table {
    name: "api_session",
    kind: Kind::State,
    columns: &[Column::blob("token_hash"), Column::blob("address"), Column::text("csrf"), Column::int("expires_at")],
    key: 1,
    indexes: &[],
};

pub(crate) const COOKIE: &str = "guildhall_session";
const NONCE_SECONDS: u64 = 600;
const SESSION_SECONDS: u64 = 7 * 86_400;

/// Who may do what, and whether a contract stands behind a signature. The chain is the only source of both.
#[async_trait]
pub trait Identity: Send + Sync {
    /// Roles of an account, as words.
    async fn roles(&self, account: Address) -> Result<Vec<String>, Problem>;

    /// Whether a contract account accepts a signature (ERC-1271). False for accounts without code.
    async fn contract_accepts(&self, account: Address, hash: B256, signature: Bytes) -> Result<bool, Problem>;
}

/// Someone signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub address: Address,
    /// Roles, `customer` first.
    pub roles: Vec<String>,
    /// What writes must carry in the header `x-csrf-token`.
    pub csrf: String,
    /// Until when, in seconds since 1970.
    pub expires_at: u64,
    /// Keccak-256 of the token that the browser holds.
    pub(crate) token_hash: B256,
}

impl Session {
    /// Refuses those without a role.
    pub fn require(&self, role: &str) -> Result<(), Problem> {
        if self.roles.iter().any(|held| held == role) {
            return Ok(());
        }
        Err(Problem::forbidden(format!("This needs the role of {role}, which {} does not have.", self.address)))
    }
}

/// The sessions of this site.
pub struct Sessions {
    store: Store,
    identity: Arc<dyn Identity>,
    factors: Factors,
    chain_id: u64,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").field("chain_id", &self.chain_id).finish_non_exhaustive()
    }
}

impl Sessions {
    /// Sessions kept in a store.
    pub async fn open(
        store: Store,
        identity: Arc<dyn Identity>,
        seal: Seal,
        chain_id: u64,
    ) -> Result<Self, StoreError> {
        store.create(&[NONCE, SESSION]).await?;
        let now = now();
        store.execute("DELETE FROM api_nonce WHERE expires_at < $1", vec![now.into()]).await?;
        store.execute("DELETE FROM api_session WHERE expires_at < $1", vec![now.into()]).await?;
        let factors = Factors::open(store.clone(), seal).await?;
        Ok(Self { store, identity, factors, chain_id })
    }

    /// The second factors of its people.
    #[must_use]
    pub const fn factors(&self) -> &Factors {
        &self.factors
    }

    /// Ends every session of an account but this one, and gives how many there were.
    ///
    /// # Errors
    /// A store error.
    pub async fn end_others(&self, session: &Session) -> Result<u64, StoreError> {
        let sql = "DELETE FROM api_session WHERE address = $1 AND token_hash <> $2";
        self.store.execute(sql, vec![session.address.into(), session.token_hash.into()]).await
    }

    /// A new nonce and until when it can be used.
    pub async fn nonce(&self) -> Result<(String, u64), Problem> {
        let nonce = hex::encode(rand::random::<[u8; 16]>());
        let expires_at = now() + NONCE_SECONDS;
        // Nonces nobody used must not pile up.
        self.store.execute("DELETE FROM api_nonce WHERE expires_at < $1", vec![now().into()]).await?;
        self.store.put(&NONCE, vec![nonce.as_str().into(), expires_at.into()]).await?;
        Ok((nonce, expires_at))
    }

    /// Signs someone in: the cookie to set, and the session.
    pub async fn sign_in(&self, host: &str, message: &str, signature: &Bytes) -> Result<(String, Session), Problem> {
        let siwe = Siwe::parse(message).map_err(|error| Problem::invalid(error.to_string()))?;
        siwe.check(host, self.chain_id, now()).map_err(|error| Problem::invalid(error.to_string()))?;
        let hash = message_hash(message);
        if recover(&hash, signature) != Some(siwe.address)
            && !self.identity.contract_accepts(siwe.address, hash, signature.clone()).await?
        {
            return Err(Problem::invalid(SiweError::Signature(siwe.address).to_string()));
        }
        self.spend_nonce(&siwe.nonce).await?;
        let token = rand::random::<[u8; 32]>();
        let csrf = hex::encode(rand::random::<[u8; 16]>());
        let expires_at = now() + SESSION_SECONDS;
        let token_hash = keccak256(token);
        let row = vec![token_hash.into(), siwe.address.into(), csrf.as_str().into(), expires_at.into()];
        self.store.put(&SESSION, row).await?;
        let roles = self.roles(siwe.address).await?;
        let session = Session { address: siwe.address, roles, csrf, expires_at, token_hash };
        let cookie =
            format!("{COOKIE}={}; Path=/; Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Strict", hex::encode(token));
        Ok((cookie, session))
    }

    /// The session a request carries.
    pub async fn of(&self, headers: &HeaderMap) -> Result<Option<Session>, Problem> {
        let Some(token) = token(headers) else {
            return Ok(None);
        };
        let sql = "SELECT address, csrf, expires_at FROM api_session WHERE token_hash = $1 AND expires_at >= $2";
        let token_hash = keccak256(token);
        let Some(row) = self.store.row(sql, vec![token_hash.into(), now().into()]).await? else {
            return Ok(None);
        };
        let address = row.address(0)?;
        let roles = self.roles(address).await?;
        Ok(Some(Session { address, roles, csrf: row.text(1)?, expires_at: row.number(2)?, token_hash }))
    }

    /// Ends the session a request carries and gives the cookie that clears it.
    pub async fn sign_out(&self, headers: &HeaderMap) -> Result<String, Problem> {
        if let Some(token) = token(headers) {
            let hash = vec![keccak256(token).into()];
            self.store.execute("DELETE FROM api_session WHERE token_hash = $1", hash).await?;
        }
        Ok(format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"))
    }

    /// A nonce counts once: the delete decides which of two requests has it.
    async fn spend_nonce(&self, nonce: &str) -> Result<(), Problem> {
        let sql = "DELETE FROM api_nonce WHERE nonce = $1 AND expires_at >= $2";
        if self.store.execute(sql, vec![nonce.into(), now().into()]).await? == 1 {
            return Ok(());
        }
        Err(Problem::invalid(SiweError::Nonce.to_string()))
    }

    async fn roles(&self, address: Address) -> Result<Vec<String>, Problem> {
        let mut roles = vec!["customer".to_owned()];
        roles.extend(self.identity.roles(address).await?);
        Ok(roles)
    }
}

fn token(headers: &HeaderMap) -> Option<[u8; 32]> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(name, _)| *name == COOKIE)?;
    hex::decode(token).ok()?.try_into().ok()
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// Whoever asks: someone signed in, or a passer-by.
#[derive(Clone, Debug)]
pub struct Viewer(pub Option<Session>);

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let sessions = parts.extensions.get::<Arc<Sessions>>().cloned();
        match sessions {
            Some(sessions) => Ok(Self(sessions.of(&parts.headers).await?)),
            None => Ok(Self(None)),
        }
    }
}

/// Someone signed in. Where the request changes something, it must also carry the session's CSRF token.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Session);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Viewer(session) = <Viewer as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let session = session.ok_or_else(Problem::unauthenticated)?;
        let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let sent = parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
        if !reads && sent != Some(session.csrf.as_str()) {
            return Err(Problem::forbidden("The header x-csrf-token is missing or not this session's. Sign in again."));
        }
        Ok(Self(session))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        match <Self as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(signed_in) => Ok(Some(signed_in)),
            Err(problem) if problem.status == 401 => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}
