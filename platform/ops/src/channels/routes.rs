//! The endpoints of channels, below `/api/v1/ops`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use platform_api::{Limit, Page, Problem, Session, SignedIn, SteppedUp};
use platform_notify::{Channel, ChannelError, DeliveryState, Notifier, carriers, now_ms};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{
    ChannelBody, ChannelView, DeliveryQuery, DeliveryView, KindView, MadeView, SilenceBody, SilenceView, SwitchBody,
    TestView,
};
use crate::routes::{READERS, require};
use crate::tell::NEVER_SILENT;
use crate::watch::Watch;

/// What the endpoints of channels work with.
#[derive(Clone, Debug)]
pub struct ChannelDesk {
    /// Keeps who changed what.
    pub watch: Arc<Watch>,
    /// Tells people.
    pub notifier: Arc<Notifier>,
}

type Desk = ChannelDesk;

impl ChannelDesk {
    /// Keeps in the watch's log that somebody changed a channel.
    async fn note(&self, id: &str, session: &Session, said: Value) -> Result<(), Problem> {
        let by = session.address.to_checksum(None);
        Ok(self.watch.record("channel", &format!("channel/{id}"), &by, said).await?)
    }

    async fn view(&self, channel: Channel) -> Result<ChannelView, Problem> {
        Ok(ChannelView::of(channel, self.notifier.seal(), &self.notifier.backlog().await?))
    }
}

/// Who may say where alerts go. Whatever could keep people from hearing of them takes a second factor, too.
const EDITORS: &[&str] = &["operator", "admin"];

/// The routes.
#[must_use]
pub fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new()
        .routes(routes!(kinds))
        .routes(routes!(channels, add))
        .routes(routes!(change, remove))
        .routes(routes!(switch))
        .routes(routes!(rotate))
        .routes(routes!(test))
        .routes(routes!(deliveries))
        .routes(routes!(send_again))
        .routes(routes!(silences, silence))
        .routes(routes!(end_silence))
}

fn problem(error: ChannelError) -> Problem {
    match error {
        ChannelError::Invalid(reason) => Problem::invalid(reason),
        ChannelError::Missing(id) => Problem::not_found(format!("channel {id}")),
        ChannelError::Sealed(_) => Problem::new(StatusCode::CONFLICT, "sealed", format!("{error}.")),
        ChannelError::Store(error) => error.into(),
    }
}

/// Lists the kinds of channel, and what each must be told.
#[utoipa::path(get, path = "/ops/channel-kinds", tag = "ops", operation_id = "ops_channel_kinds",
    responses((status = 200, body = Vec<KindView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn kinds(SignedIn(session): SignedIn) -> Result<Json<Vec<KindView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(carriers::all().iter().map(|carrier| KindView::from(*carrier)).collect()))
}

/// Lists the channels, the oldest first.
#[utoipa::path(get, path = "/ops/channels", tag = "ops", operation_id = "ops_channels",
    responses((status = 200, body = Vec<ChannelView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn channels(State(desk): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<ChannelView>>, Problem> {
    require(&session, READERS)?;
    let backlog = desk.notifier.backlog().await?;
    let all = desk.notifier.channels().await?;
    Ok(Json(all.into_iter().map(|channel| ChannelView::of(channel, desk.notifier.seal(), &backlog)).collect()))
}

/// Adds a channel. Where the house draws its secret, the answer has it, this once.
#[utoipa::path(post, path = "/ops/channels", tag = "ops", operation_id = "ops_add_channel", request_body = ChannelBody,
    responses((status = 201, body = MadeView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn add(
    State(desk): State<Desk>,
    SteppedUp(session): SteppedUp,
    Json(body): Json<ChannelBody>,
) -> Result<(StatusCode, Json<MadeView>), Problem> {
    require(&session, EDITORS)?;
    let new = body.new_channel(session.address.to_checksum(None));
    let (channel, secret) = desk.notifier.add(new).await.map_err(problem)?;
    let said = json!({ "change": "added", "kind": channel.kind, "name": channel.name });
    desk.note(&channel.id, &session, said).await?;
    let channel = ChannelView::of(channel, desk.notifier.seal(), &Default::default());
    Ok((StatusCode::CREATED, Json(MadeView { channel, secret })))
}

/// Changes a channel. Secrets that are left out stay as they are.
#[utoipa::path(put, path = "/ops/channels/{id}", tag = "ops", operation_id = "ops_change_channel",
    params(("id" = String, Path, description = "The channel's id")), request_body = ChannelBody,
    responses((status = 200, body = ChannelView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
async fn change(
    State(desk): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<String>,
    Json(body): Json<ChannelBody>,
) -> Result<Json<ChannelView>, Problem> {
    require(&session, EDITORS)?;
    let new = body.new_channel(session.address.to_checksum(None));
    let channel = desk.notifier.change(&id, new).await.map_err(problem)?;
    let said = json!({ "change": "changed", "kind": channel.kind, "name": channel.name });
    desk.note(&id, &session, said).await?;
    Ok(Json(desk.view(channel).await?))
}

/// Removes a channel with its secrets. What waits for it is dropped.
#[utoipa::path(delete, path = "/ops/channels/{id}", tag = "ops", operation_id = "ops_remove_channel",
    params(("id" = String, Path, description = "The channel's id")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn remove(
    State(desk): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    require(&session, EDITORS)?;
    desk.notifier.remove(&id).await.map_err(problem)?;
    desk.note(&id, &session, json!({ "change": "removed" })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Switches a channel on or off. What waits for one that is off stays.
#[utoipa::path(put, path = "/ops/channels/{id}/state", tag = "ops", operation_id = "ops_switch_channel",
    params(("id" = String, Path, description = "The channel's id")), request_body = SwitchBody,
    responses((status = 200, body = ChannelView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
async fn switch(
    State(desk): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<String>,
    Json(body): Json<SwitchBody>,
) -> Result<Json<ChannelView>, Problem> {
    require(&session, EDITORS)?;
    let channel = desk.notifier.switch(&id, body.on).await.map_err(problem)?;
    let said = json!({ "change": if body.on { "switched on" } else { "switched off" } });
    desk.note(&id, &session, said).await?;
    Ok(Json(desk.view(channel).await?))
}

/// Draws a new signing secret for a webhook and shows it, this once. For a day messages are signed with both.
#[utoipa::path(post, path = "/ops/channels/{id}/secret", tag = "ops", operation_id = "ops_rotate_channel",
    params(("id" = String, Path, description = "The channel's id")),
    responses((status = 200, body = MadeView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn rotate(
    State(desk): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<String>,
) -> Result<Json<MadeView>, Problem> {
    require(&session, EDITORS)?;
    let (channel, secret) = desk.notifier.rotate(&id).await.map_err(problem)?;
    desk.note(&id, &session, json!({ "change": "secret drawn anew" })).await?;
    Ok(Json(MadeView { channel: desk.view(channel).await?, secret: Some(secret) }))
}

/// Sends a test to a channel at once and says how it went.
#[utoipa::path(post, path = "/ops/channels/{id}/tests", tag = "ops", operation_id = "ops_test_channel",
    params(("id" = String, Path, description = "The channel's id")),
    responses((status = 200, body = TestView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn test(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<TestView>, Problem> {
    require(&session, EDITORS)?;
    let fault = desk.notifier.test(&id).await.map_err(problem)?.err();
    Ok(Json(TestView { delivered: fault.is_none(), fault }))
}

/// Lists messages on their way to channels, or that were, the newest first.
#[utoipa::path(get, path = "/ops/deliveries", tag = "ops", operation_id = "ops_deliveries", params(DeliveryQuery),
    responses((status = 200, body = Page<DeliveryView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn deliveries(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    Query(asked): Query<DeliveryQuery>,
) -> Result<Json<Page<DeliveryView>>, Problem> {
    require(&session, READERS)?;
    let state = match asked.state.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => Some(DeliveryState::of(name).ok_or_else(|| {
            Problem::invalid(format!("{name:?} is none of the states held, waiting, delivered, dead, dropped."))
        })?),
        None => None,
    };
    let channel = asked.channel.as_deref().filter(|id| !id.is_empty());
    let page = desk.notifier.deliveries(channel, state, asked.cursor.as_deref(), Limit::of(asked.limit)).await?;
    Ok(Json(page.map(DeliveryView::from)))
}

/// Sends a message that was given up, or that waits, again at once, with its id.
#[utoipa::path(post, path = "/ops/deliveries/{id}/attempts", tag = "ops", operation_id = "ops_send_again",
    params(("id" = String, Path, description = "The delivery's id")),
    responses((status = 202), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn send_again(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    require(&session, READERS)?;
    let missing = || Problem::not_found(format!("delivery {id} that waits or was given up"));
    let (message, channel) = id.split_once('~').ok_or_else(missing)?;
    if desk.notifier.send_again(message, channel).await? { Ok(StatusCode::ACCEPTED) } else { Err(missing()) }
}

/// Lists silences, those that last longest first; those that are over are among them for a while.
#[utoipa::path(get, path = "/ops/silences", tag = "ops", operation_id = "ops_silences",
    responses((status = 200, body = Vec<SilenceView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn silences(State(desk): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<SilenceView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(desk.notifier.silences().await?.into_iter().map(SilenceView::from).collect()))
}

/// Keeps messages about a rule's alerts back for a while. The alerts themselves stay in the console.
#[utoipa::path(post, path = "/ops/silences", tag = "ops", operation_id = "ops_silence", request_body = SilenceBody,
    responses((status = 201, body = SilenceView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn silence(
    State(desk): State<Desk>,
    SteppedUp(session): SteppedUp,
    Json(body): Json<SilenceBody>,
) -> Result<(StatusCode, Json<SilenceView>), Problem> {
    require(&session, READERS)?;
    let rule = body.rule.filter(|rule| !rule.is_empty());
    if rule.as_deref() == Some(NEVER_SILENT) {
        return Err(Problem::invalid("This rule says that nothing heard can be trusted: it can't be silenced."));
    }
    if let Some(unknown) = rule.as_deref().filter(|id| desk.watch.rules().get(id).is_none()) {
        let clipped: String = unknown.chars().take(64).collect();
        return Err(Problem::invalid(format!("There is no rule called {clipped:?}.")));
    }
    let until = now_ms() + u64::from(body.minutes) * 60_000;
    let by = session.address.to_checksum(None);
    let silence = desk.notifier.silence(rule, &body.reason, until, by.clone()).await.map_err(problem)?;
    let said = json!({ "rule": silence.rule, "reason": silence.reason, "minutes": body.minutes });
    desk.watch.record("silence", &format!("silence/{}", silence.id), &by, said).await?;
    Ok((StatusCode::CREATED, Json(silence.into())))
}

/// Ends a silence now. What it kept back goes out if it is still true.
#[utoipa::path(delete, path = "/ops/silences/{id}", tag = "ops", operation_id = "ops_end_silence",
    params(("id" = String, Path, description = "The silence's id")),
    responses((status = 200, body = SilenceView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn end_silence(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<SilenceView>, Problem> {
    require(&session, READERS)?;
    let ended = desk.notifier.end_silence(&id).await?.ok_or_else(|| Problem::not_found(format!("silence {id}")))?;
    let by = session.address.to_checksum(None);
    desk.watch.record("silence", &format!("silence/{id}"), &by, json!({ "change": "ended" })).await?;
    Ok(Json(ended.into()))
}
