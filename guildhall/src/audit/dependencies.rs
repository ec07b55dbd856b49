//! Licences of what contracts build on.

use super::Audit;
use anyhow::Context;
use platform_audit::{Finding, Severity, Text};
use serde_json::Value;
use std::{fs, path::Path};

/// What a binding licence is found as.
pub(crate) const DETECTOR: &str = "dependency-licence";

/// Licences that don't let a business use the code as it wants.
const BINDING: [&str; 5] = ["GPL", "BUSL", "BSL", "UNLICENSED", "SSPL"];

/// Looks at the packages that `package.json` names as dependencies. What is
/// used for building alone does not reach the chain.
pub(crate) fn review(folder: &Path, audit: &mut Audit) -> anyhow::Result<()> {
    // Known faults are published day by day, and nothing here goes to the network.
    audit.unchecked.push("advisories of dependencies: run `npm audit` and `cargo deny check advisories` online".into());
    let file = folder.join("package.json");
    let Ok(text) = fs::read_to_string(&file) else {
        audit.unchecked.push(format!("licences of dependencies: {} can't be read", file.display()));
        return Ok(());
    };
    let package: Value = serde_json::from_str(&text).with_context(|| format!("can't read {}", file.display()))?;
    let mut number = 0;
    for name in package["dependencies"].as_object().into_iter().flat_map(|all| all.keys()) {
        let own = folder.join("node_modules").join(name).join("package.json");
        let told: Option<Value> = fs::read_to_string(&own).ok().and_then(|text| serde_json::from_str(&text).ok());
        match told {
            None => audit.unchecked.push(format!("licence of {name}: it is not installed")),
            Some(told) => {
                number += 1;
                audit.findings.extend(judge(name, told["license"].as_str().unwrap_or_default()));
            }
        }
    }
    audit.checked.push(format!("licences of {number} packages"));
    Ok(())
}

fn judge(name: &str, licence: &str) -> Option<Finding> {
    // Of several licences one may choose.
    let binds = |one: &str| one.is_empty() || BINDING.iter().any(|binding| one.to_uppercase().contains(binding));
    if !licence.split(" OR ").all(|one| binds(one.trim_matches(['(', ')', ' ']))) {
        return None;
    }
    let shown = if licence.is_empty() { "none" } else { licence };
    Some(Finding::stated(
        DETECTOR,
        Severity::Medium,
        name,
        Text::new(
            format!("The contracts build on {name}, whose licence is {shown}."),
            format!("合约依赖 {name}，其许可证为 {shown}。"),
        ),
        Text::new("Use a package with a permissive licence.", "改用许可宽松的软件包。"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_that_bind_are_found() {
        for licence in ["GPL-3.0-only", "AGPL-3.0", "BUSL-1.1", "UNLICENSED", ""] {
            assert!(judge("x", licence).is_some(), "{licence}");
        }
        for licence in ["MIT", "Apache-2.0", "(MIT OR GPL-3.0)", "ISC"] {
            assert!(judge("x", licence).is_none(), "{licence}");
        }
    }
}
