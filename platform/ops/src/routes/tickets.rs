//! Change tickets: proposed by one, approved by others, executed by the house's key.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform_api::{Problem, SignedIn, SteppedUp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ACTORS, Desk, LIST_MAX, NOTE_MAX, READERS, conflict, problem, require};
use crate::ticket::{Ticket, TicketCall};
use crate::view::{ApprovalBody, CodeChangeBody, RehearsalBody, RehearsalView, TicketBody, TicketView};
use crate::watch::{Change, CodeChange, Proposal, Watch};

const TITLE_MAX: usize = 200;

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new()
        .routes(routes!(tickets, propose))
        .routes(routes!(ticket))
        .routes(routes!(rehearse))
        .routes(routes!(approve))
        .routes(routes!(end))
        .routes(routes!(execute))
}

/// Lists change tickets, the newest first.
#[utoipa::path(get, path = "/ops/tickets", tag = "ops", operation_id = "ops_tickets",
    responses((status = 200, body = Vec<TicketView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn tickets(State(watch): State<Desk>, SignedIn(session): SignedIn) -> Result<Json<Vec<TicketView>>, Problem> {
    require(&session, READERS)?;
    Ok(Json(watch.tickets(LIST_MAX).await?.into_iter().map(Into::into).collect()))
}

/// Shows a change ticket.
#[utoipa::path(get, path = "/ops/tickets/{id}", tag = "ops", operation_id = "ops_ticket",
    params(("id" = u64, Path, description = "The ticket's number")),
    responses((status = 200, body = TicketView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn ticket(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<TicketView>, Problem> {
    require(&session, READERS)?;
    Ok(Json(ticket_at(&watch, id).await?.into()))
}

/// Plays calls on a copy of the chain and says what they would cause.
#[utoipa::path(post, path = "/ops/rehearsals", tag = "ops", operation_id = "ops_rehearse", request_body = RehearsalBody,
    responses((status = 200, body = RehearsalView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn rehearse(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Json(body): Json<RehearsalBody>,
) -> Result<Json<RehearsalView>, Problem> {
    require(&session, READERS)?;
    let (expected, block_number) = watch.rehearse(&body.calls).await.map_err(problem)?;
    Ok(Json(RehearsalView { block_number, expected: expected.into_iter().map(Into::into).collect() }))
}

/// Opens a change ticket. It is rehearsed on a copy of the chain first; what would fail is not opened.
#[utoipa::path(post, path = "/ops/tickets", tag = "ops", operation_id = "ops_propose", request_body = TicketBody,
    responses((status = 201, body = TicketView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn propose(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Json(body): Json<TicketBody>,
) -> Result<(StatusCode, Json<TicketView>), Problem> {
    require(&session, READERS)?;
    let (title, reason) = (body.title.trim().to_owned(), body.reason.trim().to_owned());
    if title.is_empty() || title.chars().count() > TITLE_MAX {
        return Err(Problem::invalid(format!("A ticket has a title of 1 to {TITLE_MAX} characters.")));
    }
    if reason.chars().count() > NOTE_MAX {
        return Err(Problem::invalid(format!("A reason has up to {NOTE_MAX} characters.")));
    }
    super::known_incident(&watch, body.incident).await?;
    let change = match (body.calls.is_empty(), body.code, body.undoes) {
        (_, None, None) => Change::Calls(body.calls),
        (true, Some(CodeChangeBody { id, call, args }), None) => {
            let call = call.filter(|call| !call.trim().is_empty());
            Change::Code(CodeChange::To(id, call.map(|call| TicketCall { on: String::new(), call, args })))
        }
        (true, None, Some(ticket)) => Change::Code(CodeChange::Back(ticket)),
        _ => return Err(Problem::invalid("A ticket has calls, new code, or a ticket to go back behind: one of them.")),
    };
    let proposal = Proposal { title, reason, incident: body.incident, change };
    let by = session.address.to_checksum(None);
    let ticket = watch.propose(proposal, &by).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(ticket.into())))
}

/// Agrees to a ticket as it was shown. Whoever proposed it can't.
#[utoipa::path(post, path = "/ops/tickets/{id}/approvals", tag = "ops", operation_id = "ops_approve",
    params(("id" = u64, Path, description = "The ticket's number")), request_body = ApprovalBody,
    responses((status = 200, body = TicketView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn approve(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<u64>,
    Json(body): Json<ApprovalBody>,
) -> Result<Json<TicketView>, Problem> {
    require(&session, ACTORS)?;
    ticket_at(&watch, id).await?;
    found(id, watch.approve(id, &body.digest, &session.address.to_checksum(None)).await.map_err(conflict)?)
}

/// Takes one's own ticket back, or rejects somebody else's.
#[utoipa::path(delete, path = "/ops/tickets/{id}", tag = "ops", operation_id = "ops_end_ticket",
    params(("id" = u64, Path, description = "The ticket's number")),
    responses((status = 200, body = TicketView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn end(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<TicketView>, Problem> {
    require(&session, READERS)?;
    let by = session.address.to_checksum(None);
    if ticket_at(&watch, id).await?.proposer != by {
        require(&session, ACTORS)?;
    }
    found(id, watch.end_ticket(id, &by).await.map_err(conflict)?)
}

/// Executes an approved ticket with the house's key, and compares what it caused with the rehearsal.
#[utoipa::path(post, path = "/ops/tickets/{id}/execution", tag = "ops", operation_id = "ops_execute",
    params(("id" = u64, Path, description = "The ticket's number")),
    responses((status = 200, body = TicketView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn execute(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Path(id): Path<u64>,
) -> Result<Json<TicketView>, Problem> {
    require(&session, ACTORS)?;
    ticket_at(&watch, id).await?;
    // On a task of its own: a browser that goes away must not stop a change half-way.
    let by = session.address.to_checksum(None);
    let desk = Desk::clone(&watch);
    let executed = tokio::spawn(async move { desk.execute(id, &by).await }).await;
    let executed = executed.map_err(|error| Problem::internal(&error))?;
    found(id, executed.map_err(conflict)?)
}

/// A ticket that an address names. Numbers of the database end before those of the address.
async fn ticket_at(watch: &Watch, id: u64) -> Result<Ticket, Problem> {
    let ticket = if i64::try_from(id).is_ok() { watch.ticket(id).await? } else { None };
    ticket.ok_or_else(|| missing(id))
}

fn missing(id: u64) -> Problem {
    Problem::not_found(format!("ticket {id}"))
}

fn found(id: u64, ticket: Option<Ticket>) -> Result<Json<TicketView>, Problem> {
    Ok(Json(ticket.ok_or_else(|| missing(id))?.into()))
}
