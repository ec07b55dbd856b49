//! The rules that are asked just now, with what they need to see.

use std::collections::BTreeSet;
use std::sync::Arc;

use platform_index::{Store, StoreError};

use crate::revision::{Revision, RevisionState, revisions};
use crate::rule::Compiled;
use crate::sensor::Sensor;
use crate::{Register, RegisterError};

/// What is asked about each moment. It never changes: when rules do, another takes its place.
#[derive(Debug)]
pub struct Ruleset {
    pub(crate) sensor: Sensor,
    pub(crate) rules: Vec<Arc<Compiled>>,
    /// Rules that name contracts which this house does not have.
    absent: BTreeSet<String>,
}

impl Ruleset {
    pub(crate) fn new(register: Arc<Register>, rules: Vec<Arc<Compiled>>) -> Result<Self, RegisterError> {
        let (sensor, absent) = Sensor::new(register, rules.iter().map(AsRef::as_ref))?;
        Ok(Self { sensor, rules, absent: absent.into_iter().collect() })
    }

    /// The rules, and whether each applies to this house.
    pub fn iter(&self) -> impl Iterator<Item = (&Compiled, bool)> {
        self.rules.iter().map(|rule| (rule.as_ref(), !self.absent.contains(&rule.rule.id)))
    }

    /// The rule of a name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Compiled> {
        self.rules.iter().map(AsRef::as_ref).find(|rule| rule.rule.id == id)
    }

    pub(crate) fn applying(&self) -> Vec<&Compiled> {
        self.iter().filter_map(|(rule, applies)| applies.then_some(rule)).collect()
    }
}

/// What counts of rules from files and of revisions: a revision in force takes its rule's place, a paused one takes it
/// away, and one on trial stands beside it. A revision that does not read any more is left out, and named.
pub(crate) fn overlay(base: &[Arc<Compiled>], revisions: &[Revision]) -> (Vec<Arc<Compiled>>, Vec<String>) {
    let decided: BTreeSet<&str> =
        revisions.iter().filter(|revision| revision.state.decides()).map(|revision| revision.rule.as_str()).collect();
    let mut rules: Vec<_> = base.iter().filter(|rule| !decided.contains(rule.rule.id.as_str())).cloned().collect();
    let mut faults = Vec::new();
    for revision in revisions {
        if !matches!(revision.state, RevisionState::Active | RevisionState::Shadow) {
            continue;
        }
        match revision.compiled() {
            Ok(compiled) => rules.push(Arc::new(compiled)),
            Err(error) => {
                faults.push(error.to_string());
                // Better the rule it would have replaced than none.
                rules.extend(
                    base.iter().filter(|rule| rule.rule.id == revision.rule && revision.state.decides()).cloned(),
                );
            }
        }
    }
    (rules, faults)
}

/// The rules of a house: those of its files, and what its people made of them in the console.
///
/// # Errors
/// A store error. A store without revisions has none.
pub async fn rules_in_force(store: &Store, base: Vec<Compiled>) -> Result<Vec<Arc<Compiled>>, StoreError> {
    let base: Vec<_> = base.into_iter().map(Arc::new).collect();
    store.create(&[crate::revision::REVISION]).await?;
    let revisions = revisions(store, "ORDER BY id", vec![]).await?;
    Ok(overlay(&base, &revisions).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Vec<Arc<Compiled>> {
        crate::rules(&[]).unwrap().into_iter().map(Arc::new).collect()
    }

    fn names(rules: &[Arc<Compiled>]) -> Vec<&str> {
        rules.iter().map(|rule| rule.rule.id.as_str()).collect()
    }

    #[test]
    fn revisions_replace_pause_and_stand_beside() {
        let base = base();
        let find = |id: &str| base.iter().find(|rule| rule.rule.id == id).unwrap();
        let revision = |id, rule: &str, state| {
            let mut revision = Revision::new(id, find(rule), "because", state, "ann").unwrap();
            revision.text = revision.text.replacen("version: 1", "version: 9", 1);
            revision
        };
        let all = [
            revision(1, "supply-breach", RevisionState::Active),
            revision(2, "escrow-short", RevisionState::Paused),
            revision(3, "oracle-apart", RevisionState::Shadow),
            revision(4, "claim-burst", RevisionState::Retired),
            revision(5, "coupon-burst", RevisionState::Backtested),
        ];
        let (rules, faults) = overlay(&base, &all);
        assert!(faults.is_empty());
        assert_eq!(rules.len(), base.len(), "one is paused, one stands beside");
        let version = |id: &str| rules.iter().find(|rule| rule.rule.id == id).map(|rule| rule.rule.version);
        assert_eq!(version("supply-breach"), Some(9));
        assert_eq!(version("escrow-short"), None);
        assert_eq!((version("oracle-apart"), version("oracle-apart~3")), (Some(1), Some(9)));
        assert_eq!((version("claim-burst"), version("coupon-burst")), (Some(1), Some(1)));
        assert_eq!(names(&rules).iter().collect::<BTreeSet<_>>().len(), rules.len());
    }

    #[test]
    fn a_revision_that_does_not_read_leaves_the_old_rule_standing() {
        let base = base();
        let mut broken = Revision::new(1, &base[0], "because", RevisionState::Active, "ann").unwrap();
        broken.text = "id: [".to_owned();
        let (rules, faults) = overlay(&base, &[broken]);
        assert_eq!((rules.len(), faults.len()), (base.len(), 1));
    }
}
