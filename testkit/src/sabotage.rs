//! Faults put in on purpose, to see that they are found.

use crate::{
    effects::Effect,
    terms::{State, Token},
    world::{Sabotage, World},
};
use alloy_primitives::{Address, B256, U256, b256, keccak256};
use alloy_sol_types::SolValue;
use anyhow::Context;
use platform_protocol::contracts::Market;

/// Where `guildhall.market` lies (ERC-7201), and the fields meant here.
const MARKET: B256 = b256!("4caa1315d208822e9f3723a3b556238f793695cba3ebf6daac808429e8b0ac00");
const ORDER: u64 = 5;
const CREDIT: u64 = 6;
const LIABILITIES: u64 = 7;

fn field(number: u64) -> B256 {
    (U256::from_be_bytes(MARKET.0) + U256::from(number)).into()
}

fn entry(key: Address, slot: B256) -> B256 {
    keccak256((key, slot).abi_encode())
}

/// Where an order's fee and deadline lie in its first slot, in bits.
const FEE: usize = 168;
const DEADLINE: usize = 200;

/// Changes the market's storage: an order, a credit, or what the market says it owes.
pub(crate) fn spoil(world: &mut World) -> anyhow::Result<()> {
    match world.options.sabotage {
        Some(Sabotage::Deadline) => spoil_order(world, DEADLINE, 40),
        Some(Sabotage::Signed) => spoil_order(world, FEE, 16),
        _ => spoil_money(world),
    }
}

/// Empties a field of an open order.
fn spoil_order(world: &mut World, offset: usize, bits: usize) -> anyhow::Result<()> {
    let open = world.rules.orders.iter().position(|order| !order.state.over()).context("no order is open")?;
    let order = open as u64 + 1;
    let slot = keccak256((U256::from(order), field(ORDER)).abi_encode());
    let mask = ((U256::from(1) << bits) - U256::from(1)) << offset;
    let value = world.chain.slot(world.places.market, slot)? & !mask;
    world.unchecked.insert(order);
    world.chain.tamper(world.places.market, slot, value)
}

fn spoil_money(world: &mut World) -> anyhow::Result<()> {
    let (market, token) = (world.places.market, Token::Stable);
    let address = world.places.token(token);
    let (slot, value) = if world.options.sabotage == Some(Sabotage::Credit) {
        let account = world.cast.address(world.cast.sellers.start);
        let value = world.chain.view(market, Market::creditOfCall { account, token: address })?;
        (entry(address, entry(account, field(CREDIT))), value)
    } else {
        let value = world.chain.view(market, Market::liabilitiesCall { token: address })?;
        (entry(address, field(LIABILITIES)), value)
    };
    world.chain.tamper(market, slot, value + U256::from(1))
}

impl World {
    /// Falsifies what a transaction announced, once, where that was asked for.
    pub(crate) fn spoil_events(&mut self, seen: &mut Vec<Effect>) {
        if self.options.sabotage == Some(Sabotage::Rule) {
            self.rules.mutant = true;
        }
        if self.spoilt {
            return;
        }
        let spoilt = match self.options.sabotage {
            Some(Sabotage::Event) => credit_more(seen),
            Some(Sabotage::Voucher) => repeat(seen, |effect| matches!(effect, Effect::Coupon { .. })),
            Some(Sabotage::SecondEnd) => {
                repeat(seen, |effect| matches!(effect, Effect::Ended { state: State::Refunded, .. }))
            }
            Some(Sabotage::Fee) => charge_refund(seen),
            _ => false,
        };
        self.spoilt = spoilt;
    }

    /// Says that the market was paused as an order was placed, where that was asked for.
    pub(crate) fn spoil_pause(&mut self, seen: &[Effect]) {
        let placed = seen.iter().any(|effect| matches!(effect, Effect::Funded { .. }));
        self.rules.paused |= placed && self.options.sabotage == Some(Sabotage::Pause);
    }
}

fn credit_more(seen: &mut [Effect]) -> bool {
    let ended = seen.iter().any(|effect| matches!(effect, Effect::Ended { state: State::Released, .. }));
    let credit = seen.iter_mut().find_map(|effect| match effect {
        Effect::Credited(_, _, amount) => Some(amount),
        _ => None,
    });
    let (true, Some(amount)) = (ended, credit) else { return false };
    *amount += 1;
    true
}

fn charge_refund(seen: &mut [Effect]) -> bool {
    for effect in seen {
        if let Effect::Ended { state: State::Refunded, fee, .. } = effect {
            *fee = 1;
            return true;
        }
    }
    false
}

fn repeat(seen: &mut Vec<Effect>, wanted: impl Fn(&Effect) -> bool) -> bool {
    let Some(place) = seen.iter().position(wanted) else { return false };
    seen.insert(place, seen[place].clone());
    true
}
