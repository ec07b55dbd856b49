//! The expressions of monitor files: comparisons of an event's parameters with values, joined by AND and OR.

use std::collections::BTreeSet;

use alloy_primitives::{Address, U256, hex};
use serde_json::{Map, Value as Json};

/// Combinations of examples that are tried, at most.
const TRIES_MAX: usize = 20_000;
/// How deep parentheses may go.
const DEPTH_MAX: usize = 32;
const OPERATORS: &[&str] = &["==", "!=", ">=", "<=", ">", "<", "contains", "starts_with", "ends_with"];

/// An event's arguments by name.
type Arguments = Map<String, Json>;

/// A parameter of an event.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: String,
    /// Its type, in Solidity's words.
    pub(super) kind: String,
}

/// What must hold of an event.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    All(Vec<Self>),
    Any(Vec<Self>),
    Is { parameter: usize, operator: &'static str, value: Value },
}

/// A value that a parameter may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Amount(U256),
    Truth(bool),
    /// Also addresses, checksummed, and bytes, in small letters.
    Text(String),
}

impl Expression {
    /// Reads an expression; an empty one holds of every event.
    pub(super) fn read(text: &str, parameters: &[Parameter]) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::All(Vec::new()));
        }
        let mut reader = Reader { words: words(text)?, next: 0, parameters };
        let read = reader.any(0)?;
        match reader.words.get(reader.next) {
            None => Ok(read),
            Some(word) => Err(format!("{word} is not expected there")),
        }
    }

    /// The same in CEL, as rules have it.
    pub(super) fn cel(&self, parameters: &[Parameter]) -> String {
        let joined = |parts: &[Self], with: &str| {
            let parts: Vec<_> = parts.iter().map(|part| format!("({})", part.cel(parameters))).collect();
            parts.join(with)
        };
        match self {
            Self::All(parts) if parts.is_empty() => "true".to_owned(),
            Self::All(parts) => joined(parts, " && "),
            Self::Any(parts) => joined(parts, " || "),
            Self::Is { parameter, operator, value } => {
                let given = format!("signal.args[{}]", quoted(&parameters[*parameter].name));
                let value = match value {
                    Value::Amount(amount) => quoted(&amount.to_string()),
                    Value::Truth(truth) => truth.to_string(),
                    Value::Text(text) => quoted(text),
                };
                match *operator {
                    ">" => format!("more({given}, {value})"),
                    "<" => format!("less({given}, {value})"),
                    ">=" => format!("!less({given}, {value})"),
                    "<=" => format!("!more({given}, {value})"),
                    "contains" => format!("{given}.contains({value})"),
                    "starts_with" => format!("{given}.startsWith({value})"),
                    "ends_with" => format!("{given}.endsWith({value})"),
                    operator => format!("{given} {operator} {value}"),
                }
            }
        }
    }

    /// Arguments of an event that fulfils it, and of one that does not, where there are any among likely values.
    pub(super) fn examples(&self, parameters: &[Parameter]) -> (Option<Arguments>, Option<Arguments>) {
        let mut likely: Vec<BTreeSet<Value>> = parameters.iter().map(|one| one.likely()).collect();
        self.collect(&mut likely);
        let likely: Vec<Vec<Value>> = likely.into_iter().map(|values| values.into_iter().collect()).collect();
        let (mut fulfils, mut not) = (None, None);
        let mut places = vec![0; likely.len()];
        for _ in 0..TRIES_MAX {
            let values: Vec<&Value> = places.iter().zip(&likely).map(|(place, values)| &values[*place]).collect();
            let found = if self.holds(&values) { &mut fulfils } else { &mut not };
            if found.is_none() {
                let named = parameters.iter().zip(&values).map(|(one, value)| (one.name.clone(), value.json()));
                *found = Some(named.collect());
            }
            if fulfils.is_some() && not.is_some() {
                break;
            }
            // The next combination, counted like the digits of a number.
            let Some(turned) = (0..places.len()).find(|at| places[*at] + 1 < likely[*at].len()) else { break };
            places[turned] += 1;
            places[..turned].fill(0);
        }
        (fulfils, not)
    }

    fn collect(&self, likely: &mut [BTreeSet<Value>]) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(likely)),
            Self::Is { parameter, value, .. } => {
                if let Value::Amount(amount) = value {
                    likely[*parameter].insert(Value::Amount(amount.saturating_sub(U256::from(1))));
                    likely[*parameter].insert(Value::Amount(amount.saturating_add(U256::from(1))));
                }
                likely[*parameter].insert(value.clone());
            }
        }
    }

    fn holds(&self, values: &[&Value]) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(values)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(values)),
            Self::Is { parameter, operator, value } => match (values[*parameter], value, *operator) {
                (given, wanted, "==") => given == wanted,
                (given, wanted, "!=") => given != wanted,
                (Value::Text(given), Value::Text(part), "contains") => given.contains(part.as_str()),
                (Value::Text(given), Value::Text(part), "starts_with") => given.starts_with(part.as_str()),
                (Value::Text(given), Value::Text(part), "ends_with") => given.ends_with(part.as_str()),
                (Value::Amount(given), Value::Amount(than), ">") => given > than,
                (Value::Amount(given), Value::Amount(than), "<") => given < than,
                (Value::Amount(given), Value::Amount(than), ">=") => given >= than,
                (Value::Amount(given), Value::Amount(than), "<=") => given <= than,
                _ => false,
            },
        }
    }
}

impl Parameter {
    /// A value of another kind than any that is compared with.
    fn likely(&self) -> BTreeSet<Value> {
        BTreeSet::from([match self.kind.as_str() {
            "address" => Value::Text(Address::repeat_byte(0xa1).to_checksum(None)),
            "bool" => return BTreeSet::from([Value::Truth(false), Value::Truth(true)]),
            kind if kind.starts_with("uint") => Value::Amount(U256::ZERO),
            "bytes32" => Value::Text(format!("0x{}", "00".repeat(32))),
            _ => Value::Text(String::new()),
        }])
    }

    /// A word of the expression as a value of this parameter.
    fn value(&self, word: &str, operator: &str) -> Result<Value, String> {
        let orders = matches!(operator, ">" | "<" | ">=" | "<=");
        let searches = matches!(operator, "contains" | "starts_with" | "ends_with");
        let name = &self.name;
        let text = word.strip_prefix(['\'', '"']).map(|rest| &rest[..rest.len() - 1]);
        let bare = text.unwrap_or(word);
        match self.kind.as_str() {
            kind if kind.starts_with("uint") && !kind.ends_with(']') && !searches => {
                let number = match bare.strip_prefix("0x") {
                    Some(digits) => U256::from_str_radix(digits, 16),
                    None => U256::from_str_radix(bare, 10),
                };
                number
                    .map(Value::Amount)
                    .map_err(|_| format!("{name} is compared with {word}, which is no whole number"))
            }
            "bool" if !orders && !searches => match bare {
                "true" => Ok(Value::Truth(true)),
                "false" => Ok(Value::Truth(false)),
                _ => Err(format!("{name} is compared with {word}, which is neither true nor false")),
            },
            "address" if !orders && !searches => {
                let address = bare.parse::<Address>();
                let address = address.map_err(|_| format!("{name} is compared with {word}, which is no address"))?;
                Ok(Value::Text(address.to_checksum(None)))
            }
            "string" if !orders => {
                let text = text.ok_or_else(|| format!("{name} is compared with {word}, which is no text in quotes"))?;
                Ok(Value::Text(text.to_owned()))
            }
            kind if kind.starts_with("bytes") && !kind.ends_with(']') && !orders && !searches => {
                let bytes =
                    hex::decode(bare).map_err(|_| format!("{name} is compared with {word}, which is no hex"))?;
                Ok(Value::Text(hex::encode_prefixed(bytes)))
            }
            kind => Err(format!("{name} is {kind}, which can't be compared by {operator} here")),
        }
    }
}

impl Value {
    fn json(&self) -> Json {
        match self {
            Self::Amount(amount) => Json::String(amount.to_string()),
            Self::Truth(truth) => Json::Bool(*truth),
            Self::Text(text) => Json::String(text.clone()),
        }
    }
}

struct Reader<'e> {
    words: Vec<String>,
    next: usize,
    parameters: &'e [Parameter],
}

impl Reader<'_> {
    fn word(&mut self) -> Result<String, String> {
        let word = self.words.get(self.next).cloned().ok_or("the expression ends too early")?;
        self.next += 1;
        Ok(word)
    }

    fn takes(&mut self, wanted: &[&str]) -> bool {
        let found = self.words.get(self.next).is_some_and(|word| wanted.contains(&word.as_str()));
        self.next += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Expression, String> {
        let mut parts = vec![self.all(depth)?];
        while self.takes(&["OR", "||"]) {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Result<Expression, String> {
        let mut parts = vec![self.one(depth)?];
        while self.takes(&["AND", "&&"]) {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Result<Expression, String> {
        if self.takes(&["("]) {
            if depth == DEPTH_MAX {
                return Err("parentheses go too deep".to_owned());
            }
            let inner = self.any(depth + 1)?;
            return if self.takes(&[")"]) { Ok(inner) } else { Err("a parenthesis is not closed".to_owned()) };
        }
        let name = self.word()?;
        let place = self.parameters.iter().position(|one| one.name == name);
        let parameter = place.ok_or_else(|| format!("the event has no parameter {name}"))?;
        let said = self.word()?;
        let operator = OPERATORS.iter().find(|known| **known == said);
        let operator = *operator.ok_or_else(|| format!("{said} is no comparison"))?;
        let word = self.word()?;
        let value = self.parameters[parameter].value(&word, operator)?;
        Ok(Expression::Is { parameter, operator, value })
    }
}

/// Cuts an expression into names, numbers, texts in quotes, and signs.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' => rest[1..].find(first).map(|at| at + 2).ok_or("a text in quotes is not closed")?,
            '(' | ')' => 1,
            '=' | '!' | '<' | '>' | '&' | '|' => {
                rest.find(|sign| !matches!(sign, '=' | '!' | '<' | '>' | '&' | '|')).unwrap_or(rest.len())
            }
            _ => {
                let inside = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '$' | '.' | '[' | ']' | '-');
                let end = rest.find(|sign| !inside(sign)).unwrap_or(rest.len());
                if end == 0 {
                    return Err(format!("{first} is not expected there"));
                }
                end
            }
        };
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    Ok(words)
}

/// A text of CEL.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('\'');
    for sign in text.chars() {
        match sign {
            '\'' | '\\' => quoted.extend(['\\', sign]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            sign => quoted.push(sign),
        }
    }
    quoted.push('\'');
    quoted
}
