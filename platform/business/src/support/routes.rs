//! The tickets' endpoints.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use platform_api::{Page, Problem, SignedIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{self, AnswerAsked, AnswerView};
use super::desk::{self, STAFF};
use super::hours::Hours;
use super::view::{FiguresView, HoursView, MessageAsked, MoveAsked, TicketAsked, TicketCard, TicketQuery, TicketView};
use crate::context::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tickets, open))
        .routes(routes!(ticket))
        .routes(routes!(say))
        .routes(routes!(change))
        .routes(routes!(hours, set_hours))
        .routes(routes!(canned, add_answer))
        .routes(routes!(change_answer, remove_answer))
        .routes(routes!(figures))
}

/// Lists tickets, the newest first: one's own, or for staff everyone's.
#[utoipa::path(get, path = "/tickets", tag = "support", operation_id = "tickets", params(TicketQuery),
    responses((status = 200, body = Page<TicketCard>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn tickets(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Query(asked): Query<TicketQuery>,
) -> Result<Json<Page<TicketCard>>, Problem> {
    Ok(Json(desk::list(&app, &session, &asked).await?))
}

/// Asks for help.
#[utoipa::path(post, path = "/tickets", tag = "support", operation_id = "ticket_open", request_body = TicketAsked,
    responses((status = 201, body = TicketView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
async fn open(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(asked): Json<TicketAsked>,
) -> Result<(StatusCode, Json<TicketView>), Problem> {
    let id = desk::open(&app, &session, &asked).await?;
    Ok((StatusCode::CREATED, Json(desk::show(&app, &session, id).await?)))
}

/// Shows a ticket to its opener and to staff. Notes among staff are for staff.
#[utoipa::path(get, path = "/tickets/{id}", tag = "support", operation_id = "ticket",
    params(("id" = u64, Path, description = "Number of the ticket")),
    responses((status = 200, body = TicketView), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn ticket(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<TicketView>, Problem> {
    Ok(Json(desk::show(&app, &session, id).await?))
}

/// Says something in a ticket.
#[utoipa::path(post, path = "/tickets/{id}/messages", tag = "support", operation_id = "ticket_say", request_body = MessageAsked,
    params(("id" = u64, Path, description = "Number of the ticket")),
    responses((status = 201, body = TicketView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn say(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
    Json(asked): Json<MessageAsked>,
) -> Result<(StatusCode, Json<TicketView>), Problem> {
    desk::say(&app, &session, id, &asked).await?;
    Ok((StatusCode::CREATED, Json(desk::show(&app, &session, id).await?)))
}

/// Solves, closes or reopens a ticket.
#[utoipa::path(put, path = "/tickets/{id}/state", tag = "support", operation_id = "ticket_state", request_body = MoveAsked,
    params(("id" = u64, Path, description = "Number of the ticket")),
    responses((status = 200, body = TicketView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn change(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
    Json(asked): Json<MoveAsked>,
) -> Result<Json<TicketView>, Problem> {
    desk::change(&app, &session, id, &asked.state).await?;
    Ok(Json(desk::show(&app, &session, id).await?))
}

/// Says when the office is open, and by when somebody who asks now is answered.
#[utoipa::path(get, path = "/support/hours", tag = "support", operation_id = "support_hours",
    responses((status = 200, body = HoursView)))]
async fn hours(State(app): State<App>) -> Result<Json<HoursView>, Problem> {
    Ok(Json(desk::hours_now(&app).await?))
}

/// Sets the office hours. For staff.
#[utoipa::path(put, path = "/support/hours", tag = "support", operation_id = "support_hours_set", request_body = Hours,
    responses((status = 200, body = HoursView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn set_hours(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(hours): Json<Hours>,
) -> Result<Json<HoursView>, Problem> {
    session.require(STAFF)?;
    desk::set_hours(&app, &hours).await?;
    Ok(Json(desk::hours_now(&app).await?))
}

/// Lists answers to begin from. For staff.
#[utoipa::path(get, path = "/support/answers", tag = "support", operation_id = "support_answers",
    responses((status = 200, body = Vec<AnswerView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn canned(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<Vec<AnswerView>>, Problem> {
    session.require(STAFF)?;
    Ok(Json(answers::all(&app).await?))
}

/// Adds an answer to begin from. For staff.
#[utoipa::path(post, path = "/support/answers", tag = "support", operation_id = "support_answer_add", request_body = AnswerAsked,
    responses((status = 201, body = Vec<AnswerView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn add_answer(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(asked): Json<AnswerAsked>,
) -> Result<(StatusCode, Json<Vec<AnswerView>>), Problem> {
    session.require(STAFF)?;
    answers::add(&app, &asked).await?;
    Ok((StatusCode::CREATED, Json(answers::all(&app).await?)))
}

/// Writes an answer to begin from anew. For staff.
#[utoipa::path(put, path = "/support/answers/{id}", tag = "support", operation_id = "support_answer_change", request_body = AnswerAsked,
    params(("id" = u64, Path, description = "Number of the answer")),
    responses((status = 200, body = Vec<AnswerView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn change_answer(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
    Json(asked): Json<AnswerAsked>,
) -> Result<Json<Vec<AnswerView>>, Problem> {
    session.require(STAFF)?;
    answers::change(&app, id, &asked).await?;
    Ok(Json(answers::all(&app).await?))
}

/// Removes an answer to begin from. For staff.
#[utoipa::path(delete, path = "/support/answers/{id}", tag = "support", operation_id = "support_answer_remove",
    params(("id" = u64, Path, description = "Number of the answer")),
    responses((status = 200, body = Vec<AnswerView>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn remove_answer(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<Vec<AnswerView>>, Problem> {
    session.require(STAFF)?;
    answers::remove(&app, id).await?;
    Ok(Json(answers::all(&app).await?))
}

/// Says how the desk is doing. For staff.
#[utoipa::path(get, path = "/support/figures", tag = "support", operation_id = "support_figures",
    responses((status = 200, body = FiguresView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn figures(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<FiguresView>, Problem> {
    session.require(STAFF)?;
    Ok(Json(desk::figures(&app).await?))
}
