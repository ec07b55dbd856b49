//! The answers any endpoint may give besides its own, said in the OpenAPI document in one place.
//!
//! An endpoint describes what it answers when all goes well, and the problems that are its own. What follows from its
//! shape is added here: one with parameters can be asked wrongly (400), one with a JSON body can be sent something else
//! (413, 415, 422), one that answers 401 takes a session or a key, and any of them can fail (500, 503). Problems are
//! components, so that each is described once, and carry the media type they are sent with.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Content, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder};

use crate::session::COOKIE;
use crate::shapes;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const PROBLEM_SCHEMA: &str = "#/components/schemas/Problem";

/// Problems: status, name of the component, and what it means.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("400", "Invalid", "The request says something that cannot be meant; the detail says what."),
    ("401", "Unauthenticated", "Sign in first, or send a key that is valid."),
    ("403", "Forbidden", "Signed in, and not allowed; or the CSRF token is missing."),
    ("404", "NotFound", "There is no such thing."),
    ("406", "NotAcceptable", "What is asked for is not offered in that form or version."),
    ("409", "Conflict", "It does not fit what is there now."),
    ("410", "Gone", "It is no longer kept."),
    ("413", "TooLarge", "The body is larger than what is taken."),
    ("415", "UnsupportedMediaType", "The body is not of a media type that is taken."),
    ("422", "Unprocessable", "The body has not the fields it needs; the detail says which."),
    ("429", "TooManyRequests", "Asked too often. Wait as long as Retry-After says."),
    ("500", "Internal", "Something failed on our side. Report the request id if it stays."),
    ("503", "Unavailable", "Something behind us does not answer. Try again in a moment."),
];

/// Completes a document whose endpoints describe only their own answers.
pub fn describe_answers(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    for (status, name, meaning) in PROBLEMS {
        components.responses.insert((*name).to_owned(), RefOr::T(problem(status, meaning)));
    }
    declare_doors(components);
    for (path, item) in document.paths.paths.iter_mut() {
        // Machines ask at the addresses that standards fix, and carry keys.
        let by_key = !path.starts_with("/api/");
        for (reads, operation) in operations(item) {
            complete(operation, reads, by_key);
        }
    }
    shapes::tell_apart(document);
}

fn problem(status: &str, meaning: &str) -> Response {
    let content = Content::new(Some(Ref::new(PROBLEM_SCHEMA)));
    let response = ResponseBuilder::new().description(meaning).content(PROBLEM, content);
    match status {
        "429" => {
            let seconds = Object::with_type(Type::String);
            let header = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds to wait")).build();
            response.header("retry-after", header).build()
        }
        _ => response.build(),
    }
}

/// How one gets in: people with a session, machines with a key.
fn declare_doors(components: &mut Components) {
    let session = ApiKeyValue::with_description(COOKIE, "Set by POST /api/v1/auth/verify");
    let csrf = ApiKeyValue::with_description("x-csrf-token", "`csrf` of GET /api/v1/auth/session");
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("Made with `guildhall apikey create`"))
        .build();
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    components.add_security_scheme("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf)));
    components.add_security_scheme("key", SecurityScheme::Http(key));
}

/// The operations of a path, and whether each only reads.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let reads = [&mut item.get, &mut item.head, &mut item.options].into_iter().flatten().map(|it| (true, it));
    let writes = [&mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
    reads.chain(writes.into_iter().flatten().map(|it| (false, it)))
}

fn complete(operation: &mut Operation, reads: bool, by_key: bool) {
    let guarded = operation.responses.responses.contains_key("401");
    let mut possible = vec!["500", "503"];
    if operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty()) {
        possible.push("400");
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        possible.extend(["400", "413"]);
        if body.content.contains_key(JSON) {
            possible.extend(["415", "422"]);
        }
    }
    if guarded {
        // An endpoint below /api/ that machines ask says so itself.
        let by_key = by_key || operation.security.is_some();
        operation.security = Some(vec![door(reads, by_key)]);
        if by_key {
            possible.extend(["403", "429"]);
        } else if !reads {
            possible.push("403");
        }
    }
    if by_key {
        possible.push("406");
    }
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let Some(name) = problem_name(status).filter(|_| is_problem(response)) {
            *response = RefOr::Ref(Ref::from_response_name(name));
        } else if let RefOr::T(response) = response {
            send_as_problem(status, response);
        }
    }
    for (status, name, _) in PROBLEMS.iter().filter(|(status, ..)| possible.contains(status)) {
        responses.entry((*status).to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(*name)));
    }
    if reads && is_json(responses.get("200")) {
        let unchanged = Response::new("Not changed since the answer whose entity tag was sent as If-None-Match.");
        responses.entry("304".to_owned()).or_insert(RefOr::T(unchanged));
    }
}

fn door(reads: bool, by_key: bool) -> SecurityRequirement {
    let nothing: [&str; 0] = [];
    match (by_key, reads) {
        (true, _) => SecurityRequirement::new("key", nothing),
        (false, true) => SecurityRequirement::new("session", nothing),
        (false, false) => SecurityRequirement::new("session", nothing).add("csrf", nothing),
    }
}

fn problem_name(status: &str) -> Option<&'static str> {
    PROBLEMS.iter().find(|(known, ..)| *known == status).map(|(_, name, _)| *name)
}

/// Whether an answer is described as a bare problem, and nothing more is said of it.
fn is_problem(response: &RefOr<Response>) -> bool {
    let RefOr::T(response) = response else { return false };
    response.content.values().any(|content| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => schema.ref_location == PROBLEM_SCHEMA,
        _ => false,
    })
}

/// Problems with more fields than the bare one are sent with the same media type.
fn send_as_problem(status: &str, response: &mut Response) {
    if !status.starts_with(['4', '5']) {
        return;
    }
    if let Some(content) = response.content.shift_remove(JSON) {
        response.content.insert(PROBLEM.to_owned(), content);
    }
}

fn is_json(response: Option<&RefOr<Response>>) -> bool {
    matches!(response, Some(RefOr::T(response)) if response.content.contains_key(JSON))
}
