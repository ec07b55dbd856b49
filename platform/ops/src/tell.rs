//! What leaves the house: alerts and incidents as messages, written in the transaction in which they happen.

use platform_index::StoreError;
use platform_notify::{Message, Status, Words as Both};

use crate::records::{Incident, IncidentState, KeptAlert, Records, Unit, now_ms, subject};
use crate::rule::Rule;
use crate::ruleset::Ruleset;
use crate::words::Words;

/// The rule that no silence keeps back: it says that what is heard can't be trusted.
pub(crate) const NEVER_SILENT: &str = "monitoring-blind";

/// An alert fires.
pub(crate) fn firing(records: &Records, unit: &mut Unit, rule: &Rule, kept: &KeptAlert) {
    let message = of_alert(records, unit, rule, kept, Status::Firing, both(&rule.runbook));
    unit.message(&message);
}

/// Somebody looks after an alert.
pub(crate) fn acknowledged(records: &Records, unit: &mut Unit, rules: &Ruleset, kept: &KeptAlert, by: &str) {
    let Some(rule) = rule_of(rules, kept) else { return };
    let text = Both::new(format!("{by} looks after it."), format!("{by} 正在处理。"));
    let message = of_alert(records, unit, rule, kept, Status::Acknowledged, text);
    unit.message(&message);
}

/// Alerts are over. What they are about is, once none of its alerts is open.
pub(crate) async fn closed(
    records: &Records,
    unit: &mut Unit,
    rules: &Ruleset,
    closed: &[KeptAlert],
    by: &str,
) -> Result<(), StoreError> {
    let mut told = Vec::new();
    for kept in closed {
        let Some(rule) = rule_of(rules, kept) else { continue };
        let subject = subject_of(kept);
        if told.contains(&subject) {
            continue;
        }
        if let Some(incident) = kept.incident {
            let open = "WHERE incident = $1 AND state IN ('pending', 'firing', 'acknowledged')";
            let open = records.alerts(open, vec![incident.into()]).await?;
            if open.iter().any(|other| closed.iter().all(|closed| closed.id != other.id)) {
                continue;
            }
        }
        let text = if by == "guildhall" {
            Both::new("It is no longer so.", "情况已经恢复。")
        } else {
            Both::new(format!("{by} says that it is over."), format!("{by} 已将其标为解除。"))
        };
        let message = of_alert(records, unit, rule, kept, Status::Resolved, text);
        unit.message(&message);
        told.push(subject);
    }
    Ok(())
}

/// An incident moved on, or somebody took a role in it.
pub(crate) fn moved(
    records: &Records,
    unit: &mut Unit,
    incident: &Incident,
    before: IncidentState,
    taken: bool,
    by: &str,
) {
    let on = incident.state > before;
    let (status, text) = match incident.state {
        IncidentState::Resolved if on => {
            (Status::Resolved, Both::new("Customers have what is theirs.", "客户的权益已恢复。"))
        }
        IncidentState::Contained if on => (Status::Update, Both::new("It is contained.", "已控制住，不再造成损害。")),
        IncidentState::Mitigated if on => (Status::Update, Both::new("Its cause is gone.", "根因已消除。")),
        IncidentState::Triaged if on => (Status::Acknowledged, looked_after(by)),
        _ if taken && incident.state < IncidentState::Resolved => (Status::Acknowledged, looked_after(by)),
        _ => return,
    };
    let rule = incident.roles.get("detector").and_then(|detector| detector.strip_prefix("rule ")).unwrap_or_default();
    let subject = format!("incident/{}", incident.id);
    let mut message = blank(records, unit, &subject, status);
    rule.clone_into(&mut message.rule);
    message.severity = incident.severity as u8 + 1;
    message.title = both(&incident.title);
    message.text = text;
    message.link = format!("/office/incidents/{}", incident.id);
    unit.message(&message);
}

fn looked_after(by: &str) -> Both {
    Both::new(format!("{by} looks after it."), format!("{by} 正在处理。"))
}

fn of_alert(records: &Records, unit: &Unit, rule: &Rule, kept: &KeptAlert, status: Status, text: Both) -> Message {
    let mut message = blank(records, unit, &subject_of(kept), status);
    message.severity = rule.severity as u8 + 1;
    message.rule.clone_from(&rule.id);
    message.owner.clone_from(&rule.owner);
    // What it happened to; rules about blocks and time are about the house.
    message.group = kept.alert.signal.as_ref().map_or_else(|| "House".to_owned(), |signal| signal.contract.clone());
    message.title = both(&rule.title);
    message.text = text;
    message.labels.clone_from(&kept.alert.labels);
    // The rule alone does not say what another monitoring system found.
    for (name, said) in kept.alert.signal.iter().flat_map(crate::external::said) {
        message.labels.insert(name.to_owned(), said.to_owned());
    }
    message.link = kept.incident.map_or_else(|| "/office/watch".to_owned(), |id| format!("/office/incidents/{id}"));
    message.always = rule.id == NEVER_SILENT;
    message
}

/// A message of this unit with nothing in it yet.
fn blank(records: &Records, unit: &Unit, subject: &str, status: Status) -> Message {
    Message {
        id: unit.message_id(records),
        subject: subject.to_owned(),
        status,
        severity: 5,
        rule: String::new(),
        owner: String::new(),
        group: String::new(),
        title: Both::default(),
        text: Both::default(),
        labels: std::collections::BTreeMap::new(),
        link: String::new(),
        at_ms: now_ms(),
        always: false,
        to: None,
        recipient: None,
    }
}

fn rule_of<'a>(rules: &'a Ruleset, kept: &KeptAlert) -> Option<&'a Rule> {
    rules.get(&kept.alert.rule).map(|rule| &rule.rule)
}

fn subject_of(kept: &KeptAlert) -> String {
    subject(kept.incident, "alert", &kept.id)
}

fn both(words: &Words) -> Both {
    Both::new(words.en.clone(), words.zh.clone())
}
