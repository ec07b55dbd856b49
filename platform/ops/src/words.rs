//! Text in the two languages that everybody here reads one of.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The same in English and Chinese.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpsWords)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}
