//! The capture and query interfaces of EPCIS 2.0, below `/epcis`.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use platform_api::{Machine, Problem};
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::capture::{self, CaptureView};
use super::error::Refusal;
use super::namespaces::{Namespaces, STANDARD};
use super::negotiate::{self, DOCUMENT_BYTES_MAX, answer, behaviour, extensions, require_json};
use super::proof::{self, ProofView};
use super::query::{self, Answer, Asked, NamedQueryView};
use super::validate::{self, Violation};
use crate::context::App;

/// What a key needs to send events.
pub(super) const CAPTURE: &str = "epcis:capture";
/// What a key needs to ask for events.
pub(super) const QUERY: &str = "epcis:query";

/// Values of a collection in one answer.
const MEMBERS_MAX: usize = 1_000;

/// Longest name of a query.
const NAME_MAX: usize = 100;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(take_document, list_jobs))
        .routes(routes!(job))
        .routes(routes!(take_event, events))
        .routes(routes!(event))
        .routes(routes!(event_proof))
        .routes(routes!(event_types))
        .routes(routes!(event_type_events))
        .routes(routes!(epcs))
        .routes(routes!(epc_events))
        .routes(routes!(biz_steps))
        .routes(routes!(biz_step_events))
        .routes(routes!(biz_locations))
        .routes(routes!(biz_location_events))
        .routes(routes!(read_points))
        .routes(routes!(read_point_events))
        .routes(routes!(dispositions))
        .routes(routes!(disposition_events))
        .routes(routes!(name_query, named_queries))
        .routes(routes!(named_query, forget_query))
        .routes(routes!(named_query_events))
        .layer(from_fn(negotiate::speak))
}

async fn body_of(headers: &HeaderMap, body: Body) -> Result<Value, Refusal> {
    require_json(headers)?;
    let bytes = to_bytes(body, DOCUMENT_BYTES_MAX).await.map_err(|_| {
        Refusal::too_large(format!("The body is larger than {DOCUMENT_BYTES_MAX} bytes. Send it in parts."))
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let fault =
            Violation { path: String::new(), rule: "json".into(), message: format!("This is not JSON: {error}.") };
        Refusal::invalid("The body", vec![fault])
    })
}

/// Takes a document of events in.
#[utoipa::path(post, path = "/capture", tag = "epcis", operation_id = "epcis_capture",
    request_body(content = Object, description = "An EPCISDocument, or an EPCISQueryDocument, whose events are taken"),
    responses((status = 202, description = "Taken; Location is the capture job", body = CaptureView),
        (status = 400, body = Refusal), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 413, body = Refusal), (status = 415, body = Refusal), (status = 429, body = Refusal)))]
async fn take_document(
    State(app): State<App>,
    machine: Machine,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    machine.require(CAPTURE)?;
    let behaviour = behaviour(&headers)?;
    let document = validate::document(&body_of(&headers, body).await?);
    let (view, _) = capture::take(&app.store, document, behaviour, &machine.0.id).await?;
    let place = format!("/epcis/capture/{}", view.capture_id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(view)).into_response())
}

/// Lists capture jobs, the newest first.
#[utoipa::path(get, path = "/capture", tag = "epcis", operation_id = "epcis_captures",
    responses((status = 200, body = Vec<CaptureView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list_jobs(State(app): State<App>, machine: Machine) -> Result<Json<Vec<CaptureView>>, Refusal> {
    machine.require(CAPTURE)?;
    Ok(Json(capture::jobs(&app.store, 100).await?))
}

/// Shows a capture job.
#[utoipa::path(get, path = "/capture/{id}", tag = "epcis", operation_id = "epcis_capture_job",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, body = CaptureView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Refusal)))]
async fn job(State(app): State<App>, machine: Machine, Path(id): Path<String>) -> Result<Json<CaptureView>, Refusal> {
    machine.require(CAPTURE)?;
    let job = capture::job(&app.store, &id).await?;
    Ok(Json(job.ok_or_else(|| Refusal::missing(format!("capture job {id}")))?))
}

/// Takes a single event in.
#[utoipa::path(post, path = "/events", tag = "epcis", operation_id = "epcis_capture_event",
    request_body(content = Object, description = "An event with its own @context"),
    responses((status = 201, description = "Taken; Location is the event", body = Object),
        (status = 400, body = Refusal), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 413, body = Refusal), (status = 415, body = Refusal)))]
async fn take_event(
    State(app): State<App>,
    machine: Machine,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    machine.require(CAPTURE)?;
    let document = validate::single_event(&body_of(&headers, body).await?);
    let (_, taken) = capture::take(&app.store, document, capture::Behaviour::Rollback, &machine.0.id).await?;
    let id = taken.into_iter().next().map(|taken| taken.event_id).unwrap_or_default();
    let place = format!("/epcis/events/{}", encoded(&id));
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(json!({ "eventID": id }))).into_response())
}

/// Asks for events by the parameters of the simple event query.
#[utoipa::path(get, path = "/events", tag = "epcis", operation_id = "epcis_events",
    params(("perPage" = Option<u32>, Query, description = "Events on a page, 30 by default and 1,000 at most"),
        ("nextPageToken" = Option<String>, Query, description = "From the Link of the page before")),
    responses((status = 200, description = "An EPCISQueryDocument", body = Object),
        (status = 400, body = Refusal), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn events(
    State(app): State<App>,
    machine: Machine,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    machine.require(QUERY)?;
    simple(&app, &headers, "/epcis/events", query.as_deref().unwrap_or_default(), &[]).await
}

/// Shows the events under an id: one, or one and the declaration that it was wrong.
#[utoipa::path(get, path = "/events/{id}", tag = "epcis", operation_id = "epcis_event",
    params(("id" = String, Path, description = "eventID")),
    responses((status = 200, description = "An EPCISQueryDocument", body = Object),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Refusal)))]
async fn event(
    State(app): State<App>,
    machine: Machine,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    machine.require(QUERY)?;
    let events = query::by_id(&app.store, &id).await?;
    if events.is_empty() {
        return Err(Refusal::missing(format!("event {id}")));
    }
    Ok(answer(&headers, &Answer { events, next: None }.document("SimpleEventQuery")))
}

/// Shows what an event can be proven by. It holds hashes only, so that anyone may ask.
#[utoipa::path(get, path = "/events/{id}/proof", tag = "epcis", operation_id = "epcis_event_proof",
    params(("id" = String, Path, description = "eventID")),
    responses((status = 200, body = ProofView), (status = 404, body = Refusal)))]
async fn event_proof(State(app): State<App>, Path(id): Path<String>) -> Result<Json<ProofView>, Refusal> {
    let proof = proof::of_event(&app, &id).await?;
    Ok(Json(proof.ok_or_else(|| Refusal::missing(format!("event {id}")))?))
}

/// A collection, and the events of one member.
macro_rules! collections {
    ($($list:ident $events:ident $path:literal $events_path:literal $list_id:literal $events_id:literal
        $field:literal $parameter:literal;)*) => {$(
        #[doc = concat!("Lists the values of this collection, by name: `", $path, "`.")]
        #[utoipa::path(get, path = $path, tag = "epcis", operation_id = $list_id,
            params(("perPage" = Option<u32>, Query, description = "Values on a page"),
                ("nextPageToken" = Option<String>, Query, description = "From the Link of the page before")),
            responses((status = 200, description = "A Collection", body = Object),
                (status = 401, body = Problem), (status = 403, body = Problem)))]
        async fn $list(State(app): State<App>, machine: Machine, headers: HeaderMap, RawQuery(query): RawQuery)
            -> Result<Response, Refusal> {
            machine.require(QUERY)?;
            members(&app, &headers, concat!("/epcis", $path), $field, query.as_deref().unwrap_or_default()).await
        }

        #[doc = concat!("Asks for the events of one value of `", $path, "`.")]
        #[utoipa::path(get, path = $events_path, tag = "epcis", operation_id = $events_id,
            params(("id" = String, Path, description = "The value, with what means something in an address written out")),
            responses((status = 200, description = "An EPCISQueryDocument", body = Object),
                (status = 400, body = Refusal), (status = 401, body = Problem), (status = 403, body = Problem)))]
        async fn $events(State(app): State<App>, machine: Machine, headers: HeaderMap, Path(id): Path<String>,
            RawQuery(query): RawQuery) -> Result<Response, Refusal> {
            machine.require(QUERY)?;
            let path = format!(concat!("/epcis", $path, "/{}/events"), encoded(&id));
            simple(&app, &headers, &path, query.as_deref().unwrap_or_default(), &[($parameter, &id)]).await
        }
    )*};
}

collections! {
    event_types event_type_events "/eventTypes" "/eventTypes/{id}/events" "epcis_event_types" "epcis_event_type_events" "type_said" "eventType";
    epcs epc_events "/epcs" "/epcs/{id}/events" "epcis_epcs" "epcis_epc_events" "epc_said" "MATCH_anyEPC";
    biz_steps biz_step_events "/bizSteps" "/bizSteps/{id}/events" "epcis_biz_steps" "epcis_biz_step_events" "bizStep_said" "EQ_bizStep";
    biz_locations biz_location_events "/bizLocations" "/bizLocations/{id}/events" "epcis_biz_locations" "epcis_biz_location_events" "bizLocation_said" "EQ_bizLocation";
    read_points read_point_events "/readPoints" "/readPoints/{id}/events" "epcis_read_points" "epcis_read_point_events" "readPoint_said" "EQ_readPoint";
    dispositions disposition_events "/dispositions" "/dispositions/{id}/events" "epcis_dispositions" "epcis_disposition_events" "disposition_said" "EQ_disposition";
}

/// Names a query.
#[utoipa::path(post, path = "/queries", tag = "epcis", operation_id = "epcis_name_query",
    request_body(content = Object, description = "name and query, or the parameters of the query themselves"),
    responses((status = 201, description = "Named; Location is the query", body = NamedQueryView),
        (status = 400, body = Refusal), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Refusal)))]
async fn name_query(
    State(app): State<App>,
    machine: Machine,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    machine.require(QUERY)?;
    let body = body_of(&headers, body).await?;
    let (name, parameters) = read_query(&body)?;
    Asked::of_body(&parameters).map_err(Refusal::query)?;
    if !query::save(&app.store, &name, &parameters).await? {
        let detail = format!("There is another query {name}. Delete it first, or choose another name.");
        return Err(Refusal::new(StatusCode::CONFLICT, "DuplicateNameException", detail));
    }
    let place = format!("/epcis/queries/{}", encoded(&name));
    let view = load(&app, &name).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(view)).into_response())
}

/// Lists named queries.
#[utoipa::path(get, path = "/queries", tag = "epcis", operation_id = "epcis_queries",
    responses((status = 200, body = Vec<NamedQueryView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn named_queries(State(app): State<App>, machine: Machine) -> Result<Json<Vec<NamedQueryView>>, Refusal> {
    machine.require(QUERY)?;
    Ok(Json(query::list(&app.store).await?))
}

/// Shows a named query.
#[utoipa::path(get, path = "/queries/{name}", tag = "epcis", operation_id = "epcis_query",
    params(("name" = String, Path, description = "The query's name")),
    responses((status = 200, body = NamedQueryView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Refusal)))]
async fn named_query(
    State(app): State<App>,
    machine: Machine,
    Path(name): Path<String>,
) -> Result<Json<NamedQueryView>, Refusal> {
    machine.require(QUERY)?;
    Ok(Json(load(&app, &name).await?))
}

/// Forgets a named query.
#[utoipa::path(delete, path = "/queries/{name}", tag = "epcis", operation_id = "epcis_forget_query",
    params(("name" = String, Path, description = "The query's name")),
    responses((status = 204, description = "Forgotten"), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Refusal)))]
async fn forget_query(
    State(app): State<App>,
    machine: Machine,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    machine.require(QUERY)?;
    if query::delete(&app.store, &name).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(no_such_query(&name))
}

/// Asks for the events of a named query.
#[utoipa::path(get, path = "/queries/{name}/events", tag = "epcis", operation_id = "epcis_query_events",
    params(("name" = String, Path, description = "The query's name")),
    responses((status = 200, description = "An EPCISQueryDocument", body = Object),
        (status = 400, body = Refusal), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Refusal)))]
async fn named_query_events(
    State(app): State<App>,
    machine: Machine,
    headers: HeaderMap,
    Path(name): Path<String>,
    RawQuery(paging): RawQuery,
) -> Result<Response, Refusal> {
    machine.require(QUERY)?;
    let mut asked = load(&app, &name).await?.asked().map_err(Refusal::query)?;
    let paging = paging.unwrap_or_default();
    let page = Asked::of_address(&paging, &Namespaces::default()).map_err(Refusal::query)?;
    asked.per_page = page.per_page.or(asked.per_page);
    asked.page_token = page.page_token;
    asked.filters.extend(page.filters);
    let path = format!("/epcis/queries/{}/events", encoded(&name));
    respond(&app, &headers, &path, &paging, &asked, &name).await
}

async fn load(app: &App, name: &str) -> Result<NamedQueryView, Refusal> {
    query::load(&app.store, name).await?.ok_or_else(|| no_such_query(name))
}

fn no_such_query(name: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "NoSuchNameException", format!("There is no query {name}."))
}

/// A query with a name, or only its parameters, which are then named by what they say.
fn read_query(body: &Value) -> Result<(String, Map<String, Value>), Refusal> {
    let fault = |path: &str, rule: &str, message: &str| {
        Refusal::query(vec![Violation { path: path.into(), rule: rule.into(), message: message.into() }])
    };
    let body = body.as_object().ok_or_else(|| fault("", "type.object", "A query is an object."))?;
    let Some(query) = body.get("query") else {
        let mut parameters = body.clone();
        let name = match parameters.remove("name") {
            Some(name) => {
                name.as_str().map(str::to_owned).ok_or_else(|| fault("/name", "type.string", "A name is text."))?
            }
            None => {
                let text = Value::Object(parameters.clone()).to_string();
                format!("query-{}", &alloy_primitives::hex::encode(alloy_primitives::keccak256(text))[..12])
            }
        };
        return Ok((checked_name(name, fault)?, parameters));
    };
    let query =
        query.as_object().ok_or_else(|| fault("/query", "type.object", "A query is an object of parameters."))?;
    let name =
        body.get("name").and_then(Value::as_str).ok_or_else(|| fault("/name", "required", "A query needs a name."))?;
    if let Some(other) = body.keys().find(|key| !["name", "query", "@context"].contains(&key.as_str())) {
        return Err(fault(&format!("/{other}"), "unknown-field", "Beside name and query nothing is understood."));
    }
    let mut parameters = query.clone();
    if let Some(context) = body.get("@context") {
        parameters.entry("@context").or_insert_with(|| context.clone());
    }
    Ok((checked_name(name.to_owned(), fault)?, parameters))
}

fn checked_name(name: String, fault: impl Fn(&str, &str, &str) -> Refusal) -> Result<String, Refusal> {
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(fault("/name", "query.name", "A name has 1 to 100 characters."));
    }
    Ok(name)
}

/// A simple event query whose address holds its parameters; `fixed` are those of the resource.
async fn simple(
    app: &App,
    headers: &HeaderMap,
    path: &str,
    query: &str,
    fixed: &[(&str, &str)],
) -> Result<Response, Refusal> {
    let namespaces = Namespaces::of(&extensions(headers));
    let mut asked = Asked::of_address(query, &namespaces).map_err(Refusal::query)?;
    for (name, value) in fixed {
        let one = Map::from_iter([((*name).to_owned(), json!([value]))]);
        asked.filters.extend(Asked::of_body(&one).map_err(Refusal::query)?.filters);
    }
    respond(app, headers, path, query, &asked, "SimpleEventQuery").await
}

async fn respond(
    app: &App,
    headers: &HeaderMap,
    path: &str,
    query: &str,
    asked: &Asked,
    name: &str,
) -> Result<Response, Refusal> {
    let found = query::run(&app.store, asked).await?;
    let next = found.next.clone();
    let mut response = answer(headers, &found.document(name));
    link(&mut response, path, query, next.as_deref());
    Ok(response)
}

async fn members(app: &App, headers: &HeaderMap, path: &str, field: &str, query: &str) -> Result<Response, Refusal> {
    let asked = Asked::of_address(query, &Namespaces::default()).map_err(Refusal::query)?;
    if !asked.filters.is_empty() {
        let message = "Collections take perPage and nextPageToken only.".to_owned();
        return Err(Refusal::query(vec![Violation {
            path: String::new(),
            rule: "query.unknown-parameter".into(),
            message,
        }]));
    }
    let most = asked.per_page.unwrap_or(MEMBERS_MAX).clamp(1, MEMBERS_MAX);
    let bad =
        |_| Refusal::new(StatusCode::BAD_REQUEST, "QueryParameterException", "nextPageToken is not one of these.");
    let after = asked.page_token.as_deref().map(|token| platform_api::Cursor::decode(token, 1).map_err(bad));
    let after = after.transpose()?.and_then(|cursor| cursor.0.into_iter().next()).unwrap_or_default();
    let mut found = query::collection(&app.store, field, &after, most).await?;
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|last| platform_api::Cursor(vec![last.clone()]).encode());
    let mut response = answer(headers, &json!({ "@context": STANDARD, "type": "Collection", "member": found }));
    link(&mut response, path, query, next.as_deref());
    Ok(response)
}

/// `Link: …; rel="next"` with the query's other parameters as they were.
fn link(response: &mut Response, path: &str, query: &str, next: Option<&str>) {
    let Some(next) = next else {
        return;
    };
    let mut kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("nextPageToken=")).collect();
    let token = format!("nextPageToken={next}");
    kept.push(&token);
    if let Ok(value) = HeaderValue::from_str(&format!("<{path}?{}>; rel=\"next\"", kept.join("&"))) {
        response.headers_mut().insert(header::LINK, value);
    }
}

/// A value as one segment of an address.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
