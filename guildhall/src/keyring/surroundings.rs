//! What the ledger's events say of a house besides its manifest.

use crate::house::House;
use alloy_primitives::Log;
use alloy_sol_types::SolEvent;
use ledger_state::LogKey;
use platform_protocol::{
    Surroundings,
    contracts::{ArbiterPanel, Authority, Market},
};

/// Roles that were ever given, tokens that were ever allowed, and who gets
/// the panel's fees.
pub(super) fn of(house: &House) -> anyhow::Result<Surroundings> {
    let mut around = Surroundings::default();
    let manifest = &house.manifest;
    each::<Authority::RoleGranted>(house, |log, event| {
        if log.address == manifest.authority.address {
            around.roles.insert(event.roleId);
        }
    })?;
    each::<Market::TokenAllowed>(house, |log, event| {
        if log.address == manifest.market.address {
            around.tokens.insert(event.token);
        }
    })?;
    each::<ArbiterPanel::TreasurySet>(house, |log, event| {
        if manifest.arbiter_panel.as_ref().is_some_and(|panel| panel.address == log.address) {
            around.panel_treasury = Some(event.treasury);
        }
    })?;
    Ok(around)
}

/// Every event of a kind, oldest first.
fn each<E: SolEvent>(house: &House, mut look: impl FnMut(&Log, E)) -> anyhow::Result<()> {
    let store = house.ledger.ledger().store();
    for number in store.log_blocks(&[LogKey::Topic(0, &E::SIGNATURE_HASH)], 0, store.head().number())? {
        let Some(block) = store.block(number)? else { continue };
        for (_, log) in block.logs() {
            if let Ok(event) = E::decode_log(log) {
                look(log, event.data);
            }
        }
    }
    Ok(())
}
