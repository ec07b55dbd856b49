//! Keys: the well-known development ones, and encrypted keystores.

use alloy_primitives::B256;
use alloy_signer_local::{MnemonicBuilder, coins_bip39::English};
use anyhow::Context;

/// The mnemonic that every Ethereum development tool knows. Only used on
/// development chains, which refuse to listen beyond loopback.
pub(crate) const DEV_MNEMONIC: &str = "test test test test test test test test test test test junk";

/// The secret keys `m/44'/60'/0'/0/first..first+count` of the development
/// mnemonic.
pub(crate) fn dev_keys(first: u32, count: u32) -> anyhow::Result<Vec<B256>> {
    let key = |index: u32| {
        let signer = MnemonicBuilder::<English>::default().phrase(DEV_MNEMONIC).index(index)?.build()?;
        anyhow::Ok(signer.to_bytes())
    };
    (first..first + count).map(|index| key(index).context("can't derive a development key")).collect()
}
