//! The register: which contracts are watched, under which names, and how their events and views read.

use std::collections::BTreeMap;

use alloy_dyn_abi::{DynSolType, DynSolValue, EventExt, JsonAbiExt, Specifier};
use alloy_json_abi::{Function, JsonAbi};
use alloy_primitives::{Address, B256, Bytes, U256, hex};
use platform_protocol::{Manifest, interfaces};
use serde_json::Value as Json;

/// Contracts by name.
#[derive(Clone, Debug, Default)]
pub struct Register {
    by_name: BTreeMap<String, Address>,
    by_address: BTreeMap<Address, (String, JsonAbi)>,
}

/// A name or a call that the register can't make sense of.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// No such contract.
    #[error("there is no contract called {0} here")]
    Unknown(String),
    /// A call that does not read as one.
    #[error("{call}: {reason}")]
    Call {
        /// The call as it was written.
        call: String,
        /// What is wrong.
        reason: String,
    },
}

impl Register {
    /// The contracts of a deployment, and its operator.
    ///
    /// # Errors
    /// Where a committed artifact does not read.
    pub fn of(manifest: &Manifest, operator: Address) -> Result<Self, serde_json::Error> {
        let mut register = Self::default();
        for (name, address, abi) in interfaces(manifest)? {
            register.add(name, address, abi);
        }
        register.name("Operator", operator);
        Ok(register)
    }

    /// Adds a contract.
    pub fn add(&mut self, name: &str, address: Address, abi: JsonAbi) {
        self.by_name.insert(name.to_owned(), address);
        self.by_address.insert(address, (name.to_owned(), abi));
    }

    /// Names an address that has no events: a person, an account.
    pub fn name(&mut self, name: &str, address: Address) {
        self.by_name.insert(name.to_owned(), address);
    }

    /// Where the contract of this name stands.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<Address> {
        self.by_name.get(name).copied()
    }

    /// What the contract at this address is called.
    #[must_use]
    pub fn contract(&self, address: Address) -> Option<&str> {
        self.by_address.get(&address).map(|(name, _)| name.as_str())
    }

    /// The name of an address, contract or not.
    #[must_use]
    pub fn called(&self, address: Address) -> Option<&str> {
        self.by_name.iter().find(|(_, at)| **at == address).map(|(name, _)| name.as_str())
    }

    /// Every contract.
    pub fn contracts(&self) -> impl Iterator<Item = (&str, Address)> {
        self.by_address.iter().map(|(address, (name, _))| (name.as_str(), *address))
    }

    /// An event's name and arguments; nothing where the contract is not watched or has no such event.
    #[must_use]
    pub fn event(&self, address: Address, topics: &[B256], data: &[u8]) -> Option<(String, BTreeMap<String, Json>)> {
        let (_, abi) = self.by_address.get(&address)?;
        let topic = topics.first()?;
        // Parts of one contract may declare an event more than once: what decodes is meant.
        let (event, decoded) = abi
            .events()
            .filter(|event| event.selector() == *topic)
            .find_map(|event| Some((event, event.decode_log_parts(topics.iter().copied(), data).ok()?)))?;
        let (mut indexed, mut body) = (decoded.indexed.into_iter(), decoded.body.into_iter());
        let mut args = BTreeMap::new();
        for (place, input) in event.inputs.iter().enumerate() {
            let value = if input.indexed { indexed.next() } else { body.next() }?;
            args.insert(parameter(&input.name, place), json(&value));
        }
        Some((event.name.clone(), args))
    }

    /// Names and types of the parameters of a contract's event, by its signature.
    #[must_use]
    pub(crate) fn event_inputs(&self, contract: &str, signature: &str) -> Option<Vec<(String, String)>> {
        let (_, abi) = self.by_address.get(&self.address(contract)?)?;
        let event = abi.events().find(|event| event.signature() == signature)?;
        let named =
            event.inputs.iter().enumerate().map(|(place, input)| (parameter(&input.name, place), input.ty.clone()));
        Some(named.collect())
    }

    /// The input of a call such as `setTargetClosed(address,bool)`, its arguments written as text: `@Name` for an
    /// address, `[a, b]` for a list.
    ///
    /// # Errors
    /// [`RegisterError`], with the argument at fault.
    pub fn call(&self, call: &str, args: &[String]) -> Result<Bytes, RegisterError> {
        let refuse = |reason: String| RegisterError::Call { call: call.to_owned(), reason };
        let function = Function::parse(call).map_err(|error| refuse(error.to_string()))?;
        let values = self.values(call, function.inputs.iter().map(Specifier::resolve), args)?;
        function.abi_encode_input(&values).map(Into::into).map_err(|error| refuse(error.to_string()))
    }

    /// Creation code and the arguments of its constructor.
    ///
    /// # Errors
    /// As [`Register::call`].
    pub fn creation(&self, abi: &JsonAbi, bytecode: &[u8], args: &[String]) -> Result<Bytes, RegisterError> {
        let refuse = |reason: String| RegisterError::Call { call: "constructor".to_owned(), reason };
        let Some(constructor) = &abi.constructor else { return Ok(Bytes::copy_from_slice(bytecode)) };
        let values = self.values("constructor", constructor.inputs.iter().map(Specifier::resolve), args)?;
        let encoded = constructor.abi_encode_input(&values).map_err(|error| refuse(error.to_string()))?;
        Ok([bytecode, &encoded].concat().into())
    }

    fn values(
        &self,
        call: &str,
        types: impl Iterator<Item = alloy_dyn_abi::Result<DynSolType>>,
        args: &[String],
    ) -> Result<Vec<DynSolValue>, RegisterError> {
        let refuse = |reason: String| RegisterError::Call { call: call.to_owned(), reason };
        let types: Vec<_> = types.collect::<Result<_, _>>().map_err(|error| refuse(error.to_string()))?;
        if types.len() != args.len() {
            return Err(refuse(format!("it takes {} arguments, not {}", types.len(), args.len())));
        }
        types
            .iter()
            .zip(args)
            .map(|(ty, text)| {
                let text = self.with_addresses(text)?;
                ty.coerce_str(&text).map_err(|error| refuse(format!("{text}: {error}")))
            })
            .collect()
    }

    /// Puts addresses in the place of `@Name`.
    fn with_addresses(&self, text: &str) -> Result<String, RegisterError> {
        let mut out = String::new();
        let mut parts = text.split('@');
        out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(part.len());
            let address = self.address(&part[..end]).ok_or_else(|| RegisterError::Unknown(part[..end].to_owned()))?;
            out.push_str(&address.to_checksum(None));
            out.push_str(&part[end..]);
        }
        Ok(out)
    }
}

/// The name of an event's parameter.
fn parameter(name: &str, place: usize) -> String {
    if name.is_empty() { format!("arg{place}") } else { name.to_owned() }
}

/// The first 32 bytes of an answer as an unsigned integer. Truth is 1.
pub(crate) fn word(output: &[u8]) -> Option<U256> {
    Some(U256::from_be_slice(output.get(..32)?))
}

fn json(value: &DynSolValue) -> Json {
    match value {
        DynSolValue::Bool(truth) => Json::Bool(*truth),
        DynSolValue::Int(number, _) => Json::String(number.to_string()),
        DynSolValue::Uint(number, _) => Json::String(number.to_string()),
        DynSolValue::Address(address) => Json::String(address.to_checksum(None)),
        DynSolValue::String(text) => Json::String(text.clone()),
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) | DynSolValue::Tuple(values) => {
            Json::Array(values.iter().map(json).collect())
        }
        DynSolValue::FixedBytes(word, size) => Json::String(hex::encode_prefixed(&word[..*size])),
        DynSolValue::Bytes(bytes) => Json::String(hex::encode_prefixed(bytes)),
        DynSolValue::Function(function) => Json::String(hex::encode_prefixed(function.as_slice())),
        DynSolValue::CustomStruct { tuple, .. } => Json::Array(tuple.iter().map(json).collect()),
    }
}
