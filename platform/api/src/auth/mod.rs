//! The endpoints people sign in with.

mod passkeys;

use std::sync::Arc;

use alloy_primitives::Bytes;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::calendar::rfc3339;
use crate::{Problem, Session, Sessions, SignedIn, SteppedUp, Viewer};

/// A nonce to put into the message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Nonce {
    /// The nonce.
    pub nonce: String,
    /// Until when it can be used.
    pub expires_at: String,
}

/// A signed message.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Verify)]
pub struct Verification {
    /// The message, exactly as it was signed.
    pub message: String,
    /// The wallet's signature.
    #[schema(value_type = String)]
    pub signature: Bytes,
}

/// Who is signed in. Without an address nobody is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Who.
    pub address: Option<String>,
    /// Their roles.
    pub roles: Vec<String>,
    /// What writes must carry in the header `x-csrf-token`.
    pub csrf: Option<String>,
    /// Until when.
    pub expires_at: Option<String>,
    /// The kinds of second factor that the account has: `app` for codes by time, `passkey`.
    pub second_factors: Vec<String>,
    /// Until when the session may do what takes a second factor.
    pub stepped_up_until: Option<String>,
}

/// A second factor that was begun. It is shown once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecondFactor)]
pub(crate) struct EnrolmentView {
    /// The secret in base 32, for typing it into an app.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub uri: String,
    /// That address as a QR code, in SVG.
    pub qr: String,
}

/// A code of a second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SecondFactorCode)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeBody {
    /// Six digits of the app, or a code from paper.
    pub code: String,
}

/// Codes to be kept on paper, each good once. They are shown once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecondFactorPaper)]
pub(crate) struct PaperView {
    /// The codes.
    pub codes: Vec<String>,
}

/// How many sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedSessions)]
pub(crate) struct EndedView {
    /// How many.
    pub ended: u64,
}

impl SessionView {
    async fn of(sessions: &Sessions, session: Option<Session>) -> Result<Self, Problem> {
        let Some(session) = session else {
            return Ok(Self {
                address: None,
                roles: Vec::new(),
                csrf: None,
                expires_at: None,
                second_factors: Vec::new(),
                stepped_up_until: None,
            });
        };
        let factors = sessions.factors();
        Ok(Self {
            address: Some(session.address.to_checksum(None)),
            expires_at: Some(rfc3339(session.expires_at)),
            second_factors: factors.kinds(session.address).await?.into_iter().map(str::to_owned).collect(),
            stepped_up_until: factors.stepped_up_until(&session).await?.map(rfc3339),
            roles: session.roles,
            csrf: Some(session.csrf),
        })
    }
}

/// The routes below `/auth`.
pub fn routes() -> OpenApiRouter<Arc<Sessions>> {
    OpenApiRouter::new()
        .routes(routes!(nonce))
        .routes(routes!(verify))
        .routes(routes!(read, sign_out))
        .routes(routes!(end_others))
        .routes(routes!(begin_factor, remove_factor))
        .routes(routes!(confirm_factor))
        .routes(routes!(step_up))
        .merge(passkeys::routes())
}

/// Asks for a nonce to sign in with.
#[utoipa::path(post, path = "/auth/nonce", tag = "auth", operation_id = "auth_nonce", responses((status = 200, body = Nonce)))]
async fn nonce(State(sessions): State<Arc<Sessions>>) -> Result<Json<Nonce>, Problem> {
    let (nonce, expires_at) = sessions.nonce().await?;
    Ok(Json(Nonce { nonce, expires_at: rfc3339(expires_at) }))
}

/// Signs in with a message after EIP-4361, signed by a key or by a contract (ERC-1271). Sets the session cookie.
#[utoipa::path(post, path = "/auth/verify", tag = "auth", operation_id = "auth_verify", request_body = Verification,
    responses((status = 200, body = SessionView), (status = 400, body = Problem)))]
async fn verify(
    State(sessions): State<Arc<Sessions>>,
    headers: HeaderMap,
    Json(body): Json<Verification>,
) -> Result<impl IntoResponse, Problem> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let (cookie, session) = sessions.sign_in(host, &body.message, &body.signature).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(SessionView::of(&sessions, Some(session)).await?)))
}

/// Says who is signed in.
#[utoipa::path(get, path = "/auth/session", tag = "auth", operation_id = "auth_session", responses((status = 200, body = SessionView)))]
async fn read(State(sessions): State<Arc<Sessions>>, Viewer(session): Viewer) -> Result<Json<SessionView>, Problem> {
    Ok(Json(SessionView::of(&sessions, session).await?))
}

/// Signs out.
#[utoipa::path(delete, path = "/auth/session", tag = "auth", operation_id = "auth_sign_out",
    responses((status = 200, body = SessionView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn sign_out(
    State(sessions): State<Arc<Sessions>>,
    _: SignedIn,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let cookie = sessions.sign_out(&headers).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(SessionView::of(&sessions, None).await?)))
}

/// Ends every other session of the account.
#[utoipa::path(delete, path = "/auth/sessions", tag = "auth", operation_id = "auth_end_others",
    responses((status = 200, body = EndedView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn end_others(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
) -> Result<Json<EndedView>, Problem> {
    Ok(Json(EndedView { ended: sessions.end_others(&session).await? }))
}

/// Begins a second factor: codes by time (RFC 6238). It counts once its first code confirmed it.
#[utoipa::path(post, path = "/auth/second-factor", tag = "auth", operation_id = "auth_begin_factor",
    responses((status = 200, body = EnrolmentView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem)))]
async fn begin_factor(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
) -> Result<Json<EnrolmentView>, Problem> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let factors = sessions.factors();
    factors.first_or_stepped_up(&session).await?;
    let begun = factors.begin(session.address, &format!("Guildhall {host}")).await?;
    Ok(Json(EnrolmentView { secret: begun.secret, uri: begun.uri, qr: begun.qr }))
}

/// Confirms a second factor with its first code, and gives the codes for paper.
#[utoipa::path(post, path = "/auth/second-factor/confirmation", tag = "auth", operation_id = "auth_confirm_factor",
    request_body = CodeBody,
    responses((status = 200, body = PaperView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
async fn confirm_factor(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
    Json(body): Json<CodeBody>,
) -> Result<Json<PaperView>, Problem> {
    let factors = sessions.factors();
    factors.first_or_stepped_up(&session).await?;
    Ok(Json(PaperView { codes: factors.confirm(session.address, &body.code).await? }))
}

/// Takes a code of the second factor: for ten minutes this session may do what takes one.
#[utoipa::path(post, path = "/auth/step-up", tag = "auth", operation_id = "auth_step_up", request_body = CodeBody,
    responses((status = 200, body = SessionView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
async fn step_up(
    State(sessions): State<Arc<Sessions>>,
    SignedIn(session): SignedIn,
    Json(body): Json<CodeBody>,
) -> Result<Json<SessionView>, Problem> {
    sessions.factors().step_up(&session, &body.code).await?;
    Ok(Json(SessionView::of(&sessions, Some(session)).await?))
}

/// Removes the codes by time. It takes a second factor.
#[utoipa::path(delete, path = "/auth/second-factor", tag = "auth", operation_id = "auth_remove_factor",
    responses((status = 200, body = SessionView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn remove_factor(
    State(sessions): State<Arc<Sessions>>,
    SteppedUp(session): SteppedUp,
) -> Result<Json<SessionView>, Problem> {
    sessions.factors().remove(&session).await?;
    Ok(Json(SessionView::of(&sessions, Some(session)).await?))
}
