//! What is refused at the EPCIS interfaces: problems (RFC 9457) with the exception types of EPCIS 2.0.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform_api::Problem;
use platform_index::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use super::validate::Violation;

/// A problem, with every rule that was broken.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TraceProblem)]
pub(crate) struct Refusal {
    /// The problem.
    #[serde(flatten)]
    pub(crate) problem: Problem,
    /// Every fault found: place, rule, and what to do. None where it is not what was sent that is wrong.
    pub(crate) errors: Vec<Violation>,
}

impl Refusal {
    /// An exception of the standard.
    pub(super) fn new(status: StatusCode, exception: &str, detail: impl Into<String>) -> Self {
        let problem = Problem {
            kind: format!("epcisException:{exception}"),
            title: exception.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
        };
        Self { problem, errors: Vec::new() }
    }

    /// 400: what was sent breaks rules.
    pub(super) fn invalid(what: &str, errors: Vec<Violation>) -> Self {
        let count = errors.len();
        let (first, rule) = errors.first().map_or(("", ""), |first| (first.path.as_str(), first.rule.as_str()));
        let faults = if count == 1 { "1 fault".to_owned() } else { format!("{count} faults") };
        let detail = format!("{what} has {faults}, the first at {first:?} ({rule}). Nothing of it was taken.");
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, "ValidationException", detail) }
    }

    /// 400: a query that cannot be meant.
    pub(super) fn query(errors: Vec<Violation>) -> Self {
        let detail = errors.first().map_or_else(String::new, |first| first.message.clone());
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, "QueryParameterException", detail) }
    }

    /// 404.
    pub(super) fn missing(what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NoSuchResourceException", format!("There is no {what}."))
    }

    /// 413.
    pub(super) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "CaptureLimitExceededException", detail)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let problem = match problem.status {
            401 | 403 => Problem { kind: "epcisException:SecurityException".to_owned(), ..problem },
            _ => problem,
        };
        Self { problem, errors: Vec::new() }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(self)).into_response()
    }
}
