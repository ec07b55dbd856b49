//! Findings, and how they are known again.

use alloy_primitives::{hex, keccak256};
use serde::{Deserialize, Serialize};

use crate::detectors::{Detector, Place};
use crate::program::Program;
use crate::syntax::{name, words};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be better.
    Low,
    /// Harm under circumstances.
    Medium,
    /// Harm by anyone who tries.
    High,
    /// Everything is lost.
    Critical,
}

impl Severity {
    /// The word people and files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Sixteen hex digits by which it is known again: of detector, contract, function, and what the code says.
    pub id: String,
    /// Which detector found it; `tool/rule` for those of another tool.
    pub detector: String,
    /// How bad it is.
    pub severity: Severity,
    /// The contract, or nothing.
    pub contract: String,
    /// The function, or nothing.
    pub function: String,
    /// The file.
    pub file: String,
    /// The line, from one.
    pub line: usize,
    /// What is wrong, in English and Chinese.
    pub message: Text,
    /// What to do about it.
    pub advice: Text,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Text {
    /// A text in both languages.
    #[must_use]
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }
}

impl Finding {
    pub(crate) fn new(detector: &Detector, program: &Program, place: &Place<'_>) -> Self {
        let (file, line) = program.whereabouts(place.node);
        let contract = place.contract.map_or("", |contract| name(contract.node)).to_owned();
        let function = place.function.map_or("", |function| function.name()).to_owned();
        let mut said = String::new();
        words(place.node, &mut said);
        let id = identity(&[detector.id, &contract, &function, &said]);
        let (message, advice) =
            (Text::new(detector.en, detector.zh), Text::new(detector.advice_en, detector.advice_zh));
        let detector_id = detector.id.to_owned();
        Self { id, detector: detector_id, severity: detector.severity, contract, function, file, line, message, advice }
    }

    /// A finding that is not in code: known again by its detector and what it is about.
    #[must_use]
    pub fn stated(detector: &str, severity: Severity, about: &str, message: Text, advice: Text) -> Self {
        let (contract, function, file) = (about.to_owned(), String::new(), String::new());
        let id = identity(&[detector, about]);
        Self { id, detector: detector.to_owned(), severity, contract, function, file, line: 0, message, advice }
    }

    /// Contract and function in one word.
    #[must_use]
    pub fn subject(&self) -> String {
        match (self.contract.as_str(), self.function.as_str()) {
            ("", _) => self.file.clone(),
            (contract, "") => contract.to_owned(),
            (contract, function) => format!("{contract}.{function}"),
        }
    }
}

/// The identity of what these parts say together.
pub(crate) fn identity(parts: &[&str]) -> String {
    hex::encode(&keccak256(parts.join("\u{1f}"))[..8])
}
