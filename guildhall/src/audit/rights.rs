//! Who holds which rights in a house, as its index has read them from the
//! authority's events.

use crate::{cli::UsageError, house::store_url, profile::Profile};
use alloy_primitives::Address;
use platform_audit::{Finding, Severity, Text};
use platform_business::role_name;
use platform_index::Store;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

const ADMIN: u64 = 0;
const MINTER: u64 = 3;
const UPGRADER: u64 = 4;

/// Roles of which one key should not hold all: who gives rights, who makes
/// money, who replaces code.
const APART: [u64; 3] = [ADMIN, MINTER, UPGRADER];

struct Held {
    account: Address,
    role: u64,
    /// Seconds between saying and doing.
    delay: u64,
}

/// Looks at the rights in a data directory, which may be in use.
pub(crate) async fn review(directory: &Path) -> anyhow::Result<Vec<Finding>> {
    Profile::of(directory)?;
    if !directory.join("index.sqlite").exists() {
        let reason = format!("{} has no index yet: open the house once with guildhall up", directory.display());
        return Err(UsageError(reason).into());
    }
    let store = Store::open(&store_url(directory)).await?;
    let sql = "SELECT account, role, delay FROM access_role WHERE since > 0 ORDER BY role, account";
    let rows = store.rows(sql, vec![]).await?;
    let read = |row: &platform_index::Row| {
        Ok::<_, platform_index::StoreError>(Held {
            account: row.address(0)?,
            role: row.number(1)?,
            delay: row.number(2)?,
        })
    };
    Ok(judge(&rows.iter().map(read).collect::<Result<Vec<_>, _>>()?))
}

fn judge(held: &[Held]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut roles: BTreeMap<Address, BTreeSet<u64>> = BTreeMap::new();
    for one in held {
        roles.entry(one.account).or_default().insert(one.role);
        if matches!(one.role, ADMIN | UPGRADER) && one.delay == 0 {
            found.push(no_delay(one));
        }
    }
    for (account, roles) in &roles {
        if APART.iter().all(|role| roles.contains(role)) {
            found.push(everything(*account));
        }
    }
    let admins: Vec<&Held> = held.iter().filter(|one| one.role == ADMIN).collect();
    if let [only] = admins[..] {
        found.push(lonely(only.account));
    }
    found
}

fn no_delay(one: &Held) -> Finding {
    let (role, account) = (role_name(one.role), one.account.to_checksum(None));
    Finding::stated(
        "rights-without-delay",
        Severity::High,
        &format!("{role} {account}"),
        Text::new(
            format!(
                "{account} is {role} and acts at once: whoever steals the key needs no minute to take everything over."
            ),
            format!("{account} 持有 {role} 角色且没有延时：密钥一旦被盗，立刻就能接管一切。"),
        ),
        Text::new(
            "Grant the role again with an execution delay of two days or more.",
            "重新授予该角色，并设置两天以上的执行延时。",
        ),
    )
}

fn everything(account: Address) -> Finding {
    let account = account.to_checksum(None);
    Finding::stated(
        "one-key-holds-all",
        Severity::High,
        &account,
        Text::new(
            format!("{account} gives rights, issues money and replaces code: one stolen key is the whole house."),
            format!("{account} 同时能授权、发行货币和替换代码：丢失一把密钥就等于丢掉整个商会。"),
        ),
        Text::new("Give each of these roles to another key.", "把这些角色分给不同的密钥。"),
    )
}

fn lonely(account: Address) -> Finding {
    let account = account.to_checksum(None);
    Finding::stated(
        "only-one-admin",
        Severity::Low,
        &account,
        Text::new(
            format!("Only {account} can give rights: if that key is lost, nobody ever can again."),
            format!("只有 {account} 能授权：这把密钥若丢失，就再也没有人能授权。"),
        ),
        Text::new("Make a second account administrator, better a multisig.", "再设一个管理员账户，最好是多签。"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(held: &[(u8, u64, u64)]) -> Vec<String> {
        let held = held.iter().map(|(who, role, delay)| Held {
            account: Address::repeat_byte(*who),
            role: *role,
            delay: *delay,
        });
        judge(&held.collect::<Vec<_>>()).into_iter().map(|finding| finding.detector).collect()
    }

    #[test]
    fn a_key_that_can_do_everything_at_once_is_found() {
        let all = ids(&[(1, ADMIN, 0), (1, MINTER, 0), (1, UPGRADER, 0)]);
        assert_eq!(all, ["rights-without-delay", "rights-without-delay", "one-key-holds-all", "only-one-admin"]);
    }

    #[test]
    fn rights_that_are_shared_and_delayed_are_not() {
        assert!(ids(&[(1, ADMIN, 172_800), (2, ADMIN, 172_800), (3, MINTER, 0), (4, UPGRADER, 172_800)]).is_empty());
    }
}
