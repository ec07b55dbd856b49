//! Positional parameters, parsed one by one with messages that name them.

use crate::error::RpcError;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The parameters of one call.
#[derive(Debug)]
pub(crate) struct Params<'a> {
    values: std::vec::IntoIter<&'a RawValue>,
    position: usize,
}

impl<'a> Params<'a> {
    /// Splits a JSON array; absent parameters are an empty one.
    pub(crate) fn new(raw: Option<&'a RawValue>) -> Result<Self, RpcError> {
        let values: Vec<&RawValue> = match raw {
            None => Vec::new(),
            Some(raw) if raw.get() == "null" => Vec::new(),
            Some(raw) => serde_json::from_str(raw.get())
                .map_err(|_| RpcError::params("params must be an array, in the order of the method's documentation"))?,
        };
        Ok(Self { values: values.into_iter(), position: 0 })
    }

    /// The next parameter, which must be there.
    pub(crate) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, RpcError> {
        self.optional(name)?.ok_or_else(|| {
            RpcError::params(format!("missing value for required argument {} ({name})", self.position - 1))
        })
    }

    /// The next parameter as hex, which must begin with `0x`.
    pub(crate) fn hex<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, RpcError> {
        let position = self.position;
        let prefixed = self.values.as_slice().first().is_none_or(|raw| !is_bare(raw.get()));
        if !prefixed {
            return Err(RpcError::params(format!(
                "invalid argument {position} ({name}): hex string without 0x prefix"
            )));
        }
        self.required(name)
    }

    /// The next parameter; `None` when it is left out or null.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, RpcError> {
        let position = self.position;
        self.position += 1;
        match self.values.next() {
            None => Ok(None),
            Some(raw) if raw.get() == "null" => Ok(None),
            Some(raw) => serde_json::from_str(raw.get())
                .map(Some)
                .map_err(|error| RpcError::params(format!("invalid argument {position} ({name}): {error}"))),
        }
    }
}

/// Whether this is a JSON string without the prefix of hex.
fn is_bare(json: &str) -> bool {
    json.starts_with('"') && !json.starts_with("\"0x") && !json.starts_with("\"0X")
}
