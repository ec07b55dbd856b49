//! Running programs, and having those that a check needs.

use anyhow::{Context, bail, ensure};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The workspace's folder: that of whoever runs this, since clones that share
/// a build cache run the program that one of them built.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Where builds go.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a program in a folder of the workspace.
pub(crate) fn run(folder: &str, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    run_with(folder, program, arguments, &[])
}

/// Runs a program with further environment variables.
pub(crate) fn run_with(
    folder: &str,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> anyhow::Result<()> {
    let status = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root().join(folder))
        .status()
        .with_context(|| format!("can't run {program}: is it installed?"))?;
    ensure!(status.success(), "{program} {} failed", arguments.join(" "));
    Ok(())
}

/// What a program prints.
pub(crate) fn output(folder: &str, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root().join(folder))
        .output()
        .with_context(|| format!("can't run {program}: is it installed?"))?;
    ensure!(
        output.status.success(),
        "{program} {} failed:\n{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Cargo, as the one that runs this.
pub(crate) fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    run(".", &cargo, arguments)
}

/// Installs a folder's npm packages where the lock file is newer.
pub(crate) fn npm_packages(folder: &str) -> anyhow::Result<()> {
    let modified = |path: PathBuf| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    let lock = modified(root().join(folder).join("package-lock.json"));
    let installed = modified(root().join(folder).join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= lock {
        return Ok(());
    }
    // `ci` demands that the lock file lists the binaries of every platform,
    // which a registry may not have; `install` keeps to the versions of the
    // lock file all the same, and changes nothing in the checkout.
    run(folder, "npm", &["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"])
}

/// Where tools that cargo installs for the checks are kept: outside the
/// checkout, so that a fresh clone finds them again.
fn tools_folder() -> anyhow::Result<PathBuf> {
    let home = std::env::var_os("HOME").context("HOME is not set")?;
    Ok(PathBuf::from(home).join(".cache/guildhall/tools"))
}

/// A cargo subcommand's program, where it is installed.
pub(crate) fn find_tool(name: &str) -> Option<PathBuf> {
    if Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(name.into());
    }
    let program = tools_folder().ok()?.join("bin").join(name);
    program.exists().then_some(program)
}

/// A cargo subcommand's program, installed where it is missing.
pub(crate) fn cargo_tool(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    if let Some(program) = find_tool(name) {
        return Ok(program);
    }
    let folder = tools_folder()?;
    eprintln!("installing {name} {version}, once for this machine");
    let program = folder.join("bin").join(name);
    let target = folder.join("target");
    let (folder, target) = (folder.to_string_lossy(), target.to_string_lossy());
    cargo(&["install", name, "--version", version, "--locked", "--root", &folder, "--target-dir", &target])?;
    // What it was built with is not needed again.
    let _ = std::fs::remove_dir_all(target.as_ref());
    Ok(program)
}

/// A Python that has web3.py.
pub(crate) fn web3_python() -> anyhow::Result<PathBuf> {
    python_with("web3-8.0.0", &["web3==8.0.0"], "import web3")
}

/// A Python that has Schemathesis and can sign.
pub(crate) fn schemathesis_python() -> anyhow::Result<PathBuf> {
    let packages = ["schemathesis==4.32.5", "eth-account==0.13.7"];
    python_with("schemathesis-4.32.5", &packages, "import schemathesis, eth_account")
}

/// A Python with packages, in an environment of its own outside the checkout;
/// `import` shows that they are there.
fn python_with(name: &str, packages: &[&str], import: &str) -> anyhow::Result<PathBuf> {
    let folder = tools_folder()?.join(name);
    let python = folder.join("bin/python");
    let found = Command::new(&python).args(["-c", import]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        let wanted = packages.join(" and ");
        eprintln!("installing {wanted}, once for this machine");
        run(".", "python3", &["-m", "venv", &folder.to_string_lossy()])
            .with_context(|| format!("{wanted} needs python3 with venv (Debian: apt install python3-venv)"))?;
        let arguments = [&["-m", "pip", "install", "--quiet"], packages].concat();
        run(".", &python.to_string_lossy(), &arguments)?;
    }
    Ok(python)
}

/// Chromium: the one in `$CHROMIUM`, one of the system, or Debian's,
/// installed where that is possible.
pub(crate) fn chromium() -> anyhow::Result<String> {
    if let Ok(given) = std::env::var("CHROMIUM") {
        return Ok(given);
    }
    let found = || {
        ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(|name| {
            let output = Command::new("which").arg(name).output().ok()?;
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        })
    };
    if let Some(path) = found() {
        return Ok(path);
    }
    let apt = |arguments: &[&str]| run_with(".", "apt-get", arguments, &[("DEBIAN_FRONTEND", "noninteractive")]);
    if apt(&["update", "-qq"]).and_then(|()| apt(&["install", "-y", "-qq", "chromium", "fonts-noto-cjk"])).is_err() {
        bail!("the browser tests need Chromium: install it (Debian: apt install chromium) or set CHROMIUM to its path");
    }
    found().context("Chromium was installed but is not found; set CHROMIUM to its path")
}
