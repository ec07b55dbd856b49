//! What is refused of the descriptions and pictures people send.

use platform_api::Problem;

/// A description or picture that is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum ContentError {
    #[error("the title is empty: give one in English or Chinese")]
    NoTitle,
    #[error("{what} has {found} characters, {most} is the most")]
    TooLong { what: &'static str, found: usize, most: usize },
    #[error("there is no category {0:?}: see /api/v1/market/categories")]
    UnknownCategory(String),
    #[error("{what}: {found} are too many, {most} is the most")]
    TooMany { what: &'static str, found: usize, most: usize },
    #[error("picture {0} has not been uploaded: send it to /api/v1/media first")]
    UnknownPicture(String),
    #[error("this is neither a PNG, a JPEG nor a WebP picture")]
    NotAPicture,
    #[error("the picture has {found} bytes, {most} is the most")]
    TooLarge { found: usize, most: usize },
}

impl From<ContentError> for Problem {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::TooLarge { .. } => Self::too_large(error.to_string()),
            _ => Self::invalid(error.to_string()),
        }
    }
}
