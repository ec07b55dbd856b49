//! The endpoints of ways.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use platform_api::{Problem, SignedIn, calendar};
use platform_notify::{Check, Field, Language, Notifier, Recipient, RecipientKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{self, Way};
use super::tell::code_message;
use crate::context::{App, Context};

/// Codes in an hour: for one account, to one address, and by the whole house.
const CODES_ACCOUNT_MAX: i64 = 5;
const CODES_ADDRESS_MAX: i64 = 3;
const CODES_HOUSE_MAX: i64 = 200;

pub(in crate::notices) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ways, add))
        .routes(routes!(set, remove))
        .routes(routes!(send_code))
        .routes(routes!(confirm))
        .routes(routes!(ask_unsubscribe, unsubscribe))
}

/// A way by which somebody is told outside the page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeWay)]
struct WayView {
    /// Its id.
    id: String,
    /// `mail` or `webhook`.
    kind: String,
    /// Where it leads, so far as its owner recognises it.
    hint: String,
    /// In which language.
    language: Language,
    /// Whether it is for steps of orders.
    orders: bool,
    /// Whether it is for doubts, returns and disputes.
    aftersales: bool,
    /// Whether it counts: a mailbox does once its code was typed.
    confirmed: bool,
    /// Since when.
    created_at: String,
}

/// The ways there are, and what this house offers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeWays)]
struct WaysView {
    /// Whether this house sends mail.
    mail: bool,
    /// Whether it sends to addresses on the web.
    webhook: bool,
    /// One's own.
    items: Vec<WayView>,
}

/// Where somebody wants to be told.
#[derive(Deserialize, ToSchema)]
#[schema(as = NoticeWayAsked)]
#[serde(deny_unknown_fields)]
struct WayAsked {
    /// `mail` or `webhook`. There is one of each; another replaces it.
    kind: String,
    /// A mail address, or an address that begins with https://.
    address: String,
    /// In which language.
    language: Language,
    /// Whether it is for steps of orders.
    orders: bool,
    /// Whether it is for doubts, returns and disputes.
    aftersales: bool,
}

/// What a way is for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NoticeWaySettings)]
#[serde(deny_unknown_fields)]
struct WaySettings {
    /// In which language.
    language: Language,
    /// Whether it is for steps of orders.
    orders: bool,
    /// Whether it is for doubts, returns and disputes.
    aftersales: bool,
}

/// A way that was made, and what its messages are signed with, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticeWayMade)]
struct WayMade {
    /// The way.
    way: WayView,
    /// The secret that signatures are checked with, of an address on the web.
    secret: Option<String>,
}

/// A code that was sent.
#[derive(Deserialize, ToSchema)]
#[schema(as = NoticeWayCode)]
#[serde(deny_unknown_fields)]
struct CodeBody {
    /// Its eight digits.
    code: String,
}

fn notifier(app: &Context) -> Result<&Arc<Notifier>, Problem> {
    app.notifier.as_ref().ok_or_else(|| Problem::unavailable("This house tells nobody outside the page."))
}

/// What an owner recognises: a mailbox by its ends, an address on the web by its host.
fn hint(recipient: &Recipient) -> String {
    match recipient.kind {
        RecipientKind::Mail => {
            let (name, host) = recipient.address.rsplit_once('@').unwrap_or_default();
            let first: String = name.chars().take(1).collect();
            format!("{first}…@{host}")
        }
        RecipientKind::Webhook => {
            let rest = recipient.address.split("://").nth(1).unwrap_or_default();
            format!("https://{}/…", rest.split(['/', '?']).next().unwrap_or_default())
        }
    }
}

fn view(way: &Way, recipient: &Recipient) -> WayView {
    WayView {
        id: way.id.clone(),
        kind: way.kind.name().to_owned(),
        hint: hint(recipient),
        language: recipient.language,
        orders: way.orders,
        aftersales: way.aftersales,
        confirmed: way.confirmed_at > 0,
        created_at: calendar::rfc3339(way.created_at),
    }
}

/// Lists the ways by which one is told outside the page.
#[utoipa::path(get, path = "/notices/ways", tag = "notices", operation_id = "notice_ways",
    responses((status = 200, body = WaysView), (status = 401, body = Problem)))]
async fn ways(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<WaysView>, Problem> {
    let Some(notifier) = &app.notifier else {
        return Ok(Json(WaysView { mail: false, webhook: false, items: Vec::new() }));
    };
    let mut items = Vec::new();
    for way in model::of(&app, session.address).await? {
        match notifier.recipient(&way.id).await? {
            Some(recipient) => items.push(view(&way, &recipient)),
            // Its receiver said that it is gone, or the house's key does not open it any more.
            None => model::remove(&app, notifier, &way.id).await?,
        }
    }
    Ok(Json(WaysView { mail: notifier.customers_mail().await?.is_some(), webhook: true, items }))
}

/// Adds a way, in place of one of the same kind. A mailbox is sent a code; an address on the web counts at once, and the
/// answer has what its messages are signed with.
#[utoipa::path(post, path = "/notices/ways", tag = "notices", operation_id = "notice_way_add", request_body = WayAsked,
    responses((status = 201, body = WayMade), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
async fn add(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(asked): Json<WayAsked>,
) -> Result<(StatusCode, Json<WayMade>), Problem> {
    let notifier = notifier(&app)?;
    let address = asked.address.trim().to_owned();
    let kind = match asked.kind.as_str() {
        "mail" => RecipientKind::Mail,
        "webhook" => RecipientKind::Webhook,
        _ => return Err(Problem::invalid("kind must be mail or webhook.")),
    };
    let fault = match kind {
        RecipientKind::Mail => Field::new("address", Check::Mail).fault(&address, false),
        RecipientKind::Webhook => notifier.check_customers_url(&address).err(),
    };
    if let Some(fault) = fault {
        return Err(Problem::invalid(fault));
    }
    let now = app.now();
    let mut way = Way {
        id: format!("rc_{:032x}", rand::random::<u128>()),
        account: session.address,
        kind,
        orders: asked.orders,
        aftersales: asked.aftersales,
        confirmed_at: if kind == RecipientKind::Webhook { now } else { 0 },
        created_at: now,
        code_hash: alloy_primitives::B256::ZERO,
        code_until: 0,
        code_tries: 0,
    };
    let secret = (kind == RecipientKind::Webhook).then(|| notifier.draw_secret());
    let recipient = Recipient {
        id: way.id.clone(),
        kind,
        language: asked.language,
        address,
        secret: secret.clone().unwrap_or_default(),
    };
    if kind == RecipientKind::Mail {
        check_codes(&app, notifier, &way, &recipient).await?;
    }
    for other in model::of(&app, session.address).await?.iter().filter(|other| other.kind == kind) {
        model::remove(&app, notifier, &other.id).await?;
    }
    notifier.keep_recipient(&recipient).await?;
    if kind == RecipientKind::Mail {
        post_code(&app, notifier, &mut way).await?;
    } else {
        way.keep(&app).await?;
    }
    Ok((StatusCode::CREATED, Json(WayMade { way: view(&way, &recipient), secret })))
}

/// Refuses where too many codes were sent, so that nobody floods somebody else's mailbox through this house.
async fn check_codes(app: &Context, notifier: &Notifier, way: &Way, recipient: &Recipient) -> Result<(), Problem> {
    if notifier.customers_mail().await?.is_none() {
        return Err(Problem::unavailable("This house sends no mail yet. Choose another way, or ask its people."));
    }
    let address = format!("address {}", notifier.seal().token(&recipient.address.to_lowercase()));
    let scopes = [
        (format!("account {}", way.account), CODES_ACCOUNT_MAX),
        (address, CODES_ADDRESS_MAX),
        ("house".to_owned(), CODES_HOUSE_MAX),
    ];
    for (scope, most) in scopes {
        if !model::may_send(app, &scope, most, app.now()).await? {
            let said = "Too many codes were sent in this hour. Try again in the next.";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", said));
        }
    }
    Ok(())
}

async fn post_code(app: &Context, notifier: &Notifier, way: &mut Way) -> Result<(), Problem> {
    let code = way.draw_code(app.now());
    way.keep(app).await?;
    let (table, row) = code_message(way, notifier, &code).row();
    app.store.write(vec![(table, vec![row])]).await?;
    notifier.wake();
    Ok(())
}

/// Says what a way is for.
#[utoipa::path(put, path = "/notices/ways/{id}", tag = "notices", operation_id = "notice_way_set",
    params(("id" = String, Path, description = "The way's id")), request_body = WaySettings,
    responses((status = 200, body = WayView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn set(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    Json(asked): Json<WaySettings>,
) -> Result<Json<WayView>, Problem> {
    let notifier = notifier(&app)?;
    let mut way = model::by_id(&app, session.address, &id).await?;
    let mut recipient = recipient(notifier, &id).await?;
    (way.orders, way.aftersales) = (asked.orders, asked.aftersales);
    recipient.language = asked.language;
    notifier.keep_recipient(&recipient).await?;
    way.keep(&app).await?;
    Ok(Json(view(&way, &recipient)))
}

async fn recipient(notifier: &Notifier, id: &str) -> Result<Recipient, Problem> {
    notifier.recipient(id).await?.ok_or_else(|| Problem::not_found(format!("way {id} of yours")))
}

/// Ends a way, and erases where it led.
#[utoipa::path(delete, path = "/notices/ways/{id}", tag = "notices", operation_id = "notice_way_remove",
    params(("id" = String, Path, description = "The way's id")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn remove(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let way = model::by_id(&app, session.address, &id).await?;
    model::remove(&app, notifier(&app)?, &way.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a new code to a mailbox.
#[utoipa::path(post, path = "/notices/ways/{id}/codes", tag = "notices", operation_id = "notice_way_code",
    params(("id" = String, Path, description = "The way's id")),
    responses((status = 202), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
async fn send_code(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let notifier = notifier(&app)?;
    let mut way = model::by_id(&app, session.address, &id).await?;
    if way.confirmed_at > 0 {
        return Err(Problem::invalid("This way counts already: it needs no code."));
    }
    let recipient = recipient(notifier, &id).await?;
    check_codes(&app, notifier, &way, &recipient).await?;
    post_code(&app, notifier, &mut way).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Confirms a mailbox with the code that was sent there.
#[utoipa::path(post, path = "/notices/ways/{id}/confirmation", tag = "notices", operation_id = "notice_way_confirm",
    params(("id" = String, Path, description = "The way's id")), request_body = CodeBody,
    responses((status = 200, body = WayView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn confirm(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    Json(body): Json<CodeBody>,
) -> Result<Json<WayView>, Problem> {
    let notifier = notifier(&app)?;
    let mut way = model::by_id(&app, session.address, &id).await?;
    let recipient = recipient(notifier, &id).await?;
    if way.confirmed_at == 0 {
        let outcome = way.try_code(&body.code, app.now());
        way.keep(&app).await?;
        outcome.map_err(Problem::invalid)?;
    }
    Ok(Json(view(&way, &recipient)))
}

/// Leads whoever opens the link of a mail to the page that asks whether they mean it: programs that look at links
/// before people do must not end anything.
#[utoipa::path(get, path = "/notices/unsubscribe/{token}", tag = "notices", operation_id = "notice_unsubscribe_ask",
    params(("token" = String, Path, description = "From the mail")), responses((status = 303)))]
async fn ask_unsubscribe(Path(token): Path<String>) -> Redirect {
    // Only what a token of ours is made of goes into the address.
    let token: String = token.chars().filter(|sign| sign.is_ascii_alphanumeric() || "._-".contains(*sign)).collect();
    Redirect::to(&format!("/unsubscribe/{token}"))
}

/// Ends the mails that a token is from, without signing in, with one click (RFC 8058).
#[utoipa::path(post, path = "/notices/unsubscribe/{token}", tag = "notices", operation_id = "notice_unsubscribe",
    params(("token" = String, Path, description = "From the mail")),
    responses((status = 204), (status = 404, body = Problem)))]
async fn unsubscribe(State(app): State<App>, Path(token): Path<String>) -> Result<StatusCode, Problem> {
    let notifier = notifier(&app)?;
    let id = notifier.unsubscribes(&token).ok_or_else(|| Problem::not_found("such link"))?;
    // Whoever clicks twice has what they want.
    model::remove(&app, notifier, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
