//! Calls, events and errors by name, through the ABIs of the guild's contracts.

use std::collections::HashMap;

use alloy_dyn_abi::{DynSolValue, EventExt, JsonAbiExt};
use alloy_json_abi::{Error, Event, EventParam, Function, JsonAbi, Param};
use alloy_primitives::{Address, B256, Selector};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::Manifest;
use crate::contracts::{ARTIFACTS, MARKET_PARTS};
use crate::words::{Words, words_for};

/// A contract people know by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Where it stands.
    pub address: Address,
    /// What it is called.
    pub name: &'static str,
}

/// An argument with its name, type and value. Integers are decimal text, bytes are hex, tuples are objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Name, or its place where it has none.
    pub name: String,
    /// Solidity type.
    #[serde(rename = "type")]
    pub ty: String,
    /// Value.
    pub value: Json,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecodedCall {
    /// Contract.
    pub contract: String,
    /// Function.
    pub function: String,
    /// Its signature.
    pub signature: String,
    /// Its arguments.
    pub args: Vec<Argument>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecodedEvent {
    /// Contract.
    pub contract: String,
    /// Event.
    pub event: String,
    /// Its signature.
    pub signature: String,
    /// Its arguments.
    pub args: Vec<Argument>,
}

/// A custom error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecodedError {
    /// Error.
    pub name: String,
    /// Its signature.
    pub signature: String,
    /// Its arguments.
    pub args: Vec<Argument>,
    /// What it means, in words.
    pub words: Words,
}

/// The ABIs by contract, selector and topic.
#[derive(Debug, Default)]
pub struct Decoder {
    names: HashMap<Address, &'static str>,
    functions: HashMap<(&'static str, Selector), Function>,
    any_function: HashMap<Selector, (&'static str, Function)>,
    events: HashMap<(&'static str, B256), Event>,
    any_event: HashMap<B256, Event>,
    errors: HashMap<Selector, Error>,
}

/// The contracts of a deployment that people speak to.
fn standing(manifest: &Manifest) -> Vec<(&'static str, Address)> {
    let mut all = vec![
        ("Authority", manifest.authority.address),
        ("GuildToken", manifest.guild_token.address),
        ("StableToken", manifest.stable_token.address),
        ("Market", manifest.market.address),
    ];
    let later = [("ArbiterPanel", &manifest.arbiter_panel), ("Reviews", &manifest.reviews), ("Trace", &manifest.trace)];
    all.extend(later.into_iter().filter_map(|(name, proxied)| Some((name, proxied.as_ref()?.address))));
    all
}

/// The contracts of a deployment with their interfaces. The market's parts are the market's.
///
/// # Errors
/// Where a committed artifact does not read.
pub fn interfaces(manifest: &Manifest) -> Result<Vec<(&'static str, Address, JsonAbi)>, serde_json::Error> {
    standing(manifest)
        .into_iter()
        .map(|(name, address)| {
            let mut all = JsonAbi::new();
            let own = |artifact: &str| artifact == name || name == "Market" && MARKET_PARTS.contains(&artifact);
            for (_, artifact) in ARTIFACTS.iter().filter(|(artifact, _)| own(artifact)) {
                let artifact: Json = serde_json::from_str(artifact)?;
                let abi: JsonAbi = serde_json::from_value(artifact["abi"].clone())?;
                for (name, events) in abi.events {
                    let known = all.events.entry(name).or_default();
                    known.extend(events.into_iter().filter(|event| !known.contains(event)).collect::<Vec<_>>());
                }
            }
            Ok((name, address, all))
        })
        .collect()
}

impl Decoder {
    /// A decoder that knows the contracts of a deployment by their addresses, and their interfaces anywhere.
    pub fn new(manifest: &Manifest) -> Result<Self, serde_json::Error> {
        let mut decoder = Self::default();
        for (name, artifact) in ARTIFACTS {
            let artifact: Json = serde_json::from_str(artifact)?;
            let abi: JsonAbi = serde_json::from_value(artifact["abi"].clone())?;
            if MARKET_PARTS.contains(&name) {
                decoder.learn("Market", abi);
            } else {
                decoder.learn(name, abi);
            }
        }
        decoder.names.extend(standing(manifest).into_iter().map(|(name, address)| (address, name)));
        Ok(decoder)
    }

    /// A decoder of one interface. The contract it names is empty: who asks knows it.
    #[must_use]
    pub fn of(abi: JsonAbi) -> Self {
        let mut decoder = Self::default();
        decoder.learn("", abi);
        decoder
    }

    /// What the contract at this address is called.
    #[must_use]
    pub fn name(&self, address: Address) -> Option<&'static str> {
        self.names.get(&address).copied()
    }

    /// The contracts known by address, by name.
    #[must_use]
    pub fn known(&self) -> Vec<Known> {
        let mut known: Vec<_> = self.names.iter().map(|(address, name)| Known { address: *address, name }).collect();
        known.sort_by_key(|known| known.name);
        known
    }

    /// The call a transaction's input makes, if any ABI has it.
    #[must_use]
    pub fn call(&self, to: Address, input: &[u8]) -> Option<DecodedCall> {
        let (selector, data) = input.split_at_checked(4)?;
        let selector = Selector::from_slice(selector);
        let named = self.name(to).and_then(|name| Some((name, self.functions.get(&(name, selector))?)));
        let (contract, function) =
            named.or_else(|| self.any_function.get(&selector).map(|(name, function)| (*name, function)))?;
        let values = function.abi_decode_input(data).ok()?;
        Some(DecodedCall {
            contract: contract.to_owned(),
            function: function.name.clone(),
            signature: function.signature(),
            args: arguments(&function.inputs, values),
        })
    }

    /// The name of the function a selector means at this address, if any ABI has it.
    #[must_use]
    pub fn function(&self, to: Address, selector: &[u8]) -> Option<&str> {
        let selector = Selector::try_from(selector).ok()?;
        let named = self.name(to).and_then(|name| self.functions.get(&(name, selector)));
        let function = named.or_else(|| self.any_function.get(&selector).map(|(_, function)| function))?;
        Some(&function.name)
    }

    /// The event a log records, if any ABI has it.
    #[must_use]
    pub fn event(&self, address: Address, topics: &[B256], data: &[u8]) -> Option<DecodedEvent> {
        let topic = topics.first()?;
        let named = self.name(address);
        let event = named.and_then(|name| self.events.get(&(name, *topic))).or_else(|| self.any_event.get(topic))?;
        let decoded = event.decode_log_parts(topics.iter().copied(), data).ok()?;
        let (mut indexed, mut body) = (decoded.indexed.into_iter(), decoded.body.into_iter());
        let args = event.inputs.iter().enumerate().filter_map(|(place, input)| {
            let value = if input.indexed { indexed.next() } else { body.next() }?;
            Some(event_argument(place, input, value))
        });
        Some(DecodedEvent {
            contract: named.unwrap_or("ERC-20").to_owned(),
            event: event.name.clone(),
            signature: event.signature(),
            args: args.collect(),
        })
    }

    /// The custom error a revert returned, if any ABI has it.
    #[must_use]
    pub fn error(&self, data: &[u8]) -> Option<DecodedError> {
        let (selector, body) = data.split_at_checked(4)?;
        let selector = Selector::from_slice(selector);
        if let Some(error) = self.errors.get(&selector) {
            let values = error.abi_decode_input(body).ok()?;
            let args = arguments(&error.inputs, values);
            let words = words_for(&error.name, &args);
            return Some(DecodedError { name: error.name.clone(), signature: error.signature(), args, words });
        }
        builtin_error(data)
    }

    fn learn(&mut self, name: &'static str, abi: JsonAbi) {
        for function in abi.functions.into_values().flatten() {
            self.any_function.entry(function.selector()).or_insert_with(|| (name, function.clone()));
            self.functions.insert((name, function.selector()), function);
        }
        for event in abi.events.into_values().flatten() {
            self.any_event.entry(event.selector()).or_insert_with(|| event.clone());
            self.events.insert((name, event.selector()), event);
        }
        for error in abi.errors.into_values().flatten() {
            self.errors.entry(error.selector()).or_insert(error);
        }
    }
}

fn builtin_error(data: &[u8]) -> Option<DecodedError> {
    use alloy_sol_types::{Panic, Revert, SolError};
    if let Ok(revert) = Revert::abi_decode(data) {
        let args = vec![Argument { name: "reason".into(), ty: "string".into(), value: revert.reason.into() }];
        let words = words_for("Error", &args);
        return Some(DecodedError { name: "Error".into(), signature: Revert::SIGNATURE.into(), args, words });
    }
    let panic = Panic::abi_decode(data).ok()?;
    let args = vec![Argument { name: "code".into(), ty: "uint256".into(), value: panic.code.to_string().into() }];
    let words = words_for("Panic", &args);
    Some(DecodedError { name: "Panic".into(), signature: Panic::SIGNATURE.into(), args, words })
}

fn arguments(inputs: &[Param], values: Vec<DynSolValue>) -> Vec<Argument> {
    let named = |(place, (input, value)): (usize, (&Param, DynSolValue))| Argument {
        name: name_or_place(&input.name, place),
        ty: input.selector_type().into_owned(),
        value: json(value, &input.components),
    };
    inputs.iter().zip(values).enumerate().map(named).collect()
}

fn event_argument(place: usize, input: &EventParam, value: DynSolValue) -> Argument {
    Argument {
        name: name_or_place(&input.name, place),
        ty: input.selector_type().into_owned(),
        value: json(value, &input.components),
    }
}

fn name_or_place(name: &str, place: usize) -> String {
    if name.is_empty() { place.to_string() } else { name.trim_end_matches('_').to_owned() }
}

fn json(value: DynSolValue, components: &[Param]) -> Json {
    match value {
        DynSolValue::Bool(value) => value.into(),
        DynSolValue::Int(value, _) => value.to_string().into(),
        DynSolValue::Uint(value, _) => value.to_string().into(),
        DynSolValue::FixedBytes(word, size) => alloy_primitives::hex::encode_prefixed(&word[..size]).into(),
        DynSolValue::Address(address) => address.to_checksum(None).into(),
        DynSolValue::Function(function) => function.to_string().into(),
        DynSolValue::Bytes(bytes) => alloy_primitives::hex::encode_prefixed(bytes).into(),
        DynSolValue::String(text) => text.into(),
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) => {
            values.into_iter().map(|value| json(value, components)).collect()
        }
        DynSolValue::Tuple(values) | DynSolValue::CustomStruct { tuple: values, .. } => object(values, components),
    }
}

fn object(values: Vec<DynSolValue>, components: &[Param]) -> Json {
    let mut fields = Map::new();
    for (place, value) in values.into_iter().enumerate() {
        let component = components.get(place);
        let name = name_or_place(component.map_or("", |component| &component.name), place);
        fields.insert(name, json(value, component.map_or(&[], |component| &component.components)));
    }
    Json::Object(fields)
}
