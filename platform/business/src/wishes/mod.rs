//! What people would like to have: a list of offers for whoever is signed in, kept off chain.
//!
//! A list made before signing in lies in the browser and is merged into this one then.

use alloy_primitives::Address;
use async_trait::async_trait;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform_api::{Problem, SignedIn, calendar};
use platform_index::{Column, Kind, Table, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::context::{App, Context};
use crate::registry::{Business, Holding};
use crate::sales;

const WISH: Table = Table {
    name: "wish",
    kind: Kind::State,
    columns: &[Column::blob("account"), Column::int("offer_id"), Column::int("at")],
    key: 2,
    indexes: &[],
};

/// Most offers on a list.
const WISHES_MAX: i64 = 200;

/// Wish lists.
pub(crate) struct Wishes;

#[async_trait]
impl Business for Wishes {
    fn tables(&self) -> &'static [Table] {
        &[WISH]
    }

    fn routes(&self) -> OpenApiRouter<App> {
        OpenApiRouter::new().routes(routes!(wishes, merge)).routes(routes!(add, remove))
    }

    async fn holdings(&self, app: &App, person: Address) -> Result<Vec<Holding>, Problem> {
        let items =
            list(app, person).await?.into_iter().map(|wish| json!({ "offer_id": wish.offer_id, "at": wish.at }));
        Ok(vec![Holding { kind: "wish_list".into(), erasable: true, items: items.collect() }])
    }

    async fn forget(&self, app: &App, person: Address, kind: &str) -> Result<(), Problem> {
        if kind == "wish_list" {
            app.store.execute("DELETE FROM wish WHERE account = $1", vec![person.into()]).await?;
        }
        Ok(())
    }
}

/// An offer on somebody's list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Wish)]
struct WishView {
    /// Number of the offer.
    offer_id: String,
    /// When it was put there.
    at: String,
}

/// Offers to put on a list.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = WishesAsked)]
#[serde(deny_unknown_fields)]
struct WishesAsked {
    /// Numbers of offers. Those that are not there are left out.
    offer_ids: Vec<String>,
}

async fn list(app: &Context, person: Address) -> Result<Vec<WishView>, Problem> {
    let sql = "SELECT offer_id, at FROM wish WHERE account = $1 ORDER BY at DESC, offer_id DESC";
    let mut list = Vec::new();
    for row in app.store.rows(sql, vec![person.into()]).await? {
        list.push(WishView { offer_id: row.number(0)?.to_string(), at: calendar::rfc3339(row.number(1)?) });
    }
    Ok(list)
}

/// Puts offers on a list; those that are on it already keep their place.
async fn put(app: &Context, person: Address, offers: &[u64]) -> Result<(), Problem> {
    let now = app.now();
    for offer in offers {
        let count = "SELECT COUNT(*) FROM wish WHERE account = $1";
        if app.store.int(count, vec![person.into()]).await? >= WISHES_MAX {
            return Err(Problem::invalid(format!("A list has {WISHES_MAX} offers at most. Take some off first.")));
        }
        if sales::offer(app, *offer).await?.is_some() {
            let sql = "INSERT INTO wish (account, offer_id, at) VALUES ($1, $2, $3) ON CONFLICT (account, offer_id) DO NOTHING";
            let row: Vec<Value> = vec![person.into(), (*offer).into(), now.into()];
            app.store.execute(sql, row).await?;
        }
    }
    Ok(())
}

/// Lists the offers that whoever is signed in would like to have, the last added first.
#[utoipa::path(get, path = "/wishes", tag = "wishes", operation_id = "wishes",
    responses((status = 200, body = Vec<WishView>), (status = 401, body = Problem)))]
async fn wishes(State(app): State<App>, SignedIn(session): SignedIn) -> Result<Json<Vec<WishView>>, Problem> {
    Ok(Json(list(&app, session.address).await?))
}

/// Adds a list that was made before signing in.
#[utoipa::path(post, path = "/wishes", tag = "wishes", operation_id = "wishes_merge", request_body = WishesAsked,
    responses((status = 200, body = Vec<WishView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn merge(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Json(asked): Json<WishesAsked>,
) -> Result<Json<Vec<WishView>>, Problem> {
    let most = usize::try_from(WISHES_MAX).unwrap_or_default();
    let offers: Vec<u64> = asked.offer_ids.iter().take(most).filter_map(|id| id.parse().ok()).collect();
    put(&app, session.address, &offers).await?;
    Ok(Json(list(&app, session.address).await?))
}

/// Puts an offer on the list.
#[utoipa::path(put, path = "/wishes/{offer}", tag = "wishes", operation_id = "wish_add",
    params(("offer" = u64, Path, description = "Number of the offer")),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn add(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(offer): Path<u64>,
) -> Result<StatusCode, Problem> {
    if sales::offer(&app, offer).await?.is_none() {
        return Err(Problem::not_found(format!("offer {offer}")));
    }
    put(&app, session.address, &[offer]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an offer off the list.
#[utoipa::path(delete, path = "/wishes/{offer}", tag = "wishes", operation_id = "wish_remove",
    params(("offer" = u64, Path, description = "Number of the offer")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn remove(
    State(app): State<App>,
    SignedIn(session): SignedIn,
    Path(offer): Path<u64>,
) -> Result<StatusCode, Problem> {
    let row: Vec<Value> = vec![session.address.into(), offer.into()];
    app.store.execute("DELETE FROM wish WHERE account = $1 AND offer_id = $2", row).await?;
    Ok(StatusCode::NO_CONTENT)
}
