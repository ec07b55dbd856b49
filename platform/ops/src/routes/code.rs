//! New code for contracts: brought by one, compared with what runs. Changing to it is a ticket.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform_api::{Problem, SignedIn, SteppedUp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Desk, READERS, problem, require};
use crate::code::NAME_MAX;
use crate::view::{CodeBody, CodeView};
use crate::watch::Sources;

/// What a constructor is given, at most.
const ARGUMENTS_MAX: usize = 50;

pub(super) fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(compare)).routes(routes!(code))
}

/// Compiles sources and compares where they keep what with the code that runs. Nothing is put on the chain.
#[utoipa::path(post, path = "/ops/code", tag = "ops", operation_id = "ops_compare_code", request_body = CodeBody,
    responses((status = 201, body = CodeView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
async fn compare(
    State(watch): State<Desk>,
    SteppedUp(session): SteppedUp,
    Json(body): Json<CodeBody>,
) -> Result<(StatusCode, Json<CodeView>), Problem> {
    require(&session, READERS)?;
    if body.name.trim().is_empty() || body.name.len() > NAME_MAX {
        return Err(Problem::invalid(format!("A contract of the sources has a name of up to {NAME_MAX} letters.")));
    }
    if body.arguments.len() > ARGUMENTS_MAX {
        return Err(Problem::invalid(format!("A constructor is given {ARGUMENTS_MAX} arguments at most.")));
    }
    let sources = Sources {
        contract: body.contract,
        input: body.input.to_string(),
        name: body.name.trim().to_owned(),
        arguments: body.arguments,
    };
    let code = watch.compare_code(sources, &session.address.to_checksum(None)).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(code.into())))
}

/// Shows new code, and how its storage differs.
#[utoipa::path(get, path = "/ops/code/{id}", tag = "ops", operation_id = "ops_code",
    params(("id" = u64, Path, description = "The number of the new code")),
    responses((status = 200, body = CodeView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn code(
    State(watch): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<u64>,
) -> Result<Json<CodeView>, Problem> {
    require(&session, READERS)?;
    // Numbers of the database end before those of the address.
    let code = if i64::try_from(id).is_ok() { watch.code(id).await? } else { None };
    Ok(Json(code.ok_or_else(|| Problem::not_found(format!("new code {id}")))?.into()))
}
