//! What is reported when something that never may happen did.

/// A broken invariant, and how to see it again.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Its number in the marketplace's list, or `rules`, or `panel`.
    pub invariant: &'static str,
    /// The order it was seen at.
    pub order: Option<u64>,
    /// The seed of the run.
    pub seed: u64,
    /// How many transactions had been held against the rules.
    pub step: u64,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { invariant, order, seed, step, what } = self;
        let order = order.map_or_else(|| "no order".into(), |order| format!("order {order}"));
        write!(f, "invariant {invariant} is broken at {order}, seed {seed}, step {step}: {what}")
    }
}

impl std::error::Error for Violation {}
