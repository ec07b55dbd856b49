//! What stands where: the deployment manifest and its comparison with the chain.

use alloy_primitives::{Address, B256, b256, keccak256};
use serde::{Deserialize, Serialize};

use crate::{Submit, SubmitError};

/// A contract at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Where it stands.
    pub address: Address,
    /// Keccak-256 of its code on chain.
    pub code_hash: B256,
}

/// A proxy and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxied {
    /// The address people use.
    pub address: Address,
    /// Keccak-256 of the proxy's code on chain.
    pub code_hash: B256,
    /// The implementation at deployment.
    pub implementation: Standing,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Chain it is on.
    pub chain_id: u64,
    /// Block that completed it.
    pub block: u64,
    /// Version of the program that made it.
    pub version: String,
    /// Compiler of the contracts.
    pub compiler: String,
    /// Who deployed, and was the first administrator.
    pub deployer: Address,
    /// Who is credited with fees at first.
    pub treasury: Address,
    /// The single authority.
    pub authority: Standing,
    /// The voting token.
    pub guild_token: Proxied,
    /// The money of account.
    pub stable_token: Proxied,
    /// The marketplace.
    pub market: Proxied,
    /// Further code of the marketplace, which runs at its address: what comes after a sale, coupons, rule sets. None
    /// in houses from before there was any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub market_parts: Vec<Standing>,
    /// The guild's arbiters. None in houses from before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arbiter_panel: Option<Proxied>,
    /// Reviews of finished purchases. None in houses from before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews: Option<Proxied>,
    /// The anchor of supply-chain events. None in houses from before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Proxied>,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is not a manifest.
    #[error("the deployment manifest cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It is of another chain.
    #[error("the deployment manifest is of chain {expected}, this is chain {found}")]
    OtherChain {
        /// Chain of the manifest.
        expected: u64,
        /// Chain we are on.
        found: u64,
    },
    /// There is no such contract on this chain.
    #[error("{contract} is not at {address}: this is not the chain the manifest was made on")]
    Missing {
        /// Which contract.
        contract: &'static str,
        /// Where it should be.
        address: Address,
    },
    /// The code is not what was deployed.
    #[error("{contract} at {address} has code {found}, the manifest says {expected}: do not use it")]
    OtherCode {
        /// Which contract.
        contract: &'static str,
        /// Where it is.
        address: Address,
        /// Code hash in the manifest.
        expected: B256,
        /// Code hash on chain.
        found: B256,
    },
    /// A proxy runs other code than what was put behind it.
    #[error("{contract} at {address} runs the code at {found}, the manifest says {expected}: do not use it")]
    OtherImplementation {
        /// Which contract.
        contract: &'static str,
        /// Where it is.
        address: Address,
        /// Implementation in the manifest.
        expected: Address,
        /// Implementation on chain.
        found: Address,
    },
    /// The chain could not be asked.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

/// Where an ERC-1967 proxy keeps its implementation's address.
const IMPLEMENTATION_SLOT: B256 = b256!("360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");

impl Manifest {
    /// Reads a manifest from its JSON text.
    pub fn from_json(text: &str) -> Result<Self, ManifestError> {
        Ok(serde_json::from_str(text)?)
    }

    /// The manifest as JSON text, indented for people.
    pub fn to_json(&self) -> Result<String, ManifestError> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Every contract, with its name, where it stands and what its code should be.
    #[must_use]
    pub fn standings(&self) -> Vec<(&'static str, Address, B256)> {
        let mut standings = vec![("Authority", self.authority.address, self.authority.code_hash)];
        for (name, behind, proxied) in self.proxies() {
            standings.push((name, proxied.address, proxied.code_hash));
            standings.push((behind, proxied.implementation.address, proxied.implementation.code_hash));
        }
        standings.extend(self.market_parts.iter().map(|part| ("part of Market", part.address, part.code_hash)));
        standings
    }

    /// The manifest as it is once a proxy runs other code; nothing where there is no proxy of that name.
    #[must_use]
    pub fn with_code(&self, contract: &str, code: &Standing) -> Option<Self> {
        let mut next = self.clone();
        let proxied = match contract {
            "GuildToken" => Some(&mut next.guild_token),
            "StableToken" => Some(&mut next.stable_token),
            "Market" => Some(&mut next.market),
            "ArbiterPanel" => next.arbiter_panel.as_mut(),
            "Reviews" => next.reviews.as_mut(),
            "Trace" => next.trace.as_mut(),
            _ => None,
        };
        proxied?.implementation = code.clone();
        Some(next)
    }

    /// Every proxy, with its name and that of what stands behind it.
    fn proxies(&self) -> impl Iterator<Item = (&'static str, &'static str, &Proxied)> {
        let later = [
            ("ArbiterPanel", "ArbiterPanel implementation", &self.arbiter_panel),
            ("Reviews", "Reviews implementation", &self.reviews),
            ("Trace", "Trace implementation", &self.trace),
        ];
        let later = later.into_iter().filter_map(|(name, behind, proxied)| Some((name, behind, proxied.as_ref()?)));
        [
            ("GuildToken", "GuildToken implementation", &self.guild_token),
            ("StableToken", "StableToken implementation", &self.stable_token),
            ("Market", "Market implementation", &self.market),
        ]
        .into_iter()
        .chain(later)
    }
}

/// The code that a contract of the manifest runs now; nothing where there is no proxy of that name.
///
/// # Errors
/// [`SubmitError`] where the chain did not answer.
pub async fn running(
    submit: &dyn Submit,
    manifest: &Manifest,
    contract: &str,
) -> Result<Option<Standing>, SubmitError> {
    let Some((_, _, proxied)) = manifest.proxies().find(|(name, ..)| *name == contract) else { return Ok(None) };
    let address = Address::from_word(submit.storage(proxied.address, IMPLEMENTATION_SLOT).await?);
    Ok(Some(Standing { address, code_hash: keccak256(submit.code(address).await?) }))
}

/// Compares a manifest with the chain. An error says which contract differs, and how.
pub async fn verify(submit: &dyn Submit, manifest: &Manifest) -> Result<(), ManifestError> {
    let found = submit.chain_id().await?;
    if found != manifest.chain_id {
        return Err(ManifestError::OtherChain { expected: manifest.chain_id, found });
    }
    for (contract, address, expected) in manifest.standings() {
        let code = submit.code(address).await?;
        if code.is_empty() {
            return Err(ManifestError::Missing { contract, address });
        }
        let found = keccak256(&code);
        if found != expected {
            return Err(ManifestError::OtherCode { contract, address, expected, found });
        }
    }
    for (contract, _, proxied) in manifest.proxies() {
        let found = Address::from_word(submit.storage(proxied.address, IMPLEMENTATION_SLOT).await?);
        let (address, expected) = (proxied.address, proxied.implementation.address);
        if found != expected {
            return Err(ManifestError::OtherImplementation { contract, address, expected, found });
        }
    }
    Ok(())
}
