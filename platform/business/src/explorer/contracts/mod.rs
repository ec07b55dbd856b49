//! Contracts and their sources: recompiled, compared with the code on chain, and kept where they agree.

mod compare;
mod compiler;
mod store;
mod view;

use std::time::{SystemTime, UNIX_EPOCH};

use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, B256, b256, keccak256};
use axum::http::StatusCode;
use platform_api::Problem;
use platform_index::BlockTag;
use serde_json::Value as Json;

pub use compiler::{Compiler, CompilerError};
pub(crate) use store::{SOURCES, Verified};
pub(crate) use view::{ContractView, VerificationRequest};

use self::store::Sources;
use self::view::VerifiedView;
use crate::context::Context;
use crate::wire::show;

/// Where an ERC-1967 proxy keeps its implementation.
const IMPLEMENTATION: B256 = b256!("360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");
/// The most source files of one contract.
const FILES_MAX: usize = 500;

/// What stands at an address, and its sources where they are known.
pub(super) async fn contract(app: &Context, address: Address) -> Result<ContractView, Problem> {
    let code = app.source.code(address, BlockTag::Latest).await?;
    if code.is_empty() {
        return Err(Problem::not_found(format!("code at {}", show(address))));
    }
    let slot = app.source.storage(address, IMPLEMENTATION, BlockTag::Latest).await?;
    let implementation = Some(Address::from_word(slot)).filter(|implementation| !implementation.is_zero());
    let sources = store::load(&app.store, address).await?;
    Ok(ContractView {
        address: show(address),
        name: app.contract_name(address),
        code_hash: keccak256(&code).to_string(),
        code_bytes: code.len() as u64,
        implementation: implementation.map(show),
        implementation_name: implementation.and_then(|implementation| app.contract_name(implementation)),
        compiler: match &app.compiler {
            Some(compiler) => compiler.version().await.ok(),
            None => None,
        },
        verified: sources.map(VerifiedView::from),
    })
}

/// Compiles sources and keeps them if they give the code at `address`.
pub(super) async fn verify(
    app: &Context,
    address: Address,
    request: VerificationRequest,
) -> Result<ContractView, Problem> {
    let compiler = app.compiler.as_ref().ok_or_else(|| {
        Problem::unavailable("This server has no Solidity compiler. Its operator can start it with --solc PATH.")
    })?;
    let code = app.source.code(address, BlockTag::Latest).await?;
    if code.is_empty() {
        return Err(Problem::not_found(format!("code at {}", show(address))));
    }
    let input = prepare(request.input)?;
    let sources = input["sources"].clone();
    let settings = input["settings"].clone();
    // One at a time: compiling takes a whole core.
    let Ok(_turn) = app.verified.compiling.try_lock() else {
        return Err(Problem::unavailable("Another contract is being compiled. Try again in a minute."));
    };
    let version = compiler.version().await.map_err(unavailable)?;
    let output = compiler.compile(input.to_string()).await.map_err(unavailable)?;
    let output: Json = serde_json::from_str(&output).map_err(|error| Problem::internal(&error))?;
    check_errors(&output)?;
    let (name, compiled) = find(&output, &request.contract)?;
    let abi: JsonAbi = serde_json::from_value(compiled["abi"].clone()).map_err(|error| Problem::internal(&error))?;
    let matched = compare::compare(&code, &compiled["evm"]["deployedBytecode"])
        .map_err(|mismatch| unprocessable(format!("{mismatch} (compiled with {version})")))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let found = Sources { name, compiler: version, matched, settings, sources, abi, verified_at: now };
    store::keep(&app.store, address, &found).await?;
    app.verified.learn(address, &found);
    contract(app, address).await
}

fn unprocessable(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "verification", detail)
}

fn unavailable(error: CompilerError) -> Problem {
    Problem::unavailable(error.to_string())
}

/// Checks a standard JSON input and asks for just what is compared. Nothing is read but what the input holds.
fn prepare(mut input: Json) -> Result<Json, Problem> {
    if input["language"] != "Solidity" {
        return Err(Problem::invalid("input: \"language\" must be \"Solidity\""));
    }
    let sources = input["sources"].as_object().filter(|sources| !sources.is_empty());
    let sources = sources.ok_or_else(|| Problem::invalid("input: \"sources\" must hold at least one file"))?;
    if sources.len() > FILES_MAX {
        return Err(Problem::too_large(format!("input: at most {FILES_MAX} source files")));
    }
    if let Some((path, _)) = sources.iter().find(|(_, source)| !source["content"].is_string()) {
        return Err(Problem::invalid(format!("input: source {path} must have its text in \"content\"")));
    }
    let files: serde_json::Map<String, Json> = sources
        .iter()
        .map(|(path, source)| (path.clone(), serde_json::json!({ "content": source["content"] })))
        .collect();
    input["sources"] = files.into();
    if !input["settings"].is_object() {
        input["settings"] = serde_json::json!({});
    }
    if let Some(settings) = input["settings"].as_object_mut() {
        // Proving is not compiling, and takes as long as it likes.
        settings.remove("modelChecker");
        let wanted = serde_json::json!({ "*": { "*": ["abi", "evm.deployedBytecode"] } });
        settings.insert("outputSelection".into(), wanted);
    }
    Ok(input)
}

fn check_errors(output: &Json) -> Result<(), Problem> {
    let errors: Vec<&str> = output["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|error| error["severity"] == "error")
        .filter_map(|error| error["formattedMessage"].as_str().or_else(|| error["message"].as_str()))
        .take(5)
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(unprocessable(errors.join("\n"))) }
}

/// The contract named `Name` or `path:Name`.
fn find<'a>(output: &'a Json, wanted: &str) -> Result<(String, &'a Json), Problem> {
    let (path, name) = wanted.rsplit_once(':').map_or((None, wanted), |(path, name)| (Some(path), name));
    let files = output["contracts"].as_object().into_iter().flatten();
    let mut found = files
        .filter(|(file, _)| path.is_none_or(|path| path == file.as_str()))
        .filter_map(|(file, contracts)| Some((file, contracts.get(name)?)));
    let Some((_, compiled)) = found.next() else {
        return Err(unprocessable(format!("The sources have no contract {wanted}.")));
    };
    if let Some((other, _)) = found.next() {
        return Err(unprocessable(format!("More than one file has a contract {name}; name it as {other}:{name}.")));
    }
    Ok((name.to_owned(), compiled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn inputs_that_read_files_or_are_not_solidity_are_refused() {
        assert!(prepare(json!({ "language": "Yul", "sources": { "a": { "content": "" } } })).is_err());
        assert!(prepare(json!({ "language": "Solidity", "sources": {} })).is_err());
        let urls = json!({ "language": "Solidity", "sources": { "a.sol": { "urls": ["/etc/passwd"] } } });
        assert!(prepare(urls).is_err());
        let kept = prepare(json!({ "language": "Solidity", "sources": { "a.sol": { "content": "x", "urls": ["b"] } },
            "settings": { "modelChecker": {}, "optimizer": { "enabled": true } } }))
        .unwrap();
        assert_eq!(kept["sources"]["a.sol"], json!({ "content": "x" }));
        assert!(kept["settings"].get("modelChecker").is_none());
        assert_eq!(kept["settings"]["optimizer"]["enabled"], true);
    }

    #[test]
    fn a_name_in_two_files_must_be_told_apart() {
        let output =
            json!({ "contracts": { "a.sol": { "T": { "abi": [] } }, "b.sol": { "T": { "abi": [] }, "U": {} } } });
        assert!(find(&output, "T").is_err());
        assert!(find(&output, "b.sol:T").is_ok());
        assert!(find(&output, "U").is_ok());
        assert!(find(&output, "V").is_err());
    }
}
