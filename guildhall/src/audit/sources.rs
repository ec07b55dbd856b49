//! The sources of a folder, with all that they import.

use anyhow::Context;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

/// Folders that hold what others wrote, what a tool made, or what never
/// reaches a chain.
const ASIDE: [&str; 9] = ["node_modules", "lib", "out", "cache", "artifacts", "broadcast", "test", "tests", "script"];

/// What a folder's contracts are made of.
pub(crate) struct Sources {
    /// The text of every file, by the path the compiler knows it under.
    pub(crate) texts: BTreeMap<String, String>,
    /// Paths of those that are the folder's own.
    pub(crate) own: BTreeSet<String>,
}

/// Reads every Solidity file below `src/`, or below the folder itself where
/// there is no `src/`, and what they import.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Sources> {
    let remappings = remappings(folder);
    let mut waiting = Vec::new();
    let src = folder.join("src");
    if src.is_dir() {
        find(&src, "src/", &[], &mut waiting)?;
    } else {
        find(folder, "", &ASIDE, &mut waiting)?;
    }
    let own = waiting.iter().cloned().collect();
    let mut texts = BTreeMap::new();
    while let Some(path) = waiting.pop() {
        if texts.contains_key(&path) {
            continue;
        }
        let file = located(folder, &mapped(&remappings, &path));
        let text = fs::read_to_string(&file)
            .with_context(|| format!("can't read {} (is `npm install` still to do there?)", file.display()))?;
        waiting.extend(imports(&text).map(|import| absolute(&path, import)));
        texts.insert(path, text);
    }
    Ok(Sources { texts, own })
}

/// What the compiler is asked: the syntax tree of every file, and no code.
pub(crate) fn input(sources: &BTreeMap<String, String>) -> String {
    let contents: BTreeMap<&String, Value> =
        sources.iter().map(|(path, text)| (path, json!({ "content": text }))).collect();
    let settings = json!({ "evmVersion": "cancun", "outputSelection": { "*": { "": ["ast"] } } });
    json!({ "language": "Solidity", "sources": contents, "settings": settings }).to_string()
}

fn find(folder: &Path, before: &str, aside: &[&str], found: &mut Vec<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("can't list {}", folder.display()))? {
        let entry = entry.with_context(|| format!("can't list {}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link may lead round in a circle.
        let kind = entry.file_type().with_context(|| format!("can't read {}", entry.path().display()))?;
        if kind.is_dir() {
            if !aside.contains(&name.as_str()) && !name.starts_with('.') {
                find(&entry.path(), &format!("{before}{name}/"), aside, found)?;
            }
        } else if entry.path().extension().is_some_and(|extension| extension == "sol") {
            found.push(format!("{before}{name}"));
        }
    }
    Ok(())
}

/// Packages may be installed in a folder above.
fn located(folder: &Path, path: &Path) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let above = || whole.ancestors().skip(1).map(|above| above.join(path)).find(|file| file.is_file());
    let here = folder.join(path);
    if !here.is_file() && path.starts_with("node_modules") { above().unwrap_or(here) } else { here }
}

/// `prefix=folder/` of foundry.toml and remappings.txt.
fn remappings(folder: &Path) -> Vec<(String, String)> {
    let texts =
        ["foundry.toml", "remappings.txt"].map(|file| fs::read_to_string(folder.join(file)).unwrap_or_default());
    let quoted = |line: &str| line.trim().trim_end_matches(',').trim_matches('"').to_owned();
    let mut found = Vec::new();
    for line in texts.iter().flat_map(|text| text.lines()).map(quoted) {
        if let Some((prefix, target)) = line.split_once('=').filter(|(prefix, _)| prefix.ends_with('/')) {
            found.push((prefix.to_owned(), target.to_owned()));
        }
    }
    found
}

fn mapped(remappings: &[(String, String)], path: &str) -> PathBuf {
    let best = remappings.iter().filter(|(prefix, _)| path.starts_with(prefix)).max_by_key(|(prefix, _)| prefix.len());
    match best {
        Some((prefix, target)) => Path::new(target).join(&path[prefix.len()..]),
        None if path.starts_with('@') => Path::new("node_modules").join(path),
        None => path.into(),
    }
}

/// What a file imports. A line of a comment may look like it; then a file that
/// is not there is asked for, and the error says so.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let statements = text.split(';').filter_map(|statement| {
        let at = statement.rfind("import ").or_else(|| statement.rfind("import{"))?;
        let begins = statement[..at].chars().next_back().is_none_or(|before| before == '\n');
        begins.then(|| &statement[at..])
    });
    statements.filter_map(|statement| statement.split(['"', '\'']).nth(1))
}

/// The path of an import, seen from the file that has it.
fn absolute(from: &str, import: &str) -> String {
    if !import.starts_with('.') {
        return import.to_owned();
    }
    let mut path: Vec<String> = from.split('/').map(str::to_owned).collect();
    path.pop();
    for part in Path::new(import).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_and_placed() {
        let text = "// SPDX\npragma solidity 0.8.37;\n\nimport {\n    A\n} from \"../x/A.sol\";\nimport './B.sol';\ncontract C {}";
        let found: Vec<&str> = imports(text).collect();
        assert_eq!(found, ["../x/A.sol", "./B.sol"]);
        assert_eq!(absolute("src/market/C.sol", "../x/A.sol"), "src/x/A.sol");
        assert_eq!(absolute("src/market/C.sol", "./B.sol"), "src/market/B.sol");
        let remappings = [("@x/".to_owned(), "lib/x/".to_owned())];
        assert_eq!(mapped(&remappings, "@x/D.sol"), Path::new("lib/x/D.sol"));
        assert_eq!(mapped(&remappings, "@y/D.sol"), Path::new("node_modules/@y/D.sol"));
    }
}
