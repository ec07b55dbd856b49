//! What the house keeps about a person, said to them, and erased where they wish it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform_api::{Problem, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::context::App;
use crate::registry::{Holding, businesses};
use crate::wire::show;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(personal_data)).routes(routes!(erase))
}

/// Everything that is kept about a person besides what anyone can read on the chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonalData)]
struct PersonalView {
    /// Whose.
    address: String,
    /// What, by kind. Kinds of which nothing is kept are there too, and empty.
    holdings: Vec<Holding>,
}

/// Says what the house keeps about whoever is signed in.
#[utoipa::path(get, path = "/personal-data", tag = "house", operation_id = "personal_data",
    responses((status = 200, body = PersonalView), (status = 401, body = Problem)))]
async fn personal_data(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<PersonalView>, Problem> {
    let mut holdings = Vec::new();
    for business in businesses() {
        holdings.extend(business.holdings(&app, session.address).await?);
    }
    Ok(Json(PersonalView { address: show(session.address), holdings }))
}

/// Erases one kind of what the house keeps about whoever is signed in, for good.
#[utoipa::path(delete, path = "/personal-data/{kind}", tag = "house", operation_id = "personal_data_erase",
    params(("kind" = String, Path, description = "Kind, as `personal-data` names it")),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn erase(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(kind): Path<String>,
) -> Result<StatusCode, Problem> {
    for business in businesses() {
        let holdings = business.holdings(&app, session.address).await?;
        let Some(holding) = holdings.iter().find(|holding| holding.kind == kind) else { continue };
        if !holding.erasable {
            return Err(Problem::invalid(format!("{kind} is kept as long as it is needed, and goes by itself.")));
        }
        business.forget(&app, session.address, &kind).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found(format!("kind {kind:?} of personal data")))
}
