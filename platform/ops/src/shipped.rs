//! What comes with the program: one line a file.

use crate::playbook::Playbook;
use crate::rule::{Compiled, RuleError, distinct};

macro_rules! files {
    ($folder:literal: $($name:literal)*) => {
        &[$((concat!($folder, "/", $name, ".yaml"), include_str!(concat!("../../../", $folder, "/", $name, ".yaml")))),*]
    };
}

const RULES: &[(&str, &str)] = files!("rules":
    "chain-unhealthy" "chain-replaced" "monitoring-blind" "keeper-distress" "privilege-change" "code-change"
    "scheduled-change" "supply-breach" "escrow-short" "oracle-apart" "one-transaction-drain" "settled-twice"
    "rule-changed" "web-drift" "site-unreachable" "certificate-expiring" "claim-burst" "coupon-burst" "governance-attack" "backup-failed" "external-critical" "external-warning"
    "external-info");

const PLAYBOOKS: &[(&str, &str)] = files!("playbooks":
    "pause-market" "pause-contract" "close-money" "cancel-operation" "cancel-proposal" "hold-payouts" "revoke-role"
    "publish-statement" "block-account");

/// The rules that come with the program, and those of `own` files, which replace a rule of the same name.
///
/// # Errors
/// [`RuleError`], with the file.
pub fn rules(own: &[(String, String)]) -> Result<Vec<Compiled>, RuleError> {
    let own = own.iter().map(|(file, text)| Compiled::read(file, text)).collect::<Result<Vec<_>, _>>()?;
    let own = distinct(own)?;
    let shipped = RULES.iter().map(|(file, text)| Compiled::read(file, text)).collect::<Result<Vec<_>, _>>()?;
    let mut all = distinct(shipped)?;
    all.retain(|rule| own.iter().all(|other| other.rule.id != rule.rule.id));
    all.extend(own);
    Ok(all)
}

/// The playbooks that come with the program.
///
/// # Errors
/// What is wrong with one, in words.
pub fn playbooks() -> Result<Vec<Playbook>, String> {
    PLAYBOOKS.iter().map(|(file, text)| Playbook::read(file, text)).collect()
}
