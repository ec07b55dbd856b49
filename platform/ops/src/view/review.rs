//! Wire types of reviews and of the reports that everybody may read.

use platform_api::calendar::rfc3339;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::records::Incident;
use crate::review::{Findings, Review, ReviewState};
use crate::words::Words;

/// A review, for those who write it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsReview)]
pub(crate) struct ReviewView {
    /// The incident it is of.
    pub(crate) incident: u64,
    /// What people say.
    pub(crate) findings: Findings,
    /// Who wrote on it; none of them can approve it.
    pub(crate) authors: Vec<String>,
    /// Where it is in its life.
    pub(crate) state: ReviewState,
    /// Who approved it.
    pub(crate) approved_by: Option<String>,
    /// When it was published.
    pub(crate) published: Option<String>,
    /// Keccak-256 of the report.
    pub(crate) digest: Option<String>,
    /// The transaction that carries its hash.
    pub(crate) transaction: Option<String>,
}

/// A published report in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentReportSummary)]
pub(crate) struct ReportSummary {
    /// The incident it is of.
    pub(crate) incident: u64,
    /// What it was about.
    pub(crate) title: Words,
    /// From P1 to P5.
    pub(crate) severity: String,
    /// When it was published.
    pub(crate) published: Option<String>,
}

/// A published report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentReport)]
pub(crate) struct ReportView {
    /// The incident it is of.
    pub(crate) incident: u64,
    /// The report to the letter, as JSON text: its Keccak-256 is the digest.
    pub(crate) document: String,
    /// Keccak-256 of the document.
    pub(crate) digest: String,
    /// The transaction whose input is the digest.
    pub(crate) transaction: String,
    /// The block of it.
    pub(crate) block_number: u64,
    /// When it was published.
    pub(crate) published: Option<String>,
}

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct ReportQuery {
    /// At most this many; 50 where it is not said, 200 at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u64>,
}

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        Self {
            digest: review.digest().map(|digest| digest.to_string()),
            incident: review.incident,
            findings: review.findings,
            authors: review.authors,
            state: review.state,
            approved_by: review.approved_by,
            published: review.published.map(rfc3339),
            transaction: review.transaction.map(|hash| hash.to_string()),
        }
    }
}

impl ReportSummary {
    pub(crate) fn of(review: &Review, incident: Incident) -> Self {
        Self {
            incident: incident.id,
            title: incident.title,
            severity: incident.severity.name().to_owned(),
            published: review.published.map(rfc3339),
        }
    }
}

impl ReportView {
    /// Nothing where it is not published.
    pub(crate) fn of(review: Review) -> Option<Self> {
        let digest = review.digest()?;
        Some(Self {
            incident: review.incident,
            digest: digest.to_string(),
            transaction: review.transaction?.to_string(),
            block_number: review.block?,
            published: review.published.map(rfc3339),
            document: review.report?,
        })
    }
}
