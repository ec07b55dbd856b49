//! Whether compiled code is the code on chain.

use alloy_primitives::hex;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

/// How well sources fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourceMatch)]
pub(crate) enum Match {
    /// Byte for byte, the hash of the sources included where the code carries one. Immutable values aside.
    Exact,
    /// The code is the same, the hash of the sources at its end is not: comments or names may differ.
    Partial,
}

/// Why code does not fit.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Mismatch {
    #[error("The sources give no code: the contract is abstract or an interface.")]
    NoCode,
    #[error("The compiler's answer has no usable code.")]
    Unreadable,
    #[error(
        "The compiled code is not the code on chain: {compiled} bytes against {on_chain}, different from byte {at} on. Check the compiler version and the settings (optimizer, runs, EVM version, via-IR)."
    )]
    Different { compiled: usize, on_chain: usize, at: usize },
}

/// Compares the code on chain with the compiler's `evm.deployedBytecode`.
pub(super) fn compare(on_chain: &[u8], compiled: &Json) -> Result<Match, Mismatch> {
    let text = compiled["object"].as_str().ok_or(Mismatch::Unreadable)?;
    if text.is_empty() {
        return Err(Mismatch::NoCode);
    }
    let mut code = decode(text)?;
    let mut chain = on_chain.to_vec();
    // Immutables are written at deployment, addresses of libraries when linking.
    for (start, length) in places(&compiled["immutableReferences"]).chain(places(&compiled["linkReferences"])) {
        for bytes in [&mut code, &mut chain] {
            if let Some(place) = start.checked_add(length).and_then(|end| bytes.get_mut(start..end)) {
                place.fill(0);
            }
        }
    }
    // A library holds its own address, after the first opcode, as a guard against being called itself.
    if code.len() > 21 && code[0] == 0x73 && code[1..21] == [0; 20] && chain.len() > 21 {
        chain[1..21].fill(0);
    }
    if code == chain {
        return Ok(Match::Exact);
    }
    if without_metadata(&code) == without_metadata(&chain) {
        return Ok(Match::Partial);
    }
    let at = code.iter().zip(&chain).take_while(|(a, b)| a == b).count();
    Err(Mismatch::Different { compiled: code.len(), on_chain: chain.len(), at })
}

/// Hex, with placeholders of libraries that are not linked as zeros.
fn decode(text: &str) -> Result<Vec<u8>, Mismatch> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("__") {
        plain.push_str(&rest[..at]);
        plain.push_str(&"0".repeat(40));
        rest = rest.get(at + 40..).ok_or(Mismatch::Unreadable)?;
    }
    plain.push_str(rest);
    hex::decode(plain).map_err(|_| Mismatch::Unreadable)
}

/// Every `{start, length}` however deep.
fn places(references: &Json) -> Box<dyn Iterator<Item = (usize, usize)> + '_> {
    let place = |value: &Json| {
        let number = |key: &str| usize::try_from(value[key].as_u64()?).ok();
        Some((number("start")?, number("length")?))
    };
    match references {
        Json::Object(map) if map.contains_key("start") => Box::new(place(references).into_iter()),
        Json::Object(map) => Box::new(map.values().flat_map(places)),
        Json::Array(list) => Box::new(list.iter().flat_map(places)),
        _ => Box::new(std::iter::empty()),
    }
}

/// Code without the CBOR map that solc puts at its end; its length is in the last two bytes.
fn without_metadata(code: &[u8]) -> &[u8] {
    let Some((body, length)) = code.split_last_chunk::<2>() else { return code };
    let length = usize::from(u16::from_be_bytes(*length));
    match body.len().checked_sub(length) {
        // A map of one to four entries.
        Some(start) if body.get(start).is_some_and(|first| (0xa1..=0xa4).contains(first)) => &body[..start],
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BODY: &str = "60806040525f5ffd";
    fn with_metadata(first: u8) -> String {
        let cbor = format!("a1{first:02x}64736f6c63");
        format!("{BODY}{cbor}{:04x}", cbor.len() / 2)
    }

    #[test]
    fn equal_code_is_exact_and_other_metadata_is_partial() {
        let compiled = json!({ "object": with_metadata(1) });
        let same = hex::decode(with_metadata(1)).unwrap();
        assert_eq!(compare(&same, &compiled), Ok(Match::Exact));
        let other = hex::decode(with_metadata(2)).unwrap();
        assert_eq!(compare(&other, &compiled), Ok(Match::Partial));
    }

    #[test]
    fn immutables_and_libraries_are_set_aside() {
        let compiled = json!({ "object": format!("6000{}73__$0123456789abcdef0123456789abcdef01$__00", "00".repeat(32)),
            "immutableReferences": { "7": [{ "start": 2, "length": 32 }] },
            "linkReferences": { "a.sol": { "L": [{ "start": 35, "length": 20 }] } } });
        let chain = hex::decode(format!("6000{}73{}00", "11".repeat(32), "22".repeat(20))).unwrap();
        assert_eq!(compare(&chain, &compiled), Ok(Match::Exact));
        let longer = [chain.as_slice(), &[1]].concat();
        assert!(compare(&longer, &compiled).is_err());
    }

    #[test]
    fn different_code_says_where() {
        let compiled = json!({ "object": BODY });
        let mut chain = hex::decode(BODY).unwrap();
        chain[3] ^= 1;
        assert_eq!(compare(&chain, &compiled), Err(Mismatch::Different { compiled: 8, on_chain: 8, at: 3 }));
        assert_eq!(compare(&chain, &json!({ "object": "" })), Err(Mismatch::NoCode));
        assert_eq!(compare(&chain, &json!({ "object": "zz" })), Err(Mismatch::Unreadable));
        let outside = json!({ "object": BODY, "immutableReferences": { "1": [{ "start": 7, "length": 9 }] } });
        assert!(compare(&chain, &outside).is_err(), "a reference beyond the code hides nothing");
    }
}
