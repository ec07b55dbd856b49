//! Arbiters, cases, rounds and seats as rows: what the tables hold, and nothing of how they are asked.

use alloy_primitives::{Address, U256};
use platform_index::{Column, Kind, Row, StoreError, Table, Value};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fields::Fields;

pub(super) const ARBITER: Table = Table {
    name: "arbitration_arbiter",
    kind: Kind::State,
    columns: &[
        Column::blob("account"),
        Column::int("certified"),
        Column::text("stake"),
        Column::int("engagements"),
        Column::int("joined_at"),
        Column::int("withdrawable_at"),
        Column::int("seats"),
        Column::int("votes"),
        Column::int("rewarded"),
        Column::int("slashed"),
        Column::text("earned"),
        Column::text("lost"),
    ],
    key: 1,
    indexes: &[],
};

pub(super) const CASE: Table = Table {
    name: "arbitration_case",
    kind: Kind::State,
    columns: &[
        Column::int("dispute_id"),
        Column::blob("arbitrable"),
        Column::int("order_id").or_null(),
        Column::int("phase"),
        Column::int("round"),
        Column::int("ruling"),
        Column::blob("first_party"),
        Column::blob("second_party"),
        Column::int("opened_at"),
        Column::int("updated_at"),
        Column::int("appeal_by"),
        Column::text("refund"),
        Column::int("noted"),
        Column::int("taken"),
        Column::int("order_ended"),
    ],
    key: 1,
    indexes: &[
        ("arbitration_case_order", "order_id"),
        ("arbitration_case_phase", "phase, dispute_id"),
        ("arbitration_case_first", "first_party, dispute_id"),
        ("arbitration_case_second", "second_party, dispute_id"),
    ],
};

pub(super) const ROUND: Table = Table {
    name: "arbitration_round",
    kind: Kind::State,
    columns: &[
        Column::int("dispute_id"),
        Column::int("round"),
        Column::int("size"),
        Column::text("fee"),
        Column::int("opened_at"),
        Column::int("seed_by"),
        Column::int("evidence_by"),
        Column::int("beacon_block"),
        Column::int("beacon"),
        Column::int("drawn_at"),
        Column::int("commit_by"),
        Column::int("reveal_by"),
        Column::int("committed"),
        Column::int("revealed"),
        Column::int("ruling").or_null(),
        Column::int("tied"),
        Column::int("failed"),
        Column::blob("panel"),
    ],
    key: 2,
    indexes: &[],
};

/// Who sits on a round's panel, and what became of it.
pub(super) const SEAT: Table = Table {
    name: "arbitration_seat",
    kind: Kind::State,
    columns: &[
        Column::int("dispute_id"),
        Column::int("round"),
        Column::blob("account"),
        Column::int("place"),
        Column::int("committed_at"),
        Column::int("revealed_at"),
        Column::int("choice").or_null(),
        Column::text("reward"),
        Column::text("lost"),
        Column::int("paid"),
        Column::blob("commit_tx").or_null(),
    ],
    key: 3,
    indexes: &[("arbitration_seat_account", "account, dispute_id")],
};

/// Secrets for a round's draw.
pub(super) const SEED: Table = Table {
    name: "arbitration_seed",
    kind: Kind::State,
    columns: &[
        Column::int("dispute_id"),
        Column::int("round"),
        Column::blob("account"),
        Column::int("state"),
        Column::int("at"),
    ],
    key: 3,
    indexes: &[("arbitration_seed_account", "account, dispute_id"), ("arbitration_seed_state", "state")],
};

/// Which dispute an order's is.
pub(super) const ORDER: Table = Table {
    name: "arbitration_order",
    kind: Kind::State,
    columns: &[Column::int("order_id"), Column::int("dispute_id")],
    key: 1,
    indexes: &[],
};

pub(super) const EVENT: Table = Table {
    name: "arbitration_event",
    kind: Kind::Append,
    columns: &[
        Column::int("dispute_id"),
        Column::int("block_number"),
        Column::int("log_index"),
        Column::int("at"),
        Column::blob("tx_hash"),
        Column::blob("sender"),
        Column::blob("topics"),
        Column::blob("data"),
    ],
    key: 3,
    indexes: &[("arbitration_event_block", "block_number")],
};

/// Evidence as the market's event says it (ERC-1497).
pub(super) const EVIDENCE: Table = Table {
    name: "arbitration_evidence",
    kind: Kind::Append,
    columns: &[
        Column::int("order_id"),
        Column::int("block_number"),
        Column::int("log_index"),
        Column::int("at"),
        Column::blob("tx_hash"),
        Column::blob("party"),
        Column::text("uri"),
    ],
    key: 3,
    indexes: &[("arbitration_evidence_block", "block_number")],
};

/// Stake and prices that hold now.
pub(super) const SETTING: Table = Table {
    name: "arbitration_setting",
    kind: Kind::State,
    columns: &[Column::text("name"), Column::text("value")],
    key: 1,
    indexes: &[],
};

/// Where a case stands, numbered as the contract does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ArbitrationPhase)]
pub(crate) enum Phase {
    /// Evidence is taken, and the secrets for the draw.
    Evidence,
    /// The panel votes.
    Voting,
    /// Decided; the loser may appeal.
    Appealable,
    /// Decided for good.
    Solved,
    /// The arbiters did not decide.
    Failed,
}

impl Phase {
    pub(super) const ALL: [Self; 5] = [Self::Evidence, Self::Voting, Self::Appealable, Self::Solved, Self::Failed];

    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Evidence => 1,
            Self::Voting => 2,
            Self::Appealable => 3,
            Self::Solved => 4,
            Self::Failed => 5,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Voting => "voting",
            Self::Appealable => "appealable",
            Self::Solved => "solved",
            Self::Failed => "failed",
        }
    }

    pub(super) fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.number() == number)
    }
}

/// What became of a secret.
pub(super) mod seed {
    pub(in super::super) const COMMITTED: i64 = 1;
    pub(in super::super) const OPENED: i64 = 2;
    pub(in super::super) const FORFEITED: i64 = 3;
}

/// A row of [`ARBITER`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arbiter {
    pub(super) account: Address,
    pub(super) certified: bool,
    pub(super) stake: U256,
    /// Seats and secrets that each hold a slice of the stake.
    pub(super) engagements: u64,
    pub(super) joined_at: u64,
    /// From when on the stake can be taken out; zero while staying.
    pub(super) withdrawable_at: u64,
    pub(super) seats: u64,
    pub(super) votes: u64,
    pub(super) rewarded: u64,
    pub(super) slashed: u64,
    /// Fees of rulings, in native coin.
    pub(super) earned: U256,
    /// Of the stake.
    pub(super) lost: U256,
}

impl Arbiter {
    pub(super) fn row(&self) -> Vec<Value> {
        vec![
            self.account.into(),
            self.certified.into(),
            self.stake.into(),
            self.engagements.into(),
            self.joined_at.into(),
            self.withdrawable_at.into(),
            self.seats.into(),
            self.votes.into(),
            self.rewarded.into(),
            self.slashed.into(),
            self.earned.into(),
            self.lost.into(),
        ]
    }

    pub(super) fn of(row: &[Value]) -> Result<Self, StoreError> {
        let row = Fields { table: ARBITER.name, row };
        Ok(Self {
            account: row.address(0)?,
            certified: row.int(1)? != 0,
            stake: row.amount(2)?,
            engagements: row.number(3)?,
            joined_at: row.number(4)?,
            withdrawable_at: row.number(5)?,
            seats: row.number(6)?,
            votes: row.number(7)?,
            rewarded: row.number(8)?,
            slashed: row.number(9)?,
            earned: row.amount(10)?,
            lost: row.amount(11)?,
        })
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Self::of(&row.values(ARBITER.columns)?)
    }
}

/// A row of [`CASE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) id: u64,
    pub(super) arbitrable: Address,
    pub(super) order_id: Option<i64>,
    pub(super) phase: Phase,
    pub(super) round: u8,
    /// One for the first party, two for the second, zero for neither.
    pub(super) ruling: u8,
    pub(super) first_party: Address,
    pub(super) second_party: Address,
    pub(super) opened_at: u64,
    pub(super) updated_at: u64,
    pub(super) appeal_by: u64,
    /// Fee of a round that failed, which waits for the arbitrable contract.
    pub(super) refund: U256,
    /// Whether the order knows of this round's ruling.
    pub(super) noted: bool,
    /// Whether the order took the final ruling.
    pub(super) taken: bool,
    pub(super) order_ended: bool,
}

impl Case {
    pub(super) fn row(&self) -> Vec<Value> {
        vec![
            self.id.into(),
            self.arbitrable.into(),
            self.order_id.into(),
            self.phase.number().into(),
            u32::from(self.round).into(),
            u32::from(self.ruling).into(),
            self.first_party.into(),
            self.second_party.into(),
            self.opened_at.into(),
            self.updated_at.into(),
            self.appeal_by.into(),
            self.refund.into(),
            self.noted.into(),
            self.taken.into(),
            self.order_ended.into(),
        ]
    }

    pub(super) fn of(row: &[Value]) -> Result<Self, StoreError> {
        let row = Fields { table: CASE.name, row };
        Ok(Self {
            id: row.number(0)?,
            arbitrable: row.address(1)?,
            order_id: row.int_or_null(2)?,
            phase: Phase::of(row.int(3)?).ok_or(row.shape("a case is in no known phase"))?,
            round: row.small(4)?,
            ruling: row.small(5)?,
            first_party: row.address(6)?,
            second_party: row.address(7)?,
            opened_at: row.number(8)?,
            updated_at: row.number(9)?,
            appeal_by: row.number(10)?,
            refund: row.amount(11)?,
            noted: row.int(12)? != 0,
            taken: row.int(13)? != 0,
            order_ended: row.int(14)? != 0,
        })
    }
}

/// A row of [`ROUND`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) case: u64,
    pub(super) number: u8,
    pub(super) size: u8,
    pub(super) fee: U256,
    pub(super) opened_at: u64,
    /// Last second in which a secret is taken.
    pub(super) seed_by: u64,
    /// Last second before the draw.
    pub(super) evidence_by: u64,
    pub(super) beacon_block: u64,
    /// Whether the beacon's hash is kept.
    pub(super) beacon: bool,
    /// Zero until there is a panel.
    pub(super) drawn_at: u64,
    pub(super) commit_by: u64,
    pub(super) reveal_by: u64,
    pub(super) committed: u8,
    pub(super) revealed: u8,
    pub(super) ruling: Option<i64>,
    pub(super) tied: bool,
    pub(super) failed: bool,
    /// Who was drawn, in that order.
    pub(super) panel: Vec<Address>,
}

impl Round {
    pub(super) fn row(&self) -> Vec<Value> {
        vec![
            self.case.into(),
            u32::from(self.number).into(),
            u32::from(self.size).into(),
            self.fee.into(),
            self.opened_at.into(),
            self.seed_by.into(),
            self.evidence_by.into(),
            self.beacon_block.into(),
            self.beacon.into(),
            self.drawn_at.into(),
            self.commit_by.into(),
            self.reveal_by.into(),
            u32::from(self.committed).into(),
            u32::from(self.revealed).into(),
            self.ruling.into(),
            self.tied.into(),
            self.failed.into(),
            self.panel.iter().flat_map(|account| account.0.0).collect::<Vec<u8>>().into(),
        ]
    }

    pub(super) fn of(row: &[Value]) -> Result<Self, StoreError> {
        let row = Fields { table: ROUND.name, row };
        Ok(Self {
            case: row.number(0)?,
            number: row.small(1)?,
            size: row.small(2)?,
            fee: row.amount(3)?,
            opened_at: row.number(4)?,
            seed_by: row.number(5)?,
            evidence_by: row.number(6)?,
            beacon_block: row.number(7)?,
            beacon: row.int(8)? != 0,
            drawn_at: row.number(9)?,
            commit_by: row.number(10)?,
            reveal_by: row.number(11)?,
            committed: row.small(12)?,
            revealed: row.small(13)?,
            ruling: row.int_or_null(14)?,
            tied: row.int(15)? != 0,
            failed: row.int(16)? != 0,
            panel: row.blob(17)?.chunks_exact(20).map(Address::from_slice).collect(),
        })
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Self::of(&row.values(ROUND.columns)?)
    }
}

/// A row of [`SEAT`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) case: u64,
    pub(super) round: u8,
    pub(super) account: Address,
    pub(super) place: u64,
    pub(super) committed_at: u64,
    pub(super) revealed_at: u64,
    pub(super) choice: Option<i64>,
    pub(super) reward: U256,
    pub(super) lost: U256,
    /// Whether it is known what it earned or lost.
    pub(super) paid: bool,
    /// The transaction that carries the sealed vote.
    pub(super) commit_tx: Option<alloy_primitives::B256>,
}

impl Seat {
    pub(super) fn row(&self) -> Vec<Value> {
        vec![
            self.case.into(),
            u32::from(self.round).into(),
            self.account.into(),
            self.place.into(),
            self.committed_at.into(),
            self.revealed_at.into(),
            self.choice.into(),
            self.reward.into(),
            self.lost.into(),
            self.paid.into(),
            self.commit_tx.map_or(Value::NoBlob, Value::from),
        ]
    }

    pub(super) fn of(row: &[Value]) -> Result<Self, StoreError> {
        let row = Fields { table: SEAT.name, row };
        Ok(Self {
            case: row.number(0)?,
            round: row.small(1)?,
            account: row.address(2)?,
            place: row.number(3)?,
            committed_at: row.number(4)?,
            revealed_at: row.number(5)?,
            choice: row.int_or_null(6)?,
            reward: row.amount(7)?,
            lost: row.amount(8)?,
            paid: row.int(9)? != 0,
            commit_tx: row.hash_or_null(10)?,
        })
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Self::of(&row.values(SEAT.columns)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let arbiter = Arbiter {
            account: Address::repeat_byte(1),
            certified: true,
            stake: U256::MAX,
            engagements: 2,
            joined_at: 3,
            withdrawable_at: 4,
            seats: 5,
            votes: 6,
            rewarded: 7,
            slashed: 8,
            earned: U256::from(9),
            lost: U256::from(10),
        };
        assert_eq!(Arbiter::of(&arbiter.row()).unwrap(), arbiter);
        assert_eq!(arbiter.row().len(), ARBITER.columns.len());
        let seat = Seat {
            case: 1,
            round: 1,
            account: Address::repeat_byte(2),
            place: 6,
            committed_at: 7,
            revealed_at: 8,
            choice: Some(2),
            reward: U256::from(9),
            lost: U256::from(10),
            paid: true,
            commit_tx: Some(alloy_primitives::B256::repeat_byte(3)),
        };
        assert_eq!(Seat::of(&seat.row()).unwrap(), seat);
        assert_eq!(seat.row().len(), SEAT.columns.len());
        assert!(Case::of(&seat.row()).is_err());
    }
}
