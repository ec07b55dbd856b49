//! Slither, where it is installed: another pair of eyes.

use super::Audit;
use platform_audit::sarif;
use std::{path::Path, process::Command};

/// Runs Slither and takes in what it found.
pub(crate) fn run(folder: &Path, audit: &mut Audit) {
    let Ok(version) = Command::new("slither").arg("--version").output() else {
        audit.unchecked.push("Slither: it is not installed (pip install slither-analyzer)".into());
        return;
    };
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    // It exits with the number of its findings, so the answer says whether it went well.
    let answer = Command::new("slither")
        .args([".", "--sarif", "-", "--filter-paths", "node_modules|test|lib"])
        .current_dir(folder)
        .output();
    let found = match answer {
        Ok(answer) => sarif::read(&String::from_utf8_lossy(&answer.stdout)).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match found {
        Ok(found) => {
            audit.checked.push(format!("Slither {version} ({} findings)", found.len()));
            audit.findings.extend(found);
        }
        Err(error) => audit.unchecked.push(format!("Slither {version}: {error}")),
    }
}
