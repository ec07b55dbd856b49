//! What upgradeable contracts keep where, compared with what was committed: new
//! code must find what the old wrote.

use super::Audit;
use crate::solc::Solc;
use anyhow::{Context, anyhow};
use platform_audit::{Finding, Layout, Namespaces, Severity, Text, upgradeable};
use platform_business::Compiler;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What a layout that lost its way is found as.
pub(crate) const BROKEN: &str = "storage-layout";
/// What a layout that nobody committed is found as.
pub(crate) const STALE: &str = "storage-layout-not-committed";
/// Committed layouts below the contracts' folder.
const FOLDER: &str = "artifacts/layouts";

/// Compares the upgradeable contracts of `answer`, or writes their layouts.
pub(crate) async fn review(
    folder: &Path,
    sources: (&BTreeMap<String, String>, &BTreeSet<String>),
    answer: &Value,
    solc: &Solc,
    write: bool,
    audit: &mut Audit,
) -> anyhow::Result<()> {
    let (texts, own) = sources;
    let committed = folder.join(FOLDER);
    let contracts = upgradeable(answer, |path| own.contains(path));
    if contracts.is_empty() || !(write || committed.is_dir()) {
        if !contracts.is_empty() {
            let reason =
                format!("storage of {} upgradeable contracts: commit it with --write-layouts", contracts.len());
            audit.unchecked.push(reason);
        }
        return Ok(());
    }
    let namespaces = contracts.iter().map(|contract| Namespaces::of(answer, contract)).collect::<Result<Vec<_>, _>>();
    let namespaces = namespaces.map_err(anyhow::Error::msg)?;
    let settings = json!({ "evmVersion": "cancun" });
    let contents = texts.iter().map(|(path, text)| (path.clone(), json!({ "content": text }))).collect();
    let layouts = layouts(solc, Value::Object(contents), settings, &namespaces).await?;
    for (namespaces, layout) in namespaces.iter().zip(&layouts) {
        let name = namespaces.contract();
        let found = audit.findings.len();
        for earlier in earlier(&committed, name)? {
            let path = committed.join(format!("{earlier}.json"));
            let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
            let kept: Layout =
                serde_json::from_str(&text).with_context(|| format!("{} is no layout", path.display()))?;
            let broken: Vec<_> = kept.changes(layout).into_iter().filter(|change| change.kind.breaks()).collect();
            audit.findings.extend(broken.iter().map(|change| found_broken(name, &earlier, &change.place)));
        }
        let path = committed.join(format!("{name}.json"));
        let text = format!("{}\n", serde_json::to_string_pretty(layout)?);
        // What would lose its way is not made the measure of what comes later.
        if write && audit.findings.len() == found {
            fs::create_dir_all(&committed).with_context(|| format!("can't create {}", committed.display()))?;
            fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            audit.findings.push(found_stale(name));
        }
    }
    audit.checked.push(format!("storage of {} upgradeable contracts", layouts.len()));
    Ok(())
}

/// The layouts of contracts whose namespaces are known. `sources` and
/// `settings` are those of a standard JSON input.
pub(crate) async fn layouts(
    solc: &dyn Compiler,
    mut sources: Value,
    mut settings: Value,
    contracts: &[Namespaces],
) -> anyhow::Result<Vec<Layout>> {
    let mut outputs = serde_json::Map::new();
    for namespaces in contracts {
        sources[namespaces.harness_path()] = json!({ "content": namespaces.harness() });
        outputs.insert(namespaces.harness_path(), json!({ "*": ["storageLayout"] }));
        let of = outputs.entry(namespaces.file()).or_insert_with(|| json!({}));
        of[namespaces.contract()] = json!(["storageLayout"]);
    }
    settings["outputSelection"] = Value::Object(outputs);
    let input = json!({ "language": "Solidity", "sources": sources, "settings": settings });
    let answer = solc.compile(input.to_string()).await.map_err(|error| anyhow!("the compiler failed: {error}"))?;
    let answer: Value = serde_json::from_str(&answer).context("the compiler's answer")?;
    let error = |error: &&Value| error["severity"] == "error";
    if let Some(error) = answer["errors"].as_array().into_iter().flatten().find(error) {
        let said = error["formattedMessage"].as_str().unwrap_or("no message");
        return Err(anyhow!("the layouts do not compile: {said}"));
    }
    contracts.iter().map(|namespaces| namespaces.layout(&answer).map_err(anyhow::Error::msg)).collect()
}

/// The layouts that proxies on chains may still hold: `Name.json`, and
/// `NameV1.json` and so on.
fn earlier(committed: &Path, name: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    if !committed.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(committed).with_context(|| format!("can't list {}", committed.display()))? {
        let path: PathBuf = entry.with_context(|| format!("can't list {}", committed.display()))?.path();
        let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        let Some(stem) = file.strip_suffix(".json") else { continue };
        let version = stem.strip_prefix(name);
        let is_version = |rest: &str| {
            rest.is_empty()
                || rest
                    .strip_prefix('V')
                    .is_some_and(|number| !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit()))
        };
        if version.is_some_and(is_version) {
            found.insert(stem.to_owned());
        }
    }
    Ok(found)
}

fn found_broken(name: &str, earlier: &str, place: &str) -> Finding {
    Finding::stated(
        BROKEN,
        Severity::High,
        &format!("{name} after {earlier}: {place}"),
        Text::new(
            format!(
                "{place} of {name} is not where or what it was in {earlier}: behind a proxy that holds {earlier}, new code would read one thing as another."
            ),
            format!(
                "{name} 的 {place} 与 {earlier} 中的位置或类型不同：在运行 {earlier} 的代理后面，新代码会把一项数据当作另一项来读取。"
            ),
        ),
        Text::new(
            "Leave every field where it was and as it was; add new ones behind the last.",
            "保持原有字段的位置与类型不变；新字段加在最后。",
        ),
    )
}

fn found_stale(name: &str) -> Finding {
    Finding::stated(
        STALE,
        Severity::Medium,
        name,
        Text::new(
            format!(
                "What {name} keeps where is not what is committed in {FOLDER}/{name}.json: the next upgrade could not be compared with it."
            ),
            format!("{name} 的存储布局与已提交的 {FOLDER}/{name}.json 不一致：下次升级将无从比较。"),
        ),
        Text::new(
            "Write it with `guildhall audit --write-layouts`, and commit it.",
            "用 `guildhall audit --write-layouts` 写出并提交。",
        ),
    )
}
