//! Slither, where it is installed: another pair of eyes.

use super::Audit;
use platform_audit::sarif;
use std::{path::Path, process::Command};

/// Runs Slither and takes in what it found.
pub(crate) fn run(folder: &Path, audit: &mut Audit) {
    // It compiles with what the folder's packages bring.
    let own = [folder.join("node_modules/.bin"), folder.join("script")].map(std::path::absolute);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(own.into_iter().flatten().chain(std::env::split_paths(&path)));
    let Ok(version) = Command::new("slither").arg("--version").output() else {
        audit.unchecked.push("Slither: it is not installed (pip install slither-analyzer)".into());
        return;
    };
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    // It exits with the number of its findings, so the answer says whether it went well.
    let answer = Command::new("slither")
        .args([".", "--sarif", "-", "--filter-paths", "node_modules|test|lib"])
        .env("PATH", path.unwrap_or_default())
        .current_dir(folder)
        .output();
    let found = match answer {
        Ok(answer) => sarif::read(&String::from_utf8_lossy(&answer.stdout)).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match found {
        Ok(found) => {
            audit.tools.insert("Slither".into());
            audit.import(&format!("Slither {version}"), found);
        }
        Err(error) => audit.unchecked.push(format!("Slither {version}: {error}")),
    }
}
