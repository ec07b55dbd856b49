//! What is wrong, or may be, in contracts.
//!
//! The compiler's syntax tree goes in, findings come out. [`Program`] reads the tree once and answers what detectors
//! ask: which functions anyone can call, what they change, whom they call, in which order. A [`Detector`] is one
//! question asked of it. A [`Finding`] has an identity that survives moved lines, since it is the hash of what the
//! code says and not of where it stands; [`Triage`] is what people decided about it. [`sarif`] writes and reads what
//! other tools understand.
//!
//! **Invariant:** nothing here runs a compiler, reads a file or knows the day: whoever calls passes all of it in.

mod detectors;
mod effects;
mod finding;
mod layout;
mod program;
pub mod sarif;
mod syntax;
mod triage;

pub use detectors::{Detector, detectors};
pub use finding::{Finding, Severity, Text};
pub use layout::{Change, ChangeKind, Field, Layout, Namespaces, Struct, upgradeable};
pub use program::{Program, ProgramError};
pub use triage::{Judged, State, Triage, TriageError, Verdict};

/// Asks every detector, or those that are named, and gives what they found, the worst first.
#[must_use]
pub fn findings(program: &Program, asked: impl Fn(&Detector) -> bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for detector in detectors().iter().filter(|detector| asked(detector)) {
        found.extend((detector.find)(program).into_iter().map(|place| Finding::new(detector, program, &place)));
    }
    found.sort_by(|a, b| (b.severity, &a.file, a.line, &a.detector).cmp(&(a.severity, &b.file, b.line, &b.detector)));
    // Two of the same words in one function are one finding.
    let mut known = std::collections::BTreeSet::new();
    found.retain(|finding| known.insert(finding.id.clone()));
    found
}
