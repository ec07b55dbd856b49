//! Where the code of this program keeps what, as the audit wrote it down.

use alloy_primitives::Bytes;
use serde::Deserialize;

use crate::contracts::ARTIFACTS;

/// The market's code from before after-sales, coupons and arbiters. What it keeps in storage is known, and the audit
/// proves that the present code finds it where it was.
pub(crate) const MARKET_V1: &str = include_str!("../../../contracts/artifacts/market/MarketV1.json");

macro_rules! layout {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../contracts/artifacts/layouts/", $name, ".json")))
    };
}

/// The layout of each artifact that a proxy may hold.
const LAYOUTS: [(&str, &str); 6] = [
    layout!("Market"),
    layout!("GuildToken"),
    layout!("StableToken"),
    layout!("ArbiterPanel"),
    layout!("Reviews"),
    layout!("Trace"),
];
/// Of the market's earlier code.
const MARKET_V1_LAYOUT: (&str, &str) = layout!("MarketV1");

/// The storage layout of code behind a contract, as JSON; nothing where the code is not of this program.
#[must_use]
pub fn layout_of(contract: &str, code: &[u8]) -> Option<&'static str> {
    if contract == "Market" && is_code_of(code, MARKET_V1) {
        return Some(MARKET_V1_LAYOUT.1);
    }
    let (_, artifact) = ARTIFACTS.iter().find(|(name, _)| *name == contract)?;
    let (_, layout) = LAYOUTS.iter().find(|(name, _)| *name == contract)?;
    is_code_of(code, artifact).then_some(layout)
}

/// Whether this is the artifact's code, whatever was filled in at its creation.
pub(crate) fn is_code_of(code: &[u8], artifact: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Artifact {
        deployed_bytecode: Bytes,
        immutables: Vec<Immutable>,
    }
    #[derive(Deserialize)]
    struct Immutable {
        start: usize,
        length: usize,
    }
    let artifact: Artifact = serde_json::from_str(artifact).expect("the committed artifact is one");
    let mut code = code.to_vec();
    for Immutable { start, length } in artifact.immutables {
        let Some(filled) = code.get_mut(start..start + length) else { return false };
        filled.fill(0);
    }
    code == artifact.deployed_bytecode
}
