//! New code as the console gets it.

use platform_api::calendar::rfc3339;
use platform_audit::{Change, ChangeKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::StandingView;
use crate::code::NewCode;

/// Sources of new code.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpsCodeRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeBody {
    /// The contract that is to run it, such as `Market`.
    pub(crate) contract: String,
    /// The Solidity compiler's standard JSON input: `forge verify-contract --show-standard-json-input` prints it.
    #[schema(value_type = Object)]
    pub(crate) input: serde_json::Value,
    /// Which contract of the sources, as `Name` or `path:Name`.
    pub(crate) name: String,
    /// What its constructor is given, as text; `@Name` is a contract's address.
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
}

/// New code, compared with what runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsCode)]
pub(crate) struct CodeView {
    /// Its number.
    pub(crate) id: u64,
    /// The contract that is to run it.
    pub(crate) contract: String,
    /// The contract of the sources, as `path:Name`.
    pub(crate) name: String,
    /// Version of the compiler.
    pub(crate) compiler: String,
    /// Keccak-256 of the standard JSON input, its keys in the order of the alphabet.
    pub(crate) input_hash: String,
    /// Size of what creates it, in bytes.
    pub(crate) creation_bytes: u64,
    /// The code that ran when it was compared.
    pub(crate) before: StandingView,
    /// Where it was put on the chain, once it was.
    pub(crate) placed: Option<StandingView>,
    /// Namespaces whose storage was compared (ERC-7201); an empty one is that of state variables.
    pub(crate) namespaces: Vec<String>,
    /// How its storage differs.
    pub(crate) changes: Vec<LayoutChangeView>,
    /// Whether it would read something as something else. Such code is not proposed.
    pub(crate) breaks: bool,
    /// Who brought it.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
}

/// A difference between where two codes keep what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpsLayoutChange)]
pub(crate) struct LayoutChangeView {
    /// What is different: a namespace, a struct, or a field of one.
    pub(crate) place: String,
    /// `added`, `gone`, `moved`, `retyped` or `resized`.
    pub(crate) kind: &'static str,
    /// Whether it would be read as something else.
    pub(crate) breaks: bool,
    /// How it was.
    pub(crate) before: Option<String>,
    /// How it is.
    pub(crate) after: Option<String>,
}

impl From<NewCode> for CodeView {
    fn from(code: NewCode) -> Self {
        Self {
            breaks: code.broken().is_some(),
            id: code.id,
            contract: code.contract,
            name: code.name,
            compiler: code.compiler,
            input_hash: code.input.to_string(),
            creation_bytes: code.creation.len() as u64,
            before: code.before.into(),
            placed: code.placed.map(Into::into),
            namespaces: code.layout.roots.into_keys().collect(),
            changes: code.changes.into_iter().map(Into::into).collect(),
            by: code.by,
            at: rfc3339(code.at_ms / 1_000),
        }
    }
}

impl From<Change> for LayoutChangeView {
    fn from(change: Change) -> Self {
        let kind = match change.kind {
            ChangeKind::Added => "added",
            ChangeKind::Gone => "gone",
            ChangeKind::Moved => "moved",
            ChangeKind::Retyped => "retyped",
            ChangeKind::Resized => "resized",
        };
        Self { kind, breaks: change.kind.breaks(), place: change.place, before: change.before, after: change.after }
    }
}
