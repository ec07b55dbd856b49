//! Blocked accounts: addresses of which the house takes no transactions, until a moment.
//!
//! A block is in the memory of whoever takes transactions. What should be blocked follows from the runs in force, so
//! that it is put back after a stop.
//!
//! **Invariant:** a block has an end, and taking one run back never lifts what another run blocks.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;

use crate::playbook::{Actor, Done, Playbook, Step, filled};
use crate::records::Run;

/// What runs keep from happening, beside what is on the chain.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// What the house holds.
    pub(crate) holds: BTreeSet<String>,
    /// Accounts that are blocked, and until when.
    pub(crate) blocks: BTreeMap<Address, u64>,
}

impl Standing {
    /// Of runs that are in force at `now`. A step that failed stopped nothing.
    pub(crate) fn of(runs: &[Run], playbooks: &[Playbook], now: u64) -> Self {
        let mut standing = Self::default();
        for run in runs.iter().filter(|run| run.expires.is_none_or(|expires| expires > now)) {
            let Some(playbook) = playbooks.iter().find(|playbook| playbook.id == run.playbook) else { continue };
            for step in playbook.steps.iter().zip(&run.done).filter(|(_, done)| done.verified).map(|(step, _)| step) {
                match (step, run.expires) {
                    (Step::Hold(what), _) => {
                        standing.holds.insert(what.clone());
                    }
                    (Step::Block(text), Some(expires)) => {
                        if let Ok(account) = account(&filled(text, &run.with)) {
                            let until = standing.blocks.entry(account).or_default();
                            *until = expires.max(*until);
                        }
                    }
                    _ => {}
                }
            }
        }
        standing
    }
}

/// An address as people write it: in one case, or with the checksum of EIP-55.
///
/// # Errors
/// In words.
pub(crate) fn account(text: &str) -> Result<Address, String> {
    let text = text.trim();
    let digits = text.strip_prefix("0x").unwrap_or_default();
    let mixed = digits.contains(|sign: char| sign.is_ascii_lowercase())
        && digits.contains(|sign: char| sign.is_ascii_uppercase());
    match text.parse::<Address>() {
        Ok(_) if digits.is_empty() => Err(format!("{text:?} is no address: it begins with 0x")),
        Ok(account) if mixed && Address::parse_checksummed(text, None).is_err() => {
            Err(format!("{account:#x} is written with a wrong checksum: look at the address again"))
        }
        Ok(account) => Ok(account),
        Err(_) => Err(format!("{text:?} is no address: it has 0x and 40 hexadecimal digits")),
    }
}

/// Blocks an account, or looks that it is blocked long enough, and asks afterwards whether it is.
pub(crate) async fn make(text: &str, until: u64, actor: &dyn Actor) -> Done {
    let mut done = Done { step: format!("block {text}"), ..Done::default() };
    let outcome = async {
        let account = account(text)?;
        let before = actor.blocked(account).await?;
        if before.is_some_and(|before| before >= until) {
            return Ok((true, true));
        }
        actor.block(account, until).await?;
        Ok((false, actor.blocked(account).await? == Some(until)))
    };
    finish(&mut done, outcome.await);
    done
}

/// Lifts a block, unless it stands for another run as well.
pub(crate) async fn undo(text: &str, others: &Standing, actor: &dyn Actor) -> Done {
    let mut done = Done { step: format!("unblock {text}"), ..Done::default() };
    let outcome = async {
        let account = account(text)?;
        if let Some(until) = others.blocks.get(&account) {
            done.step = format!("unblock {text}: another measure still blocks it");
            actor.block(account, *until).await?;
            return Ok((true, true));
        }
        if actor.blocked(account).await?.is_none() {
            return Ok((true, true));
        }
        actor.unblock(account).await?;
        Ok((false, actor.blocked(account).await?.is_none()))
    };
    let outcome = outcome.await;
    finish(&mut done, outcome);
    done
}

fn finish(done: &mut Done, outcome: Result<(bool, bool), String>) {
    match outcome {
        Ok((already, verified)) => (done.already, done.verified) = (already, verified),
        Err(failure) => done.failure = Some(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKED: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    #[test]
    fn an_address_reads_in_one_case_or_with_its_checksum() {
        for good in [CHECKED, &CHECKED.to_lowercase(), &format!(" {CHECKED} ")] {
            assert_eq!(account(good).map(|account| account.to_checksum(None)), Ok(CHECKED.to_owned()));
        }
        let shouted = format!("0x{}", CHECKED[2..].to_uppercase());
        assert!(account(&shouted).is_ok());
        for (bad, why) in [
            (CHECKED.replace("BeAed", "beAed"), "checksum"),
            (CHECKED[2..].to_owned(), "begins with 0x"),
            (CHECKED[..41].to_owned(), "40 hexadecimal digits"),
            (String::new(), "no address"),
            ("alice".to_owned(), "no address"),
        ] {
            assert!(account(&bad).is_err_and(|said| said.contains(why)), "{bad}");
        }
    }

    #[test]
    fn what_stands_follows_from_runs_in_force() {
        let book = "id: b\ntitle: { en: a, zh: b }\neffect: { en: a, zh: b }\nparameters: [account]\nexpires: 60\n\
                    steps:\n  - hold: house\n  - block: $account\n";
        let books = [Playbook::read("b.yaml", book).unwrap()];
        let run = |account: &str, expires: u64, verified: [bool; 2]| Run {
            id: 1,
            playbook: "b".to_owned(),
            with: BTreeMap::from([("account".to_owned(), account.to_owned())]),
            state: String::new(),
            incident: None,
            expires: Some(expires),
            approved_by: String::new(),
            done: verified.map(|verified| Done { verified, ..Done::default() }).to_vec(),
        };
        let account = CHECKED.parse().unwrap();
        let runs = [run(CHECKED, 20, [true, true]), run(&CHECKED.to_lowercase(), 30, [false, true])];
        let standing = Standing::of(&runs, &books, 10);
        assert_eq!(standing.blocks, BTreeMap::from([(account, 30)]), "the later end counts");
        assert!(standing.holds.contains("house"));
        let later = Standing::of(&runs, &books, 20);
        assert!(later.holds.is_empty() && later.blocks.contains_key(&account), "the first is over");
        assert!(Standing::of(&[run(CHECKED, 20, [true, false])], &books, 10).blocks.is_empty(), "its step failed");
    }
}
