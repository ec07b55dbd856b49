//! What an audit says, to people and to programs.

use super::{Audit, AuditArguments, Language};
use platform_audit::{Judged, State, Text, Verdict, detectors, sarif};
use serde_json::json;
use std::io::Write;

fn said(text: &Text, language: Language) -> &str {
    match language {
        Language::En => &text.en,
        Language::Zh => &text.zh,
    }
}

/// Lists the detectors.
pub(crate) fn list(language: Language) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for detector in detectors() {
        let words = if language == Language::Zh { detector.zh } else { detector.en };
        writeln!(out, "{:8}  {:24}  {words}", detector.severity.word(), detector.id)?;
    }
    Ok(())
}

/// Prints what was found.
pub(crate) fn print(
    arguments: &AuditArguments,
    audit: &Audit,
    judged: &[Judged],
    gone: &[Verdict],
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if arguments.sarif {
        writeln!(out, "{:#}", sarif::write(judged, env!("CARGO_PKG_VERSION")))?;
        return Ok(());
    }
    if arguments.json {
        let report = json!({
            "findings": judged, "no_longer_found": gone, "checked": audit.checked, "unchecked": audit.unchecked,
        });
        writeln!(out, "{report:#}")?;
        return Ok(());
    }
    let language = arguments.lang;
    for one in judged {
        finding(&mut out, one, language)?;
    }
    for verdict in gone {
        writeln!(out, "{}  {}  {}", word(Words::Gone(verdict.state), language), verdict.detector, verdict.subject)?;
    }
    for line in &audit.checked {
        writeln!(out, "{}: {line}", word(Words::Checked, language))?;
    }
    for line in &audit.unchecked {
        writeln!(out, "{}: {line}", word(Words::Unchecked, language))?;
    }
    let open = judged.iter().filter(|one| one.fault.is_some()).count();
    match language {
        Language::En => writeln!(out, "{} findings, {open} need a decision.", judged.len())?,
        Language::Zh => writeln!(out, "共 {} 项发现，{open} 项有待决定。", judged.len())?,
    }
    Ok(())
}

fn finding(out: &mut impl Write, one: &Judged, language: Language) -> anyhow::Result<()> {
    let finding = &one.finding;
    let at = if finding.line > 0 { format!("  {}:{}", finding.file, finding.line) } else { String::new() };
    writeln!(out, "{:8}  {}  {}{at}", finding.severity.word(), finding.detector, finding.subject())?;
    writeln!(out, "          {}", said(&finding.message, language))?;
    match (&one.verdict, one.fault) {
        (Some(verdict), None) => {
            writeln!(
                out,
                "          {}: {} ({})",
                word(Words::State(one.state), language),
                verdict.reason,
                verdict.owner
            )?;
        }
        (_, Some(fault)) => {
            writeln!(out, "          {}", said(&finding.advice, language))?;
            let fault = if language == Language::Zh { fault_zh(one.state) } else { fault };
            writeln!(out, "          → {fault}  [{}]", finding.id)?;
        }
        (None, None) => {}
    }
    Ok(())
}

const fn fault_zh(state: State) -> &'static str {
    match state {
        State::Fixed | State::Verified => "曾标记为已修复，现又出现",
        State::Accepted => "接受期限已过",
        _ => "尚无人作出决定",
    }
}

enum Words {
    Checked,
    Unchecked,
    State(State),
    Gone(State),
}

const fn word(words: Words, language: Language) -> &'static str {
    let (en, zh) = match words {
        Words::Checked => ("Checked", "已检查"),
        Words::Unchecked => ("Not checked", "未检查"),
        Words::State(State::Confirmed) => ("confirmed", "已确认"),
        Words::State(State::Accepted) => ("accepted", "已接受"),
        Words::State(State::FalsePositive) => ("false positive", "误报"),
        Words::State(_) => ("open", "待处理"),
        Words::Gone(State::Verified) => ("verified: mended and no longer found", "已验证：修复后不再出现"),
        Words::Gone(_) => ("no longer found, so its decision can go", "不再出现，可删去其决定"),
    };
    match language {
        Language::En => en,
        Language::Zh => zh,
    }
}
