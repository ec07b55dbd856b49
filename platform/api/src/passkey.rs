//! Passkeys of staff as a second factor: keys that a device holds and gives to nobody (WebAuthn level 3).

use std::sync::{Mutex, MutexGuard, PoisonError};

use alloy_primitives::{Address, keccak256};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform_index::{Column, Kind, Row, Store, StoreError, Table};
use serde_json::Value as Json;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::{
    AllowedCredentials, AuthenticationVerificationOptions, NonDiscoverableAuthenticationServerState,
    NonDiscoverableCredentialRequestOptions,
};
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialCreationOptions, PublicKeyCredentialUserEntity, RegistrationServerState,
    RegistrationVerificationOptions, UserHandle,
};
use webauthn_rp::request::{
    AsciiDomain, Credentials as _, FixedCapHashSet, InsertResult, PublicKeyCredentialDescriptor, RpId,
    UserVerificationRequirement,
};
use webauthn_rp::response::auth::NonDiscoverableAuthentication;
use webauthn_rp::response::register::{DynamicState, Registration, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{AuthenticatedCredential, RegisteredCredential};

use crate::Problem;
use crate::session::now;

const PASSKEY: Table = Table {
    name: "api_passkey",
    kind: Kind::State,
    columns: &[
        // The credential's id, as browsers write it (base64url).
        Column::text("id"),
        Column::blob("address"),
        Column::text("name"),
        // The name of the site it was made for.
        Column::text("site"),
        Column::int("transports"),
        // The public key, and what changes with each use: in the encodings of `webauthn_rp`.
        Column::blob("key"),
        Column::blob("counter"),
        Column::int("created_at"),
        Column::int("used_at"),
    ],
    key: 1,
    indexes: &[("api_passkey_address", "address")],
};

/// Bytes of what a device knows an account by.
const HANDLE_BYTES: usize = 32;
/// Passkeys of one account.
const PASSKEYS_MAX: usize = 10;
/// Questions that wait for an answer, of all accounts.
const WAITING_MAX: usize = 256;
const NAME_MAX: usize = 60;

/// A passkey, as its owner sees it.
#[derive(Clone, Debug)]
pub(crate) struct Passkey {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) site: String,
    pub(crate) created_at: u64,
    pub(crate) used_at: u64,
}

/// The site that a browser is on, as the header `host` says it: passkeys are of one site.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    id: RpId,
    name: String,
    origins: Vec<String>,
}

impl Site {
    /// # Errors
    /// A [`Problem`] where browsers make no passkeys for such a site: those without a name.
    pub(crate) fn of(host: &str) -> Result<Self, Problem> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_lowercase();
        let named = name.parse::<std::net::IpAddr>().is_err() && !name.starts_with('[');
        let domain = AsciiDomain::try_from(name.clone()).ok().filter(|_| named).ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "passkey-site",
                format!(
                    "Passkeys belong to a site with a name, and {name:?} is none. Open the console by its name, such as http://localhost:8080."
                ),
            )
        })?;
        let mut origins = vec![format!("https://{host}")];
        if name == "localhost" || name.ends_with(".localhost") {
            // Browsers take these for safe without TLS.
            origins.push(format!("http://{host}"));
        }
        Ok(Self { id: RpId::Domain(domain), name, origins })
    }

    fn origins(&self) -> Vec<&str> {
        self.origins.iter().map(String::as_str).collect()
    }
}

/// The passkeys of this site's people, and the questions that were asked of their devices.
pub(crate) struct Passkeys {
    store: Store,
    // In memory: whoever is asked while the house stops is asked again.
    making: Mutex<FixedCapHashSet<RegistrationServerState<HANDLE_BYTES>>>,
    using: Mutex<FixedCapHashSet<NonDiscoverableAuthenticationServerState>>,
}

impl std::fmt::Debug for Passkeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passkeys").finish_non_exhaustive()
    }
}

impl Passkeys {
    pub(crate) async fn open(store: Store) -> Result<Self, StoreError> {
        store.create(&[PASSKEY]).await?;
        let making = Mutex::new(FixedCapHashSet::new(WAITING_MAX));
        let using = Mutex::new(FixedCapHashSet::new(WAITING_MAX));
        Ok(Self { store, making, using })
    }

    /// The passkeys of an account, the oldest first.
    pub(crate) async fn list(&self, account: Address) -> Result<Vec<Passkey>, StoreError> {
        let sql =
            "SELECT id, name, site, created_at, used_at FROM api_passkey WHERE address = $1 ORDER BY created_at, id";
        let rows = self.store.rows(sql, vec![account.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Passkey {
                    id: row.text(0)?,
                    name: row.text(1)?,
                    site: row.text(2)?,
                    created_at: row.number(3)?,
                    used_at: row.number(4)?,
                })
            })
            .collect()
    }

    /// Asks a device for a new passkey: what `PublicKeyCredential.parseCreationOptionsFromJSON` takes.
    pub(crate) async fn begin(&self, site: &Site, account: Address) -> Result<Json, Problem> {
        if self.list(account).await?.len() >= PASSKEYS_MAX {
            return Err(Problem::conflict(format!(
                "An account has {PASSKEYS_MAX} passkeys at most. Remove one first."
            )));
        }
        let known = self.credentials(site, account).await?;
        let (handle, name) = (handle(account), account.to_checksum(None));
        let user = PublicKeyCredentialUserEntity {
            name: name.as_str().try_into().map_err(|error| internal("a name", &error))?,
            id: &handle,
            display_name: None::<Nickname<'_>>,
        };
        let mut options = PublicKeyCredentialCreationOptions::passkey(&site.id, user, known);
        // Asked for, it must be obeyed, and few devices can: every use asks for their owner anyway.
        options.extensions.cred_protect = CredProtect::None;
        let (asked, question) = options.start_ceremony().map_err(|error| internal("a question", &error))?;
        remember(held(&self.making).insert_or_replace_all_expired(asked))?;
        serde_json::to_value(&question).map_err(|error| Problem::internal(&error))
    }

    /// Keeps the passkey that a device made.
    pub(crate) async fn finish(&self, site: &Site, account: Address, name: &str, made: &Json) -> Result<(), Problem> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX {
            return Err(Problem::invalid(format!("A passkey has a name of 1 to {NAME_MAX} characters.")));
        }
        let made = serde_json::to_vec(made).map_err(|error| Problem::internal(&error))?;
        let made = Registration::from_json_relaxed(&made).map_err(|error| unreadable(&error))?;
        let challenge = made.challenge_relaxed().map_err(|error| unreadable(&error))?;
        let asked = held(&self.making).take(&challenge).ok_or_else(unasked)?;
        let origins = site.origins();
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            ..RegistrationVerificationOptions::default()
        };
        let made: RegisteredCredential<'_, HANDLE_BYTES> = asked
            .verify(&site.id, &made, &options)
            .map_err(|error| Problem::invalid(format!("This passkey was not accepted: {error}.")))?;
        if *made.user_id() != handle(account) {
            return Err(unasked());
        }
        let id = URL_SAFE_NO_PAD.encode(made.id().as_ref());
        let row = vec![
            id.as_str().into(),
            account.into(),
            name.into(),
            site.name.as_str().into(),
            u64::from(encoded(made.transports().encode())).into(),
            encoded(made.static_state().encode()).into(),
            encoded(made.dynamic_state().encode()).to_vec().into(),
            now().into(),
            0_u64.into(),
        ];
        if self.row(&id).await?.is_some() {
            return Err(Problem::conflict("This passkey is known already."));
        }
        self.store.put(&PASSKEY, row).await?;
        Ok(())
    }

    /// Asks an account's devices to show one of its passkeys: what `PublicKeyCredential.parseRequestOptionsFromJSON`
    /// takes.
    pub(crate) async fn ask(&self, site: &Site, account: Address) -> Result<Json, Problem> {
        let mut allowed = AllowedCredentials::with_capacity(PASSKEYS_MAX);
        for known in self.credentials(site, account).await? {
            allowed.push(known.into());
        }
        let mut options = NonDiscoverableCredentialRequestOptions::second_factor(&site.id, allowed).map_err(|_| {
            Problem::conflict(format!(
                "This account has no passkey for {}. Passkeys belong to the site they were made on.",
                site.name
            ))
        })?;
        options.options().user_verification = UserVerificationRequirement::Required;
        let (asked, question) = options.start_ceremony().map_err(|error| internal("a question", &error))?;
        remember(held(&self.using).insert_or_replace_all_expired(asked))?;
        serde_json::to_value(&question).map_err(|error| Problem::internal(&error))
    }

    /// Checks that a device showed a passkey of the account, to a question that was asked of it. Each counts once.
    pub(crate) async fn check(&self, site: &Site, account: Address, shown: &Json) -> Result<(), Problem> {
        let shown = serde_json::to_vec(shown).map_err(|error| Problem::internal(&error))?;
        let shown = NonDiscoverableAuthentication::<HANDLE_BYTES>::from_json_relaxed(&shown)
            .map_err(|error| unreadable(&error))?;
        let challenge = shown.challenge_relaxed().map_err(|error| unreadable(&error))?;
        let asked = held(&self.using).take(&challenge).ok_or_else(unasked)?;
        let id = URL_SAFE_NO_PAD.encode(shown.raw_id().as_ref());
        let row = self.row(&id).await?.filter(|row| row.address(0).is_ok_and(|owner| owner == account));
        let row = row.ok_or_else(unasked)?;
        let (key, counter) = (row.blob(1)?, row.blob(2)?);
        let key = StaticState::decode(key.as_slice()).map_err(|error| internal("a key", &error))?;
        let counter = counter.try_into().map_err(|_| internal("a counter", &"of another length"))?;
        let counter = DynamicState::decode(counter).map_err(|error| internal("a counter", &error))?;
        let handle = handle(account);
        let mut known = AuthenticatedCredential::new(shown.raw_id(), &handle, key, counter)
            .map_err(|error| internal("a passkey", &error))?;
        let origins = site.origins();
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            ..AuthenticationVerificationOptions::default()
        };
        asked.verify(&site.id, &shown, &mut known, &options).map_err(|error| {
            tracing::warn!(%account, %error, "a passkey was not accepted");
            Problem::new(
                StatusCode::FORBIDDEN,
                "second-factor-wrong",
                format!("This passkey was not accepted: {error}."),
            )
        })?;
        let counter = encoded(known.dynamic_state().encode()).to_vec();
        let sql = "UPDATE api_passkey SET counter = $1, used_at = $2 WHERE id = $3";
        self.store.execute(sql, vec![counter.into(), now().into(), id.into()]).await?;
        Ok(())
    }

    /// Removes a passkey of an account. False where it has none of that id.
    pub(crate) async fn remove(&self, account: Address, id: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM api_passkey WHERE id = $1 AND address = $2";
        Ok(self.store.execute(sql, vec![id.into(), account.into()]).await? > 0)
    }

    async fn row(&self, id: &str) -> Result<Option<Row>, StoreError> {
        self.store.row("SELECT address, key, counter FROM api_passkey WHERE id = $1", vec![id.into()]).await
    }

    /// What of an account a device may be asked for on this site.
    async fn credentials(
        &self,
        site: &Site,
        account: Address,
    ) -> Result<Vec<PublicKeyCredentialDescriptor<Vec<u8>>>, Problem> {
        let sql = "SELECT id, transports FROM api_passkey WHERE address = $1 AND site = $2";
        let rows = self.store.rows(sql, vec![account.into(), site.name.as_str().into()]).await?;
        let read = |row: &Row| {
            let id = URL_SAFE_NO_PAD.decode(row.text(0)?).map_err(|error| internal("an id", &error))?;
            let transports = u8::try_from(row.number(1)?).unwrap_or_default();
            Ok(PublicKeyCredentialDescriptor {
                id: CredentialId::decode(id).map_err(|error| internal("an id", &error))?,
                transports: AuthTransports::decode(transports).map_err(|error| internal("transports", &error))?,
            })
        };
        rows.iter().map(read).collect()
    }
}

/// What a device knows an account by: not the address, which it would show to whoever holds it.
fn handle(account: Address) -> UserHandle<HANDLE_BYTES> {
    let hash = keccak256([b"guildhall passkey ".as_slice(), account.as_slice()].concat());
    encoded(UserHandle::decode(hash.0))
}

/// A poisoned lock holds questions that are whole: nothing is done under it that could leave one half.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn encoded<T>(outcome: Result<T, std::convert::Infallible>) -> T {
    match outcome {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

fn remember(inserted: InsertResult) -> Result<(), Problem> {
    if matches!(inserted, InsertResult::Success) {
        return Ok(());
    }
    Err(Problem::unavailable("Too many people are asked for a passkey just now. Try again in five minutes."))
}

fn internal(what: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::internal(&std::io::Error::other(format!("{what} of a passkey: {error}")))
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::invalid(format!("This is no passkey as browsers give it: {error}."))
}

fn unasked() -> Problem {
    Problem::invalid("Nobody asked for this passkey, or too long ago. Try again.")
}

#[cfg(test)]
mod tests;
