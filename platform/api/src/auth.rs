//! The endpoints people sign in with.

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
use crate::{Problem, Session, Sessions, SignedIn, Viewer};

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
}

impl SessionView {
    fn of(session: Option<Session>) -> Self {
        let Some(session) = session else {
            return Self { address: None, roles: Vec::new(), csrf: None, expires_at: None };
        };
        Self {
            address: Some(session.address.to_checksum(None)),
            roles: session.roles,
            csrf: Some(session.csrf),
            expires_at: Some(rfc3339(session.expires_at)),
        }
    }
}

/// The routes below `/auth`.
pub fn routes() -> OpenApiRouter<Arc<Sessions>> {
    OpenApiRouter::new().routes(routes!(nonce)).routes(routes!(verify)).routes(routes!(read, sign_out))
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
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(SessionView::of(Some(session)))))
}

/// Says who is signed in.
#[utoipa::path(get, path = "/auth/session", tag = "auth", operation_id = "auth_session", responses((status = 200, body = SessionView)))]
async fn read(Viewer(session): Viewer) -> Json<SessionView> {
    Json(SessionView::of(session))
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
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(SessionView::of(None))))
}
