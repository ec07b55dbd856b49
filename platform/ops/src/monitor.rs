//! Judging: observations in, alerts out. No clock, no chain and no store, so that fixtures, backtests, drills and the
//! running house are judged by the same code.

use std::collections::{BTreeMap, HashMap, VecDeque};

use alloy_primitives::{B256, U256, hex, keccak256};
use cel::objects::{Key, Map};
use cel::{Context, Program, Value};
use platform_index::Head;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::rule::{Compiled, On};
use crate::signal::{Observation, Signal};
use crate::uint256;

/// Signals remembered of one group at most: what comes thicker is counted up to here.
const REMEMBERED_MAX: usize = 10_000;
/// Values of a list that an expression sees.
const LIST_MAX: usize = 64;

/// Where an alert is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Its condition holds, not yet long enough.
    Pending,
    /// Somebody should know.
    Firing,
    /// Somebody does.
    Acknowledged,
    /// It is over.
    Resolved,
    /// The block that caused it was replaced.
    Retracted,
}

impl AlertState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Retracted => "retracted",
        }
    }

    /// Whether it still stands.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Firing | Self::Acknowledged)
    }
}

/// A rule that found something. The same finding again counts up instead of making another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Which rule.
    pub rule: String,
    /// Hash of the rule and the labels: what is the same finding.
    pub fingerprint: B256,
    /// Where it is in its life.
    pub state: AlertState,
    /// The values it is told apart by.
    pub labels: BTreeMap<String, String>,
    /// What it saw first; nothing where the rule looks at blocks or time.
    pub signal: Option<Signal>,
    /// The block it was first seen in.
    pub since: Moment,
    /// The last.
    pub last: Moment,
    /// How often.
    pub count: u64,
}

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Number.
    pub number: u64,
    /// Hash.
    pub hash: B256,
    /// Seconds since 1970; later than the block's where time passed without one.
    pub timestamp: u64,
}

impl From<Head> for Moment {
    fn from(head: Head) -> Self {
        Self { number: head.number, hash: head.hash, timestamp: head.timestamp }
    }
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    number: u64,
    timestamp: u64,
    amount: U256,
}

/// What is remembered between observations.
#[derive(Debug, Default)]
pub struct Monitor {
    alerts: BTreeMap<B256, Alert>,
    recent: HashMap<B256, VecDeque<Seen>>,
    faults: Vec<String>,
}

impl Monitor {
    /// Goes on with alerts that were kept.
    #[must_use]
    pub fn with(alerts: impl IntoIterator<Item = Alert>) -> Self {
        let open = alerts.into_iter().filter(|alert| alert.state.is_open());
        Self { alerts: open.map(|alert| (alert.fingerprint, alert)).collect(), ..Self::default() }
    }

    /// Asks every rule and returns the alerts that changed.
    pub fn observe(
        &mut self,
        rules: &[&Compiled],
        observation: &Observation,
        ticketed: &dyn Fn(&Signal) -> bool,
    ) -> Vec<Alert> {
        self.faults.clear();
        let mut changed = Vec::new();
        for rule in rules {
            match (&rule.rule.on, &observation.vitals) {
                (On::Event { contracts, names }, None) => {
                    let about = observation.signals.iter().filter(|signal| {
                        names.contains(&signal.name) && (contracts.is_empty() || contracts.contains(&signal.contract))
                    });
                    for signal in about {
                        self.ask(rule, observation, Some(signal), ticketed, &mut changed);
                    }
                }
                (On::Block, None) | (On::Time, Some(_)) => self.ask(rule, observation, None, ticketed, &mut changed),
                _ => {}
            }
        }
        changed
    }

    /// Takes back what blocks after `number` caused, and returns the alerts that changed.
    pub fn rewind(&mut self, number: u64) -> Vec<Alert> {
        for seen in self.recent.values_mut() {
            seen.retain(|seen| seen.number <= number);
        }
        let mut changed = Vec::new();
        self.alerts.retain(|_, alert| {
            if alert.since.number <= number {
                return true;
            }
            alert.state = AlertState::Retracted;
            changed.push(alert.clone());
            false
        });
        changed
    }

    /// A person's word on an alert: acknowledged or resolved. Nothing where it is over already.
    pub fn set(&mut self, fingerprint: &B256, state: AlertState) -> Option<Alert> {
        let alert = self.alerts.get_mut(fingerprint)?;
        alert.state = state;
        let alert = alert.clone();
        if !state.is_open() {
            self.alerts.remove(fingerprint);
        }
        Some(alert)
    }

    /// How many alerts fire that nobody acknowledged.
    #[must_use]
    pub fn firing(&self) -> usize {
        self.alerts.values().filter(|alert| alert.state == AlertState::Firing).count()
    }

    /// Expressions of the last observation that could not be worked out.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    fn ask(
        &mut self,
        rule: &Compiled,
        observation: &Observation,
        signal: Option<&Signal>,
        ticketed: &dyn Fn(&Signal) -> bool,
        changed: &mut Vec<Alert>,
    ) {
        // A view that did not answer says nothing either way.
        let unanswered =
            rule.rule.reads.keys().any(|name| !observation.reads.contains_key(&(rule.rule.id.clone(), name.clone())));
        if unanswered {
            return;
        }
        let counts = rule
            .when
            .as_ref()
            .map_or(Ok(true), |when| evaluate(rule, when, observation, signal, ticketed, 0, U256::ZERO));
        match counts {
            Ok(true) => {}
            Ok(false) => return,
            Err(fault) => {
                self.faults.push(format!("{}: {fault}", rule.rule.id));
                return;
            }
        }
        let labels = labels(rule, signal);
        let fingerprint = fingerprint(&rule.rule.id, &labels);
        let (recent, total) = self.count(rule, fingerprint, observation, signal);
        let holds = match evaluate(rule, &rule.program, observation, signal, ticketed, recent, total) {
            Ok(holds) => holds,
            Err(fault) => {
                self.faults.push(format!("{}: {fault}", rule.rule.id));
                return;
            }
        };
        let now = Moment::from(observation.head);
        match self.alerts.get_mut(&fingerprint) {
            Some(alert) if holds => {
                alert.last = now;
                alert.count += 1;
                let ripe = now.timestamp >= alert.since.timestamp + rule.rule.hold;
                if alert.state == AlertState::Pending && ripe {
                    alert.state = AlertState::Firing;
                    changed.push(alert.clone());
                } else if signal.is_some() {
                    changed.push(alert.clone());
                }
            }
            Some(alert) if signal.is_none() => {
                alert.state = AlertState::Resolved;
                alert.last = now;
                changed.push(alert.clone());
                self.alerts.remove(&fingerprint);
            }
            None if holds => {
                let state = if rule.rule.hold == 0 { AlertState::Firing } else { AlertState::Pending };
                let alert = Alert {
                    rule: rule.rule.id.clone(),
                    fingerprint,
                    state,
                    labels,
                    signal: signal.cloned(),
                    since: now,
                    last: now,
                    count: 1,
                };
                changed.push(alert.clone());
                self.alerts.insert(fingerprint, alert);
            }
            _ => {}
        }
    }

    /// How many signals of this group there were in the window, and what they add up to.
    fn count(
        &mut self,
        rule: &Compiled,
        group: B256,
        observation: &Observation,
        signal: Option<&Signal>,
    ) -> (i64, U256) {
        let Some(signal) = signal.filter(|_| rule.rule.window > 0) else { return (0, U256::ZERO) };
        let amount = rule.rule.sum.as_ref().and_then(|name| amount(signal.args.get(name)?)).unwrap_or_default();
        let head = observation.head;
        let seen = self.recent.entry(group).or_default();
        let from = head.timestamp.saturating_sub(rule.rule.window);
        while seen.front().is_some_and(|seen| seen.timestamp < from) || seen.len() >= REMEMBERED_MAX {
            seen.pop_front();
        }
        seen.push_back(Seen { number: head.number, timestamp: head.timestamp, amount });
        let total = seen.iter().fold(U256::ZERO, |total, seen| total.saturating_add(seen.amount));
        (i64::try_from(seen.len()).unwrap_or(i64::MAX), total)
    }
}

fn labels(rule: &Compiled, signal: Option<&Signal>) -> BTreeMap<String, String> {
    let Some(signal) = signal else { return BTreeMap::new() };
    let text = |name: &String| match name.as_str() {
        "contract" => signal.contract.clone(),
        "name" => signal.name.clone(),
        other => match signal.args.get(other) {
            Some(Json::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        },
    };
    rule.rule.group.iter().map(|name| (name.clone(), text(name))).collect()
}

fn fingerprint(rule: &str, labels: &BTreeMap<String, String>) -> B256 {
    // JSON keeps names and values apart whatever they hold.
    keccak256(serde_json::to_vec(&(rule, labels)).unwrap_or_default())
}

fn amount(value: &Json) -> Option<U256> {
    match value {
        Json::String(text) => U256::from_str_radix(text, 10).ok(),
        Json::Number(number) => number.as_u64().map(U256::from),
        _ => None,
    }
}

fn evaluate(
    rule: &Compiled,
    program: &Program,
    observation: &Observation,
    signal: Option<&Signal>,
    ticketed: &dyn Fn(&Signal) -> bool,
    recent: i64,
    total: U256,
) -> Result<bool, String> {
    let mut context = Context::default();
    uint256::install(&mut context);
    let uses = |name: &str| rule.uses.contains(name);
    if uses("signal")
        && let Some(signal) = signal
    {
        context.add_variable_from_value("signal", of_signal(signal));
    }
    if uses("reads") {
        let reads = observation.reads.iter().filter(|((id, _), _)| *id == rule.rule.id);
        let reads = reads.map(|((_, name), amount)| (name.as_str(), uint256::value(*amount)));
        context.add_variable_from_value("reads", map(reads));
    }
    if uses("settings") {
        let settings = rule.rule.settings.iter().map(|(name, text)| (name.as_str(), setting(text)));
        context.add_variable_from_value("settings", map(settings));
    }
    if uses("vitals") {
        let vitals = observation.vitals.iter().flatten().map(|(name, value)| (name.as_str(), Value::Int(*value)));
        context.add_variable_from_value("vitals", map(vitals));
    }
    if uses("block") {
        let whole = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let head = observation.head;
        let block = [("number", whole(head.number)), ("timestamp", whole(head.timestamp))];
        context.add_variable_from_value("block", map(block));
    }
    context.add_variable_from_value("recent", Value::Int(recent));
    context.add_variable_from_value("total", uint256::value(total));
    if uses("ticketed") {
        context.add_variable_from_value("ticketed", Value::Bool(signal.is_some_and(ticketed)));
    }
    match program.execute(&context) {
        Ok(Value::Bool(holds)) => Ok(holds),
        Ok(other) => Err(format!("expr gives {other:?}, not true or false")),
        Err(error) => Err(error.to_string()),
    }
}

/// A setting is a number where it reads like one that fits, else an amount or text.
fn setting(text: &str) -> Value {
    if let Ok(number) = text.parse::<i64>() {
        return Value::Int(number);
    }
    U256::from_str_radix(text, 10).map_or_else(|_| Value::from(text), uint256::value)
}

fn of_signal(signal: &Signal) -> Value {
    let args = signal.args.iter().map(|(name, value)| (name.as_str(), of_json(value)));
    map([
        ("contract", Value::from(signal.contract.as_str())),
        ("name", Value::from(signal.name.as_str())),
        ("from", Value::from(signal.from.to_checksum(None))),
        ("transaction", Value::from(hex::encode_prefixed(signal.transaction))),
        ("args", map(args)),
    ])
}

fn of_json(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => number.as_i64().map_or(Value::Null, Value::Int),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(values) => Value::from(values.iter().take(LIST_MAX).map(of_json).collect::<Vec<_>>()),
        Json::Object(values) => map(values.iter().take(LIST_MAX).map(|(name, value)| (name.as_str(), of_json(value)))),
    }
}

fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let entries: HashMap<Key, Value> = entries.into_iter().map(|(name, value)| (Key::from(name), value)).collect();
    Value::Map(Map { map: entries.into() })
}
