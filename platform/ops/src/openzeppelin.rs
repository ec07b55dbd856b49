//! Rules from the monitor files of OpenZeppelin Monitor: <https://docs.openzeppelin.com/monitor>.
//!
//! Each condition on an event becomes a rule, with tests that are made up from its expression and run before anything is
//! written. What has no counterpart here is left out, and said.

mod expression;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use self::expression::{Expression, Parameter};
use crate::register::Register;
use crate::rule::{Compiled, Severity};

/// The longest name of a rule that is made of a monitor's name.
const NAME_MAX: usize = 40;

/// The fields of a rule, in the order in which people read them.
const FIELDS: [&str; 10] = ["id", "version", "title", "severity", "owner", "on", "expr", "shadow", "runbook", "tests"];

/// What came of a monitor file.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// Rules: each one's name, and the text of its file.
    pub rules: Vec<(String, String)>,
    /// What has no counterpart here, in words.
    pub left_out: Vec<String>,
}

#[derive(Deserialize)]
struct Monitor {
    name: String,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    addresses: Vec<Watched>,
    #[serde(default)]
    match_conditions: Conditions,
    #[serde(default)]
    trigger_conditions: Vec<Json>,
    #[serde(default)]
    triggers: Vec<Json>,
}

#[derive(Deserialize)]
struct Watched {
    address: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Conditions {
    functions: Vec<Condition>,
    events: Vec<Condition>,
    transactions: Vec<Json>,
}

#[derive(Deserialize)]
struct Condition {
    signature: String,
    #[serde(default)]
    expression: Option<String>,
}

/// Makes rules of a monitor file. They are as grave as `severity`; a paused monitor's rules are on trial.
///
/// # Errors
/// In words: it is no monitor file, or nothing of it can be watched for here.
pub fn import(text: &str, register: &Register, severity: Severity) -> Result<Import, String> {
    let monitor: Monitor = serde_json::from_str(text).map_err(|error| format!("this is no monitor file: {error}"))?;
    let mut import = Import::default();
    let contracts = monitor.contracts(register, &mut import.left_out);
    let conditions = &monitor.match_conditions;
    for condition in &conditions.events {
        if contracts.is_empty() {
            break;
        }
        match monitor.rule(condition, &contracts, register, severity, import.rules.len()) {
            Ok(rule) => import.rules.push(rule),
            Err(reason) => import.left_out.push(format!("{}: {reason}", condition.signature)),
        }
    }
    let functions = conditions.functions.iter().map(|function| &function.signature);
    import.left_out.extend(functions.map(|call| format!("{call}: calls are not watched here, only events")));
    // That a transaction succeeded is true of every event.
    let plain = |one: &&Json| one["status"] == "Success" && one["expression"].is_null();
    let others = conditions.transactions.iter().filter(|one| !plain(one)).count();
    if others > 0 {
        import.left_out.push(format!("{others} conditions on transactions as such"));
    }
    if !monitor.trigger_conditions.is_empty() {
        import.left_out.push(format!("{} scripts that filter what was found", monitor.trigger_conditions.len()));
    }
    let triggers: Vec<&str> = monitor.triggers.iter().filter_map(Json::as_str).collect();
    if !triggers.is_empty() {
        import.left_out.push(format!(
            "{}: whom to tell is said by channels (guildhall channels), for every rule of a severity",
            triggers.join(", ")
        ));
    }
    if import.rules.is_empty() {
        let none = "nothing of this monitor can be watched for here";
        return Err(format!("{none}:\n  {}", import.left_out.join("\n  ")));
    }
    Ok(import)
}

impl Monitor {
    /// Those of its contracts that the house has, by name.
    fn contracts(&self, register: &Register, left_out: &mut Vec<String>) -> Vec<String> {
        let mut found = Vec::new();
        for Watched { address } in &self.addresses {
            match address.parse().ok().and_then(|address| register.contract(address)) {
                Some(name) => found.push(name.to_owned()),
                None => left_out.push(format!("{address}: no contract of this house")),
            }
        }
        if self.addresses.is_empty() {
            left_out.push("it names no contract".to_owned());
        }
        found
    }

    fn rule(
        &self,
        condition: &Condition,
        contracts: &[String],
        register: &Register,
        severity: Severity,
        place: usize,
    ) -> Result<(String, String), String> {
        let signature: String = condition.signature.chars().filter(|sign| !sign.is_whitespace()).collect();
        let mut parameters = Vec::new();
        for contract in contracts {
            let found = register.event_inputs(contract, &signature);
            parameters = found.ok_or_else(|| format!("{contract} has no such event"))?;
        }
        let parameters: Vec<Parameter> = parameters.into_iter().map(|(name, kind)| Parameter { name, kind }).collect();
        let text = condition.expression.as_deref().unwrap_or_default().trim();
        let expression = Expression::read(text, &parameters)?;
        let event = signature.split('(').next().unwrap_or_default();
        let id = self.id(place);
        let moment = |args: &serde_json::Map<String, Json>| json!([{ "signals": [{ "contract": contracts[0], "name": event, "args": args }] }]);
        let (fires, quiet) = expression.examples(&parameters);
        let fires = fires.ok_or("no event can fulfil its expression")?;
        // Where every event counts, a block without one is what is quiet.
        let quiet = quiet.map_or_else(|| json!([{ "after": 12 }]), |args| moment(&args));
        let source = if text.is_empty() { signature.clone() } else { format!("{signature}, {text}") };
        let rule = json!({
            "id": id,
            "version": 1,
            "title": { "en": self.name, "zh": self.name },
            "severity": severity.name(),
            "owner": "operator",
            "on": { "event": { "contracts": contracts, "names": [event] } },
            "expr": expression.cel(&parameters),
            "shadow": self.paused,
            "runbook": {
                "en": format!("Look at the transaction. This rule was taken from a monitor of OpenZeppelin Monitor: {source}"),
                "zh": format!("查看该笔交易。此规则取自 OpenZeppelin Monitor 的监控文件：{source}"),
            },
            "tests": [
                { "expect": "firing", "shows": "an event that the monitor looked for", "given": moment(&fires) },
                { "expect": "quiet", "shows": "one that it did not", "given": quiet },
                { "expect": "reorg", "shows": "it goes with its block", "given": moment(&fires) },
            ],
        });
        // JSON is YAML too; one line for each field is what people change.
        let file: String = FIELDS.iter().map(|name| format!("{name}: {}\n", rule[name])).collect();
        let compiled = Compiled::read(&id, &file).map_err(|error| error.to_string())?;
        for test in &compiled.rule.tests {
            test.run(&compiled).map_err(|fault| format!("its rule does not do what the monitor does: {fault}"))?;
        }
        Ok((id, file))
    }

    /// A name for the rule at this place.
    fn id(&self, place: usize) -> String {
        let sign = |sign: char| if sign.is_ascii_alphanumeric() { sign.to_ascii_lowercase() } else { '-' };
        let words: String = self.name.chars().map(sign).collect();
        let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
        let name: String = words.join("-").chars().take(NAME_MAX).collect();
        let name = if name.is_empty() { "monitor" } else { name.trim_end_matches('-') };
        if place == 0 { format!("oz-{name}") } else { format!("oz-{name}-{}", place + 1) }
    }
}
