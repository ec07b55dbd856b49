//! Second factors of staff: codes by time (TOTP, RFC 6238) from an app, codes on paper for when it is lost, and
//! passkeys.
//!
//! A session that gave one is stepped up for ten minutes, and may do what [`SteppedUp`] guards.

use std::fmt::Write as _;

use alloy_primitives::{Address, keccak256};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use platform_index::{Column, Kind, Store, StoreError, Table, Value};
use tokio::sync::Mutex;
use totp_rs::{Builder, Secret, Totp};

use crate::passkey::Passkeys;
use crate::session::now;
use crate::{Problem, Seal, Session, SignedIn};

const FACTOR: Table = Table {
    name: "api_factor",
    kind: Kind::State,
    columns: &[
        Column::blob("address"),
        Column::blob("secret"),
        Column::int("confirmed_at"),
        // The step of the newest code that was taken: none counts twice.
        Column::int("spent"),
    ],
    key: 1,
    indexes: &[],
};

const PAPER: Table = Table {
    name: "api_factor_paper",
    kind: Kind::State,
    columns: &[Column::blob("code_hash"), Column::blob("address")],
    key: 1,
    indexes: &[("api_factor_paper_address", "address")],
};

const FAULTS: Table = Table {
    name: "api_factor_fault",
    kind: Kind::State,
    columns: &[Column::blob("address"), Column::int("count"), Column::int("since")],
    key: 1,
    indexes: &[],
};

const STEP_UP: Table = Table {
    name: "api_step_up",
    kind: Kind::State,
    columns: &[Column::blob("token_hash"), Column::int("until")],
    key: 1,
    indexes: &[],
};

/// How long a session stays stepped up, in seconds.
pub const STEP_UP_SECONDS: u64 = 600;
/// Wrong codes until the factor is locked.
const FAULTS_MAX: u64 = 5;
/// For how long it is, in seconds.
const LOCKED_SECONDS: u64 = 900;
const SECRET_BYTES: usize = 20;
const PAPER_CODES: usize = 8;

/// What an app must know to make codes. Shown once.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret in base 32, for typing.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub uri: String,
    /// That address as a QR code, in SVG.
    pub qr: String,
}

/// The second factors of this site.
#[derive(Debug)]
pub struct Factors {
    store: Store,
    seal: Seal,
    passkeys: Passkeys,
    /// One try at a time: two at once would both count as the fifth.
    trying: Mutex<()>,
}

impl Factors {
    /// Factors kept in a store, their secrets under a seal.
    ///
    /// # Errors
    /// A store error.
    pub async fn open(store: Store, seal: Seal) -> Result<Self, StoreError> {
        store.create(&[FACTOR, PAPER, FAULTS, STEP_UP]).await?;
        store.execute("DELETE FROM api_step_up WHERE until < $1", vec![now().into()]).await?;
        let passkeys = Passkeys::open(store.clone()).await?;
        Ok(Self { store, seal, passkeys, trying: Mutex::default() })
    }

    pub(crate) const fn passkeys(&self) -> &Passkeys {
        &self.passkeys
    }

    /// The kinds of factor that an account has: `app`, `passkey`.
    ///
    /// # Errors
    /// A store error.
    pub async fn kinds(&self, account: Address) -> Result<Vec<&'static str>, StoreError> {
        let mut kinds = Vec::new();
        if self.has_app(account).await? {
            kinds.push("app");
        }
        if !self.passkeys.list(account).await?.is_empty() {
            kinds.push("passkey");
        }
        Ok(kinds)
    }

    async fn has_app(&self, account: Address) -> Result<bool, StoreError> {
        Ok(self.factor(account).await?.is_some_and(|factor| factor.confirmed))
    }

    /// Refuses a further factor to whoever did not give the one that is there: a stolen session must not make itself
    /// one.
    ///
    /// # Errors
    /// A [`Problem`] that says so.
    pub(crate) async fn first_or_stepped_up(&self, session: &Session) -> Result<(), Problem> {
        if self.stepped_up_until(session).await?.is_some() || self.kinds(session.address).await?.is_empty() {
            return Ok(());
        }
        Err(needed())
    }

    /// Steps a session up, and gives until when. Whoever calls this has checked a factor.
    pub(crate) async fn grant(&self, session: &Session) -> Result<u64, StoreError> {
        let until = now() + STEP_UP_SECONDS;
        self.store.put(&STEP_UP, vec![session.token_hash.into(), until.into()]).await?;
        Ok(until)
    }

    /// Begins a factor: it counts once a code confirmed it. One that is begun again forgets its first secret.
    ///
    /// # Errors
    /// A [`Problem`] where the account has one already.
    pub async fn begin(&self, account: Address, issuer: &str) -> Result<Enrolment, Problem> {
        if self.has_app(account).await? {
            return Err(Problem::conflict(
                "This account has an authenticator app. Remove it first, with one of its codes.",
            ));
        }
        let secret: [u8; SECRET_BYTES] = rand::random();
        let sealed = self.seal.seal(&owner(account), &secret);
        self.store.put(&FACTOR, vec![account.into(), sealed.into(), 0_u64.into(), 0_u64.into()]).await?;
        let totp = totp(secret, account, issuer);
        let uri = totp.to_url().map_err(|error| Problem::internal(&error))?;
        // Made here: a picture asked for by address would put the secret into that address.
        let qr = qrcode::QrCode::new(&uri).map(|code| code.render::<qrcode::render::svg::Color<'_>>().build());
        let qr = qr.map_err(|error| Problem::internal(&error))?;
        Ok(Enrolment { secret: totp.secret().to_base32(), uri, qr })
    }

    /// Confirms a factor with its first code, and gives the codes for paper. They are shown once.
    ///
    /// # Errors
    /// A [`Problem`] where the code is wrong or nothing was begun.
    pub async fn confirm(&self, account: Address, code: &str) -> Result<Vec<String>, Problem> {
        let _one = self.trying.lock().await;
        let factor = self.factor(account).await?.ok_or_else(|| Problem::invalid("Begin a second factor first."))?;
        if factor.confirmed {
            return Err(Problem::conflict("This second factor was confirmed before."));
        }
        let step = self.matched(account, &factor, code).await?;
        self.store.execute("DELETE FROM api_factor_paper WHERE address = $1", vec![account.into()]).await?;
        let mut papers = Vec::new();
        for _ in 0..PAPER_CODES {
            let code = paper();
            self.store.put(&PAPER, vec![hash(account, &code).into(), account.into()]).await?;
            papers.push(code);
        }
        let row = vec![account.into(), factor.sealed.into(), now().into(), step.into()];
        self.store.put(&FACTOR, row).await?;
        Ok(papers)
    }

    /// Takes a code, of the app or of the paper, and steps a session up. Gives until when.
    ///
    /// # Errors
    /// A [`Problem`]: no factor, a wrong code, or too many of them.
    pub async fn step_up(&self, session: &Session, code: &str) -> Result<u64, Problem> {
        let _one = self.trying.lock().await;
        let account = session.address;
        let factor = self.factor(account).await?.filter(|factor| factor.confirmed).ok_or_else(no_factor)?;
        let cleaned: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        if cleaned.len() > 6 {
            self.refuse_locked(account).await?;
            let sql = "DELETE FROM api_factor_paper WHERE code_hash = $1 AND address = $2";
            let spent = self.store.execute(sql, vec![hash(account, &cleaned).into(), account.into()]).await?;
            if spent == 0 {
                return Err(self.fault(account).await?);
            }
        } else {
            let step = self.matched(account, &factor, &cleaned).await?;
            let row = vec![account.into(), factor.sealed.into(), factor.confirmed_at.into(), step.into()];
            self.store.put(&FACTOR, row).await?;
        }
        self.store.execute("DELETE FROM api_factor_fault WHERE address = $1", vec![account.into()]).await?;
        Ok(self.grant(session).await?)
    }

    /// Until when a session is stepped up.
    ///
    /// # Errors
    /// A store error.
    pub async fn stepped_up_until(&self, session: &Session) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT until FROM api_step_up WHERE token_hash = $1 AND until >= $2";
        let row = self.store.row(sql, vec![session.token_hash.into(), now().into()]).await?;
        row.map(|row| row.number(0)).transpose()
    }

    /// Removes an account's app, its paper codes, and every step-up of this session.
    ///
    /// # Errors
    /// A store error.
    pub async fn remove(&self, session: &Session) -> Result<(), StoreError> {
        let account: Vec<Value> = vec![session.address.into()];
        self.store.execute("DELETE FROM api_factor WHERE address = $1", account.clone()).await?;
        self.store.execute("DELETE FROM api_factor_paper WHERE address = $1", account).await?;
        let token = vec![session.token_hash.into()];
        self.store.execute("DELETE FROM api_step_up WHERE token_hash = $1", token).await?;
        Ok(())
    }

    async fn factor(&self, account: Address) -> Result<Option<Factor>, StoreError> {
        let sql = "SELECT secret, confirmed_at, spent FROM api_factor WHERE address = $1";
        let row = self.store.row(sql, vec![account.into()]).await?;
        row.map(|row| {
            let confirmed_at = row.number(1)?;
            Ok(Factor { sealed: row.blob(0)?, confirmed: confirmed_at > 0, confirmed_at, spent: row.number(2)? })
        })
        .transpose()
    }

    /// The step of a right code that was not taken before.
    async fn matched(&self, account: Address, factor: &Factor, code: &str) -> Result<u64, Problem> {
        self.refuse_locked(account).await?;
        let plain = self.seal.open(&owner(account), &factor.sealed);
        let secret: [u8; SECRET_BYTES] = plain.and_then(|plain| plain.try_into().ok()).ok_or_else(|| {
            Problem::unavailable("The second factor's secret does not open: the house's sealing key is another one.")
        })?;
        // One step to either side, for clocks that are off.
        match totp(secret, account, "").check(code, now()) {
            Some(step) if step > factor.spent => Ok(step),
            _ => Err(self.fault(account).await?),
        }
    }

    async fn refuse_locked(&self, account: Address) -> Result<(), Problem> {
        let (count, since) = self.faults(account).await?;
        if count < FAULTS_MAX {
            return Ok(());
        }
        let left = (since + LOCKED_SECONDS).saturating_sub(now()).div_ceil(60);
        let detail = format!("Too many wrong codes. Try again in {left} minutes.");
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "second-factor-locked", detail))
    }

    async fn faults(&self, account: Address) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT count, since FROM api_factor_fault WHERE address = $1 AND since >= $2";
        let row = self.store.row(sql, vec![account.into(), now().saturating_sub(LOCKED_SECONDS).into()]).await?;
        row.map_or(Ok((0, now())), |row| Ok((row.number(0)?, row.number(1)?)))
    }

    /// Counts a wrong code, and says so.
    async fn fault(&self, account: Address) -> Result<Problem, StoreError> {
        let (count, since) = self.faults(account).await?;
        self.store.put(&FAULTS, vec![account.into(), (count + 1).into(), since.into()]).await?;
        tracing::warn!(%account, faults = count + 1, "a wrong code of a second factor");
        Ok(Problem::new(
            StatusCode::FORBIDDEN,
            "second-factor-wrong",
            "This code is wrong, or was used before. Take the one that the app shows now.",
        ))
    }
}

struct Factor {
    sealed: Vec<u8>,
    confirmed: bool,
    confirmed_at: u64,
    spent: u64,
}

fn owner(account: Address) -> String {
    format!("second factor of {account}")
}

fn totp(secret: [u8; SECRET_BYTES], account: Address, issuer: &str) -> Totp {
    let issuer = (!issuer.is_empty()).then(|| issuer.replace(':', " "));
    let name = account.to_checksum(None);
    // Six digits each thirty seconds by SHA-1: what every app knows.
    Builder::new()
        .with_secret(Secret::new(secret.into()))
        .with_account_name(name)
        .with_issuer(issuer)
        .build()
        .expect("twenty bytes, six digits and names without a colon make a TOTP")
}

/// A code of 50 random bits, in two groups.
fn paper() -> String {
    // No letters that look like digits.
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut code = String::new();
    for (place, byte) in rand::random::<[u8; 10]>().into_iter().enumerate() {
        if place == 5 {
            code.push('-');
        }
        let _ = write!(code, "{}", char::from(SIGNS[usize::from(byte) % SIGNS.len()]));
    }
    code
}

fn hash(account: Address, code: &str) -> alloy_primitives::B256 {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    keccak256([b"guildhall paper code ".as_slice(), account.as_slice(), code.as_bytes()].concat())
}

fn no_factor() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "second-factor-missing",
        "This takes a second factor, and this account has none. Set one up under Back office → Security.",
    )
}

fn needed() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "second-factor-needed",
        "This takes your second factor, given less than ten minutes ago.",
    )
}

/// Someone signed in who gave a second factor less than ten minutes ago.
#[derive(Clone, Debug)]
pub struct SteppedUp(pub Session);

impl<S: Sync> FromRequestParts<S> for SteppedUp {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let SignedIn(session) = <SignedIn as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let sessions = parts.extensions.get::<std::sync::Arc<crate::Sessions>>().cloned();
        let sessions = sessions.ok_or_else(Problem::unauthenticated)?;
        let factors = sessions.factors();
        if factors.stepped_up_until(&session).await?.is_some() {
            return Ok(Self(session));
        }
        if factors.kinds(session.address).await?.is_empty() {
            return Err(no_factor());
        }
        Err(needed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::B256;

    const ME: Address = Address::repeat_byte(1);

    async fn factors(directory: &tempfile::TempDir, key: u8) -> Factors {
        let url = format!("sqlite:{}", directory.path().join("factors.sqlite").display());
        Factors::open(Store::open(&url).await.unwrap(), Seal::new([key; 32])).await.unwrap()
    }

    fn session(token: u8) -> Session {
        let token_hash = B256::repeat_byte(token);
        Session { address: ME, roles: Vec::new(), csrf: String::new(), expires_at: u64::MAX, token_hash }
    }

    /// What an app would show at a moment, from the address in the QR code alone.
    fn app(enrolment: &Enrolment, time: u64) -> String {
        let bits: String = enrolment
            .secret
            .bytes()
            .map(|sign| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == sign).unwrap())
            .map(|value| format!("{value:05b}"))
            .collect();
        let bytes: Vec<u8> =
            (0..20).map(|place| u8::from_str_radix(&bits[place * 8..place * 8 + 8], 2).unwrap()).collect();
        assert!(enrolment.uri.starts_with("otpauth://totp/") && enrolment.uri.contains(&enrolment.secret));
        totp(bytes.try_into().unwrap(), ME, "").generate(time).to_string()
    }

    async fn set(factors: &Factors) -> (Enrolment, Vec<String>) {
        let enrolment = factors.begin(ME, "Guildhall test").await.unwrap();
        let papers = factors.confirm(ME, &app(&enrolment, now())).await.unwrap();
        (enrolment, papers)
    }

    #[tokio::test]
    async fn a_code_steps_up_its_own_session_once() {
        let directory = tempfile::tempdir().unwrap();
        let factors = factors(&directory, 7).await;
        assert_eq!(factors.step_up(&session(1), "123456").await.unwrap_err().kind, "/problems/second-factor-missing");
        let (enrolment, _) = set(&factors).await;
        assert!(factors.begin(ME, "").await.is_err(), "one that is set is not begun anew");
        let spent = factors.step_up(&session(1), &app(&enrolment, now())).await.unwrap_err();
        assert_eq!(spent.kind, "/problems/second-factor-wrong", "the code that confirmed it is spent");
        let next = app(&enrolment, now() + 30);
        factors.step_up(&session(1), &next).await.unwrap();
        assert!(factors.stepped_up_until(&session(1)).await.unwrap().is_some());
        assert_eq!(factors.stepped_up_until(&session(2)).await.unwrap(), None);
        assert!(factors.step_up(&session(2), &next).await.is_err(), "a code counts once");
        factors.remove(&session(1)).await.unwrap();
        assert_eq!(factors.stepped_up_until(&session(1)).await.unwrap(), None);
        assert!(factors.kinds(ME).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_code_on_paper_counts_once() {
        let directory = tempfile::tempdir().unwrap();
        let factors = factors(&directory, 7).await;
        let (_, papers) = set(&factors).await;
        assert_eq!(papers.len(), PAPER_CODES);
        factors.step_up(&session(1), &papers[0].to_uppercase()).await.unwrap();
        assert!(factors.step_up(&session(1), &papers[0]).await.is_err());
        factors.step_up(&session(1), &papers[1].replace('-', " ")).await.unwrap();
    }

    #[tokio::test]
    async fn too_many_wrong_codes_lock_the_right_one_out() {
        let directory = tempfile::tempdir().unwrap();
        let factors = factors(&directory, 7).await;
        let (enrolment, papers) = set(&factors).await;
        for _ in 0..FAULTS_MAX {
            let wrong = factors.step_up(&session(1), "aaaaa-aaaaa").await.unwrap_err();
            assert_eq!(wrong.kind, "/problems/second-factor-wrong");
        }
        for code in [app(&enrolment, now() + 30), papers[0].clone()] {
            assert_eq!(factors.step_up(&session(1), &code).await.unwrap_err().status, 429);
        }
    }

    #[tokio::test]
    async fn whoever_copies_the_store_has_no_secret() {
        let directory = tempfile::tempdir().unwrap();
        let enrolment = set(&factors(&directory, 7).await).await.0;
        let elsewhere = factors(&directory, 8).await;
        let refused = elsewhere.step_up(&session(1), &app(&enrolment, now() + 30)).await.unwrap_err();
        assert_eq!(refused.status, 503);
    }
}
