//! What the contract endpoints take and answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::compare::Match;
use super::store::Sources;

/// Sources to check against the code on chain.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VerificationRequest)]
pub(crate) struct VerificationRequest {
    /// Which contract of the sources: `Name`, or `path:Name`.
    pub(crate) contract: String,
    /// The compiler's standard JSON input, as `forge verify-contract --show-standard-json-input` prints it.
    #[schema(value_type = Object)]
    pub(crate) input: serde_json::Value,
}

/// A source file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceFile)]
pub(crate) struct SourceFileView {
    /// Its path.
    pub(crate) path: String,
    /// Its text.
    pub(crate) content: String,
}

/// Sources that give the code on chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifiedSources)]
pub(crate) struct VerifiedView {
    /// The contract's name in its sources.
    pub(crate) name: String,
    /// The compiler's version.
    pub(crate) compiler: String,
    /// How well they fit.
    #[serde(rename = "match")]
    pub(crate) matched: Match,
    /// The compiler's settings.
    #[schema(value_type = Object)]
    pub(crate) settings: serde_json::Value,
    /// The files in order of path, those of libraries last.
    pub(crate) files: Vec<SourceFileView>,
    /// The interface.
    #[schema(value_type = Vec<Object>)]
    pub(crate) abi: serde_json::Value,
    /// When, in seconds since 1970.
    pub(crate) timestamp: u64,
}

/// Where package managers and forge put what is not one's own.
fn is_library(path: &str) -> bool {
    ["node_modules/", "lib/", "@"].iter().any(|folder| path.starts_with(folder))
}

impl From<Sources> for VerifiedView {
    fn from(sources: Sources) -> Self {
        let mut files: Vec<SourceFileView> = sources
            .sources
            .as_object()
            .into_iter()
            .flatten()
            .map(|(path, source)| SourceFileView {
                path: path.clone(),
                content: source["content"].as_str().unwrap_or_default().to_owned(),
            })
            .collect();
        // What somebody wrote before what they used.
        files.sort_by_key(|file| is_library(&file.path));
        Self {
            name: sources.name,
            compiler: sources.compiler,
            matched: sources.matched,
            settings: sources.settings,
            files,
            abi: serde_json::to_value(sources.abi).unwrap_or_default(),
            timestamp: sources.verified_at,
        }
    }
}

/// A contract.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contract)]
pub(crate) struct ContractView {
    /// Checksummed address.
    pub(crate) address: String,
    /// What it is called.
    pub(crate) name: Option<String>,
    /// Hash of its code.
    pub(crate) code_hash: String,
    /// Bytes of its code.
    pub(crate) code_bytes: u64,
    /// The contract that it forwards to, where it is an ERC-1967 proxy.
    pub(crate) implementation: Option<String>,
    /// What that is called.
    pub(crate) implementation_name: Option<String>,
    /// The version of the compiler on this server; none where there is no compiler.
    pub(crate) compiler: Option<String>,
    /// Its sources, where somebody has shown them.
    pub(crate) verified: Option<VerifiedView>,
}
