//! The endpoints of passkeys, a second factor that a device holds.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::SessionView;
use crate::calendar::rfc3339;
use crate::passkey::{Passkey, Site};
use crate::{Problem, Sessions, SignedIn, SteppedUp};

/// A passkey of whoever is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Passkey)]
pub(crate) struct PasskeyView {
    /// Its id, as browsers write it.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The name of the site it was made for, and works on.
    pub site: String,
    /// When it was made.
    pub created_at: String,
    /// When it was last used.
    pub used_at: Option<String>,
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: passkey.id,
            name: passkey.name,
            site: passkey.site,
            created_at: rfc3339(passkey.created_at),
            used_at: (passkey.used_at > 0).then(|| rfc3339(passkey.used_at)),
        }
    }
}

/// What a device is asked, for `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeyOptions)]
pub(crate) struct OptionsView {
    /// The options, as WebAuthn level 3 writes them in JSON.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// A passkey that a device made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewPasskey)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasskey {
    /// What its owner calls it, up to 60 characters.
    pub name: String,
    /// What `PublicKeyCredential.toJSON` gives.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// A passkey that a device shows.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ShownPasskey)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownPasskey {
    /// What `PublicKeyCredential.toJSON` gives.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// The routes below `/auth`.
pub(super) fn routes() -> OpenApiRouter<Arc<Sessions>> {
    OpenApiRouter::new()
        .routes(routes!(list, keep))
        .routes(routes!(begin))
        .routes(routes!(remove))
        .routes(routes!(ask))
        .routes(routes!(show))
}

fn site(headers: &HeaderMap) -> Result<Site, Problem> {
    Site::of(headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default())
}

/// Lists the passkeys of whoever is signed in.
#[utoipa::path(get, path = "/auth/passkeys", tag = "auth", operation_id = "auth_passkeys",
    responses((status = 200, body = Vec<PasskeyView>), (status = 401, body = Problem)))]
async fn list(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
) -> Result<Json<Vec<PasskeyView>>, Problem> {
    let passkeys = sessions.factors().passkeys().list(session.address).await?;
    Ok(Json(passkeys.into_iter().map(PasskeyView::from).collect()))
}

/// Asks for a new passkey. Where the account has a second factor already, it must have been given.
#[utoipa::path(post, path = "/auth/passkeys/options", tag = "auth", operation_id = "auth_begin_passkey",
    responses((status = 200, body = OptionsView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 503, body = Problem)))]
async fn begin(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
) -> Result<Json<OptionsView>, Problem> {
    let factors = sessions.factors();
    factors.first_or_stepped_up(&session).await?;
    Ok(Json(OptionsView { options: factors.passkeys().begin(&site(&headers)?, session.address).await? }))
}

/// Keeps a passkey that a device made. Where the account has a second factor already, it must have been given.
#[utoipa::path(post, path = "/auth/passkeys", tag = "auth", operation_id = "auth_keep_passkey", request_body = NewPasskey,
    responses((status = 201, body = Vec<PasskeyView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
async fn keep(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    Json(body): Json<NewPasskey>,
) -> Result<(StatusCode, Json<Vec<PasskeyView>>), Problem> {
    let factors = sessions.factors();
    factors.first_or_stepped_up(&session).await?;
    let passkeys = factors.passkeys();
    passkeys.finish(&site(&headers)?, session.address, &body.name, &body.credential).await?;
    tracing::info!(account = %session.address, "a passkey was added");
    let all = passkeys.list(session.address).await?;
    Ok((StatusCode::CREATED, Json(all.into_iter().map(PasskeyView::from).collect())))
}

/// Removes a passkey. It takes a second factor.
#[utoipa::path(delete, path = "/auth/passkeys/{id}", tag = "auth", operation_id = "auth_remove_passkey",
    params(("id" = String, Path, description = "The passkey's id")),
    responses((status = 200, body = Vec<PasskeyView>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn remove(
    State(sessions): State<Arc<Sessions>>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<String>,
) -> Result<Json<Vec<PasskeyView>>, Problem> {
    let passkeys = sessions.factors().passkeys();
    if !passkeys.remove(session.address, &id).await? {
        return Err(Problem::not_found(format!("passkey {id}")));
    }
    tracing::info!(account = %session.address, "a passkey was removed");
    Ok(Json(passkeys.list(session.address).await?.into_iter().map(PasskeyView::from).collect()))
}

/// Asks for one of the account's passkeys.
#[utoipa::path(post, path = "/auth/step-up/passkey/options", tag = "auth", operation_id = "auth_ask_passkey",
    responses((status = 200, body = OptionsView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 503, body = Problem)))]
async fn ask(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
) -> Result<Json<OptionsView>, Problem> {
    let passkeys = sessions.factors().passkeys();
    Ok(Json(OptionsView { options: passkeys.ask(&site(&headers)?, session.address).await? }))
}

/// Takes a passkey: for ten minutes this session may do what takes a second factor.
#[utoipa::path(post, path = "/auth/step-up/passkey", tag = "auth", operation_id = "auth_show_passkey",
    request_body = ShownPasskey,
    responses((status = 200, body = SessionView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn show(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    Json(body): Json<ShownPasskey>,
) -> Result<Json<SessionView>, Problem> {
    let factors = sessions.factors();
    factors.passkeys().check(&site(&headers)?, session.address, &body.credential).await?;
    factors.grant(&session).await?;
    Ok(Json(SessionView::of(&sessions, Some(session)).await?))
}
