//! The Ethereum execution API's own cases, over HTTP, against a node that
//! imported their chain.
//!
//! A case is a file of `// comments`, `>> requests` and `<< responses`. A
//! response must match in full; of an error only the message is free. A case
//! marked `speconly` is checked by its shape.

use crate::rpc;
use alloy_primitives::Bytes;
use ledger_chain::{ChainSpec, decode_block};
use ledger_execution::Ledger;
use ledger_state::StoreOptions;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// From the package's folder, in which cargo runs its tests.
const CASES: &str = "../../../shared/conformance/rpc-compat";

/// Cases that can't pass, each with its reason.
const EXCEPTIONS: [(&str, &str); 0] = [];

#[test]
fn execution_api_cases() {
    let root = std::env::var_os("GUILDHALL_RPC_COMPAT").map_or_else(|| PathBuf::from(CASES), PathBuf::from);
    if !root.is_dir() {
        println!("skipped: the execution API's cases are not on this machine");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let spec = Arc::new(ChainSpec::from_json(&std::fs::read(root.join("genesis.json")).unwrap()).unwrap());
    import(directory.path(), &spec, &std::fs::read(root.join("chain.rlp")).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let node = rpc::start(directory.path(), spec, None);
    assert!(!node.seals(), "blocks must not be made on an imported chain");
    let address = rpc::serve(&runtime, &node);

    let mut passed = 0;
    let mut failures = Vec::new();
    for case in cases(&root) {
        let name = case.strip_prefix(&root).unwrap().display().to_string();
        if EXCEPTIONS.iter().any(|(excepted, _)| *excepted == name) {
            continue;
        }
        match run(address, &std::fs::read_to_string(&case).unwrap()) {
            Ok(()) => passed += 1,
            Err(reason) => failures.push(format!("{name}: {reason}")),
        }
    }
    assert!(failures.is_empty(), "{passed} passed, {} failed:\n{}", failures.len(), failures.join("\n"));
    println!("{passed} cases passed");
    assert!(passed > 0, "no case was found under {}", root.display());
}

fn import(directory: &Path, spec: &Arc<ChainSpec>, chain: &[u8]) {
    let ledger = Ledger::open(StoreOptions::new(directory, Arc::clone(spec))).unwrap();
    let mut rest = chain;
    while !rest.is_empty() {
        let block = decode_block(&mut rest).unwrap();
        let number = block.header.number;
        let candidate = ledger.verify(block).unwrap_or_else(|error| panic!("block {number}: {error}"));
        ledger.commit(candidate, Bytes::new()).unwrap();
    }
}

fn cases(root: &Path) -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|method| std::fs::read_dir(method).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "io"))
        .collect();
    cases.sort();
    cases
}

fn run(address: SocketAddr, case: &str) -> Result<(), String> {
    let shape_only = case.lines().any(|line| line.starts_with("// speconly"));
    let mut answer = None;
    for line in case.lines() {
        if let Some(request) = line.strip_prefix(">>") {
            answer = Some(rpc::post(address, request.trim()));
        } else if let Some(expected) = line.strip_prefix("<<") {
            let expected: Value = serde_json::from_str(expected).unwrap();
            let actual = answer.take().ok_or("a response without a request")?;
            compare(expected, actual, shape_only)?;
        }
    }
    Ok(())
}

fn compare(mut expected: Value, mut actual: Value, shape_only: bool) -> Result<(), String> {
    if shape_only {
        return shape(&[&expected], &actual, "", false);
    }
    for answer in [&mut expected, &mut actual] {
        if let Some(error) = answer.get_mut("error").and_then(Value::as_object_mut) {
            error.remove("message");
        }
    }
    let mut differences = Vec::new();
    differ(&expected, &actual, "", &mut differences);
    if differences.is_empty() {
        return Ok(());
    }
    differences.truncate(8);
    Err(differences.join("; "))
}

fn differ(expected: &Value, actual: &Value, path: &str, differences: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let at = format!("{path}.{key}");
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => differ(left, right, &at, differences),
                    (Some(left), None) => differences.push(format!("{at} is missing, expected {left}")),
                    (None, right) => differences.push(format!("{at} is extra: {}", right.unwrap_or(&Value::Null))),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differ(left, right, &format!("{path}[{index}]"), differences);
            }
        }
        _ if expected == actual => {}
        _ => differences.push(format!("{path} is {actual}, expected {expected}")),
    }
}

/// Whether `actual` has the shape of the models: keys that any of them has,
/// at least those that all have, the same types, hex where hex is expected.
/// What stands in a map by address, hash or nonce may be of a kind that no
/// model shows, such as a blob transaction that an earlier case sent.
fn shape(models: &[&Value], actual: &Value, path: &str, open: bool) -> Result<(), String> {
    let Some(model) = models.iter().find(|model| !model.is_null()) else { return Ok(()) };
    match (model, actual) {
        (Value::Object(_), Value::Object(object)) => {
            let maps: Vec<_> = models.iter().filter_map(|model| model.as_object()).collect();
            if maps.iter().all(|map| map.keys().all(|key| is_data(key))) {
                let values: Vec<&Value> = maps.iter().flat_map(|map| map.values()).collect();
                return object
                    .iter()
                    .try_for_each(|(key, value)| shape(&values, value, &format!("{path}.{key}"), true));
            }
            let needed = maps[0].keys().filter(|key| maps.iter().all(|map| map.contains_key(*key)));
            if let Some(key) = needed.into_iter().find(|key| !object.contains_key(*key)) {
                return Err(format!("{path}.{key} is missing"));
            }
            object.iter().try_for_each(|(key, value)| {
                let values: Vec<&Value> = maps.iter().filter_map(|map| map.get(key)).collect();
                if values.is_empty() && !open {
                    return Err(format!("{path}.{key} is extra"));
                }
                shape(&values, value, &format!("{path}.{key}"), open)
            })
        }
        (Value::Array(_), Value::Array(elements)) => {
            let values: Vec<&Value> = models.iter().filter_map(|model| model.as_array()).flatten().collect();
            let mut elements = elements.iter().enumerate();
            elements.try_for_each(|(index, value)| shape(&values, value, &format!("{path}[{index}]"), open))
        }
        (Value::String(left), Value::String(right)) if left.starts_with("0x") != right.starts_with("0x") => {
            Err(format!("{path} is {right}, expected the like of {left}"))
        }
        _ if models.iter().any(|model| std::mem::discriminant(*model) == std::mem::discriminant(actual)) => Ok(()),
        _ => Err(format!("{path} is {actual}, expected the like of {model}")),
    }
}

/// Whether a key is an address, a hash or a number, not a name.
fn is_data(key: &str) -> bool {
    key.starts_with("0x") || key.parse::<u64>().is_ok()
}
