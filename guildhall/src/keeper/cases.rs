//! Cases before the arbiters: drawing panels, counting votes, carrying
//! rulings to their orders.

use super::Keeper;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use platform_business::CaseTurn;
use platform_protocol::contracts::{Aftersales, ArbiterPanel};

/// Turns looked at in one round.
const TURNS_MAX: usize = 100;

impl Keeper {
    /// Takes every turn in a case that is due, and returns how many there
    /// were. What did not succeed comes up again in the next round.
    pub(super) async fn take_case_turns(&self, now: u64) -> anyhow::Result<usize> {
        let due = self.platform.due_in_arbitration(now, TURNS_MAX).await;
        let due = due.map_err(|problem| anyhow::anyhow!("can't read the index: {problem:?}"))?;
        let (market, panel) = (self.house.manifest.market.address, &self.house.manifest.arbiter_panel);
        let Some(panel) = panel.as_ref().map(|panel| panel.address) else { return Ok(0) };
        let mut taken = 0;
        for turn in due {
            let (to, input) = call(turn, market, panel);
            if !self.send(to, input.clone()).await? {
                continue;
            }
            taken += 1;
            // Choosing the block and keeping its hash are two transactions in
            // two blocks, the second within 256 of the first.
            if let CaseTurn::SetBeacon { .. } = turn {
                self.send(to, input).await?;
            }
        }
        Ok(taken)
    }
}

/// A turn as a call: whom, and what.
pub(crate) fn call(turn: CaseTurn, market: Address, panel: Address) -> (Address, Vec<u8>) {
    let id = U256::from;
    match turn {
        CaseTurn::SetBeacon { case } => (panel, ArbiterPanel::setBeaconCall { disputeId: id(case) }.abi_encode()),
        CaseTurn::Draw(case) => (panel, ArbiterPanel::drawCall { disputeId: id(case) }.abi_encode()),
        CaseTurn::Tally(case) => (panel, ArbiterPanel::tallyCall { disputeId: id(case) }.abi_encode()),
        CaseTurn::Execute(case) => (panel, ArbiterPanel::executeCall { disputeId: id(case) }.abi_encode()),
        CaseTurn::Deliver(case) => (panel, ArbiterPanel::deliverCall { disputeId: id(case) }.abi_encode()),
        CaseTurn::Fail(case) => (panel, ArbiterPanel::failCall { disputeId: id(case) }.abi_encode()),
        CaseTurn::Forfeit { case, round, account } => {
            (panel, ArbiterPanel::forfeitSeedCall { disputeId: id(case), round, account }.abi_encode())
        }
        CaseTurn::NoteRuling(order) => (market, Aftersales::noteRulingCall { orderId: id(order) }.abi_encode()),
        CaseTurn::ReclaimFee(order) => (market, Aftersales::reclaimFeeCall { orderId: id(order) }.abi_encode()),
    }
}
