//! Numbers and times of simulated blocks.

use super::{BLOCK_SECONDS, BLOCKS_MAX, SimulatedCalls, SimulationError};
use alloy_consensus::Header;
use alloy_primitives::U256;

/// Gives every block a number and a time, and fills gaps between them with
/// empty blocks.
pub(super) fn complete(base: &Header, blocks: Vec<SimulatedCalls>) -> Result<Vec<SimulatedCalls>, SimulationError> {
    let mut complete: Vec<SimulatedCalls> = Vec::with_capacity(blocks.len());
    let mut number = base.number;
    let mut time = base.timestamp;
    for mut block in blocks {
        let asked = block.block_overrides.number.unwrap_or(U256::from(number) + U256::from(1));
        if asked <= U256::from(number) {
            return Err(SimulationError::Number { given: asked, before: number });
        }
        if asked - U256::from(base.number) > U256::from(BLOCKS_MAX) {
            return Err(SimulationError::TooManyBlocks);
        }
        let asked: u64 = asked.saturating_to();
        for gap in number + 1..asked {
            time += BLOCK_SECONDS;
            let mut empty = SimulatedCalls::default();
            empty.block_overrides.number = Some(U256::from(gap));
            empty.block_overrides.time = Some(time);
            complete.push(empty);
        }
        number = asked;
        let next = block.block_overrides.time.unwrap_or(time.saturating_add(BLOCK_SECONDS));
        if next <= time {
            return Err(SimulationError::Timestamp { given: next, before: time });
        }
        time = next;
        block.block_overrides.number = Some(U256::from(number));
        block.block_overrides.time = Some(time);
        complete.push(block);
    }
    Ok(complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u64, time: Option<u64>) -> SimulatedCalls {
        let mut calls = SimulatedCalls::default();
        calls.block_overrides.number = Some(U256::from(number));
        calls.block_overrides.time = time;
        calls
    }

    #[test]
    fn gaps_are_filled_and_time_goes_on() {
        let base = Header { number: 10, timestamp: 100, ..Header::default() };
        let blocks = complete(&base, vec![at(13, None), SimulatedCalls::default()]).unwrap();
        let places: Vec<(u64, u64)> = blocks
            .iter()
            .map(|block| (block.block_overrides.number.unwrap().to(), block.block_overrides.time.unwrap()))
            .collect();
        assert_eq!(places, [(11, 112), (12, 124), (13, 136), (14, 148)]);
    }

    #[test]
    fn order_and_count_are_checked() {
        let base = Header { number: 10, timestamp: 100, ..Header::default() };
        assert!(matches!(complete(&base, vec![at(10, None)]), Err(SimulationError::Number { .. })));
        assert!(matches!(complete(&base, vec![at(12, Some(112))]), Err(SimulationError::Timestamp { .. })));
        assert!(matches!(complete(&base, vec![at(267, None)]), Err(SimulationError::TooManyBlocks)));
        assert_eq!(complete(&base, vec![at(266, None)]).unwrap().len(), 256);
    }
}
