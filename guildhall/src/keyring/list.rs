//! Lists the keys of a business with their roles, also while it is open.

use super::ListArguments;
use crate::{
    cli::UsageError,
    house::store_url,
    keys, keystore, node,
    profile::{Kind, Profile},
};
use alloy_primitives::Address;
use platform_business::role_name;
use platform_index::Store;
use std::{io::Write, path::Path};

pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<()> {
    let directory = &arguments.data.data_dir;
    if Profile::of(directory)?.kind != Kind::Business {
        let reason = "demos and replays have no keys of their own: theirs are known to everyone";
        return Err(UsageError(reason.into()).into());
    }
    let passphrase = keys::passphrase(arguments.passphrase_file.as_deref(), false)?;
    let mut held = Vec::new();
    for path in keystore::list(directory)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        held.push((name, keystore::signer(&path, &passphrase).map(|signer| signer.address()), path));
    }
    node::runtime()?.block_on(async {
        let mut out = std::io::stdout().lock();
        for (name, address, path) in held {
            match address {
                Ok(address) => {
                    let roles = roles(directory, address).await?.join(", ");
                    let roles = if roles.is_empty() { "no roles".to_owned() } else { roles };
                    let name = name.split_once("-0x").map_or(name.as_str(), |_| "former operator");
                    writeln!(out, "{name}  {address}  {}  {roles}", path.display())?;
                }
                Err(error) => writeln!(out, "{name}  can't be opened  {}  {error:#}", path.display())?,
            }
        }
        if keystore::has_next(directory) {
            eprintln!("An exchange of the house's key was begun and not ended: `guildhall keys rotate` ends it. Until then the roles are as of the last start.");
        }
        Ok(())
    })
}

/// The roles of an account, as the index has read them from the authority's events.
async fn roles(directory: &Path, account: Address) -> anyhow::Result<Vec<String>> {
    if !directory.join("index.sqlite").exists() {
        return Ok(Vec::new());
    }
    let store = Store::open(&store_url(directory)).await?;
    let sql = "SELECT role, delay FROM access_role WHERE since > 0 AND account = $1 ORDER BY role";
    let mut roles = Vec::new();
    for row in store.rows(sql, vec![account.into()]).await? {
        let (role, delay) = (role_name(row.number(0)?), row.number(1)?);
        roles.push(if delay > 0 { format!("{role} (after {delay} s)") } else { role });
    }
    Ok(roles)
}
