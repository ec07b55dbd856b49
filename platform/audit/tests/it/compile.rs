//! Runs the compiler that npm installed for the contracts.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use platform_audit::{Program, ProgramError};
use serde_json::{Value, json};

/// The fixtures, compiled once for all tests.
pub(crate) static FIXTURES: LazyLock<Program> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut sources = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        sources.insert(name, std::fs::read_to_string(path).unwrap());
    }
    program(&sources).unwrap()
});

/// Compiles sources, given by their paths.
pub(crate) fn program(sources: &BTreeMap<String, String>) -> Result<Program, ProgramError> {
    let outputs = json!({ "*": { "": ["ast"] } });
    Program::read(&compile(sources, &outputs), sources, |path| !path.starts_with('@'))
}

/// What the compiler answers when it is asked for `outputs` of these sources.
pub(crate) fn compile(sources: &BTreeMap<String, String>, outputs: &Value) -> Value {
    let contents: BTreeMap<&String, Value> =
        sources.iter().map(|(path, text)| (path, json!({ "content": text }))).collect();
    let settings = json!({ "evmVersion": "cancun", "outputSelection": outputs });
    let input = json!({ "language": "Solidity", "sources": contents, "settings": settings });
    let solc: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/script/solc");
    let mut child =
        Command::new(&solc).arg("--standard-json").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{} failed: run `npm install` in contracts/", solc.display());
    serde_json::from_slice(&output.stdout).unwrap()
}
