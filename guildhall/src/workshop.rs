//! Where new code for the house's contracts is compiled, put on the chain, and
//! written down.

use crate::{audit::layouts, house::House};
use alloy_primitives::{Bytes, keccak256};
use anyhow::{Context, anyhow, ensure};
use async_trait::async_trait;
use platform_audit::{Layout, Namespaces};
use platform_business::Compiler;
use platform_ops::{Built, Workshop};
use platform_protocol::{Standing, Submit, layout_of, running};
use serde_json::{Value, json};
use std::sync::Arc;

/// The most that a transaction may take (EIP-7825): enough for the largest code.
const CREATION_GAS: u64 = 1 << 24;
/// The most source files of one contract.
const FILES_MAX: usize = 500;

/// The workshop of a running house.
pub(crate) struct HouseWorkshop {
    house: Arc<House>,
    /// One at a time: compiling takes a whole core.
    compiling: tokio::sync::Mutex<()>,
}

impl HouseWorkshop {
    pub(crate) fn new(house: Arc<House>) -> Self {
        Self { house, compiling: tokio::sync::Mutex::default() }
    }

    async fn built(&self, input: &str, contract: &str) -> anyhow::Result<Built> {
        let solc = self
            .house
            .solc()
            .context("there is no Solidity compiler here: whoever runs the house can start it with --solc FILE")?;
        let Ok(_turn) = self.compiling.try_lock() else {
            anyhow::bail!("something else is being compiled: try again in a minute");
        };
        let mut input: Value = serde_json::from_str(input).context("the input is no JSON")?;
        let (sources, settings) = prepared(&mut input)?;
        let compiler = solc.version().await?;
        // First the trees alone: they say which contract is meant.
        let ask = |settings: &Value, outputs: Value| {
            let mut settings = settings.clone();
            settings["outputSelection"] = outputs;
            json!({ "language": "Solidity", "sources": sources, "settings": settings }).to_string()
        };
        let trees = answer(&solc.compile(ask(&settings, json!({ "*": { "": ["ast"] } }))).await?)?;
        let namespaces = Namespaces::of(&trees, contract).map_err(anyhow::Error::msg)?;
        let (file, name) = (namespaces.file(), namespaces.contract());
        let outputs = json!({ file: { name: ["abi", "evm.bytecode"] } });
        let code = answer(&solc.compile(ask(&settings, outputs)).await?)?;
        let code = &code["contracts"][file][name];
        let text = code["evm"]["bytecode"]["object"].as_str().unwrap_or_default();
        ensure!(!text.is_empty(), "{name} gives no code: it is abstract or an interface");
        ensure!(
            code["evm"]["bytecode"]["linkReferences"].as_object().is_none_or(serde_json::Map::is_empty),
            "{name} needs libraries that are linked by address, which can't be done here"
        );
        let creation = alloy_primitives::hex::decode(text).context("the compiler's code does not read")?.into();
        let abi = serde_json::from_value(code["abi"].clone()).context("the compiler's interface does not read")?;
        let name = format!("{file}:{name}");
        let mut found = layouts::layouts(solc, sources.clone(), settings, &[namespaces]).await?;
        let layout = found.pop().context("the compiler gives no layout")?;
        Ok(Built { name, compiler, creation, abi, layout })
    }

    async fn known(&self, contract: &str, code: &Standing) -> anyhow::Result<Option<Layout>> {
        let code = Submit::code(&self.house.embedded, code.address).await?;
        let known = layout_of(contract, &code).map(serde_json::from_str).transpose();
        known.context("a committed layout does not read")
    }

    async fn created(&self, creation: &Bytes) -> anyhow::Result<Standing> {
        let mined = self.house.create(creation.clone(), CREATION_GAS).await?;
        let address = mined.created.filter(|_| mined.success);
        let address = address.with_context(|| format!("the code could not be created: {} failed", mined.hash))?;
        let code = Submit::code(&self.house.embedded, address).await?;
        ensure!(!code.is_empty(), "the constructor left no code");
        Ok(Standing { address, code_hash: keccak256(&code) })
    }
}

#[async_trait]
impl Workshop for HouseWorkshop {
    async fn compile(&self, input: &str, contract: &str) -> Result<Built, String> {
        self.built(input, contract).await.map_err(said)
    }

    async fn running(&self, contract: &str) -> Result<Standing, String> {
        let manifest = &self.house.manifest;
        let found = running(&self.house.embedded, manifest, contract).await.map_err(|error| error.to_string())?;
        found.ok_or_else(|| format!("{contract} is no contract of this house whose code can be changed"))
    }

    async fn layout(&self, contract: &str, code: &Standing) -> Result<Option<Layout>, String> {
        self.known(contract, code).await.map_err(said)
    }

    async fn place(&self, creation: &Bytes) -> Result<Standing, String> {
        self.created(creation).await.map_err(said)
    }

    async fn announce(&self, contract: &str, next: &Standing) -> Result<(), String> {
        self.house.announce_code(contract, next).map_err(said)
    }

    async fn settle(&self) -> Result<(), String> {
        self.house.settle_code().await.map_err(said)
    }
}

fn said(error: anyhow::Error) -> String {
    format!("{error:#}")
}

/// Sources and settings of a standard JSON input. Nothing is read but what it
/// holds.
fn prepared(input: &mut Value) -> anyhow::Result<(Value, Value)> {
    ensure!(input["language"] == "Solidity", "the input is no standard JSON of Solidity: it has no such \"language\"");
    let given = input["sources"].as_object().filter(|given| !given.is_empty());
    let given = given.context("the input has no \"sources\"")?;
    ensure!(given.len() <= FILES_MAX, "the input has more than {FILES_MAX} source files");
    let mut sources = serde_json::Map::new();
    for (path, source) in given {
        let text = source["content"].as_str();
        let text = text.with_context(|| format!("the source {path} must have its text in \"content\""))?;
        sources.insert(path.clone(), json!({ "content": text }));
    }
    let mut settings = input["settings"].take();
    match settings.as_object_mut() {
        // Proving is not compiling, and takes as long as it likes.
        Some(settings) => drop(settings.remove("modelChecker")),
        None => settings = json!({}),
    }
    Ok((Value::Object(sources), settings))
}

fn answer(text: &str) -> anyhow::Result<Value> {
    let answer: Value = serde_json::from_str(text).context("the compiler's answer does not read")?;
    let errors = answer["errors"].as_array().into_iter().flatten().filter(|error| error["severity"] == "error");
    let errors: Vec<&str> = errors.filter_map(|error| error["formattedMessage"].as_str()).take(3).collect();
    if errors.is_empty() { Ok(answer) } else { Err(anyhow!("the sources do not compile:\n{}", errors.join("\n"))) }
}

#[cfg(test)]
mod tests;
