//! The panel's events, and those of the market that say which order a case is about, folded into rows.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolEvent, SolEventInterface};
use async_trait::async_trait;
use platform_index::{Batch, Block, IndexError, Log, Projection, Table, Transaction, Value};
use platform_protocol::contracts::Aftersales::AftersalesEvents as Sale;
use platform_protocol::contracts::ArbiterPanel::ArbiterPanelEvents as Event;
use platform_protocol::contracts::Market;
use serde_json::json;

use super::model::{
    ARBITER, Arbiter, CASE, Case, EVENT, EVIDENCE, ORDER, Phase, ROUND, Round, SEAT, SEED, SETTING, Seat, seed,
};
use crate::fields::Fields;

/// Arbiters, cases and what became of them.
pub(super) struct Panel {
    pub(super) panel: Address,
    pub(super) market: Address,
}

/// An event that does not follow from those before it.
#[derive(Debug, thiserror::Error)]
enum FoldError {
    #[error("the event {0} of the arbiters' panel cannot be decoded: the contract is newer than this program")]
    UnknownEvent(B256),
    #[error("there is no case {0} for this event")]
    NoCase(u64),
    #[error("there is no round {round} of case {case} for this event")]
    NoRound { case: u64, round: u8 },
}

struct Place<'b> {
    block: &'b Block,
    transaction: &'b Transaction,
    log: &'b Log,
}

impl Place<'_> {
    const fn at(&self) -> u64 {
        self.block.timestamp
    }

    fn error(&self, what: FoldError) -> IndexError {
        IndexError::Projection { projection: "arbitration", number: self.block.number, what: Box::new(what) }
    }
}

#[async_trait]
impl Projection for Panel {
    fn name(&self) -> &'static str {
        "arbitration"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        &[ARBITER, CASE, ROUND, SEAT, SEED, ORDER, EVENT, EVIDENCE, SETTING]
    }

    async fn apply(&self, blocks: &[Block], batch: &mut Batch<'_>) -> Result<(), IndexError> {
        for block in blocks {
            for transaction in &block.transactions {
                for log in &transaction.logs {
                    let place = Place { block, transaction, log };
                    if log.address == self.panel {
                        self.fold(&place, batch).await?;
                    } else if log.address == self.market {
                        self.fold_market(&place, batch).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Panel {
    async fn fold(&self, place: &Place<'_>, batch: &mut Batch<'_>) -> Result<(), IndexError> {
        let Ok(event) = Event::decode_raw_log(&place.log.topics, &place.log.data) else {
            let topic = place.log.topics.first().copied().unwrap_or_default();
            return Err(place.error(FoldError::UnknownEvent(topic)));
        };
        match event {
            Event::ArbiterCertified(e) => {
                let at = place.at();
                change_arbiter(batch, e.arbiter, |arbiter| {
                    arbiter.certified = e.certified;
                    if e.certified {
                        arbiter.joined_at = at;
                    }
                })
                .await?;
                tell_arbiter(batch, e.arbiter);
            }
            Event::ArbiterStaked(e) => {
                let at = place.at();
                change_arbiter(batch, e.arbiter, |arbiter| {
                    if arbiter.stake.is_zero() {
                        arbiter.joined_at = at;
                    }
                    arbiter.stake = e.stake;
                })
                .await?;
                tell_arbiter(batch, e.arbiter);
            }
            Event::ArbiterLeaving(e) => {
                change_arbiter(batch, e.arbiter, |arbiter| arbiter.withdrawable_at = e.withdrawableAt).await?;
                tell_arbiter(batch, e.arbiter);
            }
            Event::ArbiterWithdrawn(e) => {
                change_arbiter(batch, e.arbiter, |arbiter| (arbiter.stake, arbiter.withdrawable_at) = (U256::ZERO, 0))
                    .await?;
                tell_arbiter(batch, e.arbiter);
            }
            Event::ArbiterSlashed(e) => {
                change_arbiter(batch, e.arbiter, |arbiter| {
                    arbiter.stake = arbiter.stake.saturating_sub(e.amount);
                    arbiter.lost = arbiter.lost.saturating_add(e.amount);
                    arbiter.slashed += 1;
                })
                .await?;
                self.paid(batch, number(e.disputeId), e.arbiter, |seat| seat.lost = e.amount).await?;
            }
            Event::ArbiterRewarded(e) => {
                change_arbiter(batch, e.arbiter, |arbiter| {
                    arbiter.stake = arbiter.stake.saturating_add(e.stake);
                    arbiter.earned = arbiter.earned.saturating_add(e.fee);
                    arbiter.rewarded += 1;
                })
                .await?;
                self.paid(batch, number(e.disputeId), e.arbiter, |seat| seat.reward = e.fee).await?;
            }
            Event::StakeRequired(e) => {
                set(batch, "stake_min", e.least.to_string()).await?;
                set(batch, "slice", e.slice.to_string()).await?;
            }
            Event::PricingSet(e) => {
                set(batch, "floor", e.floor.to_string()).await?;
                set(batch, "price_bps", e.priceBps.to_string()).await?;
            }
            other => self.fold_case(place, batch, other).await?,
        }
        Ok(())
    }

    async fn fold_case(&self, place: &Place<'_>, batch: &mut Batch<'_>, event: Event) -> Result<(), IndexError> {
        let at = place.at();
        match event {
            Event::RoundOpened(e) => {
                let case = number(e.disputeId);
                self.opened(place, batch, e).await?;
                record(place, batch, case);
            }
            Event::DisputeCreation(e) => {
                // The round was opened after it in the contract, and told of first or next: either may come first.
                let id = number(e._disputeID);
                let mut case = stored_case(batch, id).await?.unwrap_or_else(|| blank(id, at));
                case.arbitrable = e._arbitrable;
                batch.put(&CASE, case.row());
                record(place, batch, id);
            }
            Event::BeaconFixed(e) => {
                let change = |round: &mut Round| round.beacon_block = e.beaconBlock;
                self.round(place, batch, number(e.disputeId), e.round, change).await?;
            }
            Event::BeaconSet(e) => {
                self.round(place, batch, number(e.disputeId), e.round, |round| round.beacon = true).await?;
                record(place, batch, number(e.disputeId));
            }
            Event::SeedCommitted(e) => {
                put_seed(batch, number(e.disputeId), e.round, e.arbiter, seed::COMMITTED, at).await?;
                change_arbiter(batch, e.arbiter, |arbiter| arbiter.engagements += 1).await?;
            }
            Event::SeedRevealed(e) => {
                put_seed(batch, number(e.disputeId), e.round, e.arbiter, seed::OPENED, at).await?;
                change_arbiter(batch, e.arbiter, release).await?;
            }
            Event::SeedForfeited(e) => {
                put_seed(batch, number(e.disputeId), e.round, e.arbiter, seed::FORFEITED, at).await?;
                change_arbiter(batch, e.arbiter, release).await?;
            }
            Event::PanelDrawn(e) => self.drawn(place, batch, e).await?,
            Event::VoteCommitted(e) => {
                let (id, hash) = (number(e.disputeId), place.transaction.hash);
                let change = |seat: &mut Seat| (seat.committed_at, seat.commit_tx) = (at, Some(hash));
                change_seat(batch, id, e.round, e.arbiter, change).await?;
                self.round(place, batch, id, e.round, |round| round.committed += 1).await?;
                record(place, batch, id);
            }
            Event::VoteRevealed(e) => {
                let id = number(e.disputeId);
                let change = |seat: &mut Seat| (seat.revealed_at, seat.choice) = (at, Some(i64::from(e.choice)));
                change_seat(batch, id, e.round, e.arbiter, change).await?;
                change_arbiter(batch, e.arbiter, |arbiter| arbiter.votes += 1).await?;
                self.round(place, batch, id, e.round, |round| round.revealed += 1).await?;
                record(place, batch, id);
            }
            Event::RoundTallied(e) => {
                let id = number(e.disputeId);
                let change = |round: &mut Round| (round.ruling, round.tied) = (Some(i64::from(e.ruling)), e.tied);
                self.round(place, batch, id, e.round, change).await?;
                let change = |case: &mut Case| {
                    (case.ruling, case.appeal_by) = (e.ruling, e.appealBy);
                    if e.appealBy != 0 {
                        case.phase = Phase::Appealable;
                    }
                };
                self.case(place, batch, id, change).await?;
                record(place, batch, id);
            }
            Event::DisputeSolved(e) => {
                let id = number(e.disputeId);
                let case =
                    self.case(place, batch, id, |case| (case.phase, case.ruling) = (Phase::Solved, e.ruling)).await?;
                for round in 0..=case.round {
                    self.dismiss(batch, id, round).await?;
                }
                record(place, batch, id);
            }
            Event::DisputeFailed(e) => {
                let id = number(e.disputeId);
                self.dismiss(batch, id, e.round).await?;
                self.round(place, batch, id, e.round, |round| round.failed = true).await?;
                // A second round that fails leaves the first one's ruling, which is told next.
                let change = |case: &mut Case| (case.phase, case.refund) = (Phase::Failed, e.refund);
                self.case(place, batch, id, change).await?;
                record(place, batch, id);
            }
            Event::RulingDelivered(e) => {
                self.case(place, batch, number(e.disputeId), |case| case.taken = e.taken).await?;
                record(place, batch, number(e.disputeId));
            }
            Event::FeeReclaimed(e) => {
                self.case(place, batch, number(e.disputeId), |case| case.refund = U256::ZERO).await?;
                record(place, batch, number(e.disputeId));
            }
            // Told by other events already, or nothing that a table holds.
            _ => {}
        }
        Ok(())
    }

    /// What the market says of its orders' cases.
    async fn fold_market(&self, place: &Place<'_>, batch: &mut Batch<'_>) -> Result<(), IndexError> {
        if let Ok(e) = Market::OrderRefunded::decode_raw_log(place.log.topics.iter().copied(), &place.log.data) {
            return self.order_ended(place, batch, e.orderId).await;
        }
        let Ok(event) = Sale::decode_raw_log(&place.log.topics, &place.log.data) else {
            return Ok(());
        };
        match event {
            Sale::DisputeRaised(e) if e.arbitrator == self.panel => {
                let (order, id) = (number(e.orderId), number(e.disputeId));
                self.case(place, batch, id, |case| case.order_id = i64::try_from(order).ok()).await?;
                batch.get(&ORDER, vec![order.into()]).await?;
                batch.put(&ORDER, vec![order.into(), id.into()]);
            }
            Sale::OrderRuled(e) => {
                if let Some(id) = case_of(batch, e.orderId).await? {
                    self.case(place, batch, id, |case| case.noted = true).await?;
                }
            }
            Sale::OrderSettled(e) => self.order_ended(place, batch, e.orderId).await?,
            Sale::Evidence(e) => {
                batch.append(
                    &EVIDENCE,
                    vec![
                        number(e._evidenceGroupID).into(),
                        place.block.number.into(),
                        place.log.index.into(),
                        place.at().into(),
                        place.transaction.hash.into(),
                        e._party.into(),
                        // Whoever submits may write as much as they pay for; nobody needs to read more than this.
                        e._evidence.chars().take(2_000).collect::<String>().into(),
                    ],
                );
                let order = number(e._evidenceGroupID);
                batch.notify("case", || json!({ "order_id": order }));
            }
            _ => {}
        }
        Ok(())
    }

    async fn opened(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        e: platform_protocol::contracts::ArbiterPanel::RoundOpened,
    ) -> Result<(), IndexError> {
        let (id, at) = (number(e.disputeId), place.at());
        let mut case = stored_case(batch, id).await?.unwrap_or_else(|| blank(id, at));
        (case.phase, case.round, case.updated_at) = (Phase::Evidence, e.round, at);
        (case.first_party, case.second_party) = (e.firstParty, e.secondParty);
        (case.noted, case.appeal_by) = (false, 0);
        batch.put(&CASE, case.row());
        let round = Round {
            case: id,
            number: e.round,
            size: e.size,
            fee: e.fee,
            opened_at: at,
            seed_by: e.commitSeedBy,
            evidence_by: e.evidenceBy,
            beacon_block: 0,
            beacon: false,
            drawn_at: 0,
            commit_by: 0,
            reveal_by: 0,
            committed: 0,
            revealed: 0,
            ruling: None,
            tied: false,
            failed: false,
            panel: Vec::new(),
        };
        batch.put(&ROUND, round.row());
        Ok(())
    }

    async fn drawn(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        e: platform_protocol::contracts::ArbiterPanel::PanelDrawn,
    ) -> Result<(), IndexError> {
        let (id, at) = (number(e.disputeId), place.at());
        let change = |round: &mut Round| {
            (round.drawn_at, round.commit_by, round.reveal_by) = (at, e.commitBy, e.revealBy);
            round.panel.clone_from(&e.panel);
        };
        self.round(place, batch, id, e.round, change).await?;
        for (seat, account) in (0_u64..).zip(&e.panel) {
            let seat = Seat {
                case: id,
                round: e.round,
                account: *account,
                place: seat,
                committed_at: 0,
                revealed_at: 0,
                choice: None,
                reward: U256::ZERO,
                lost: U256::ZERO,
                paid: false,
                commit_tx: None,
            };
            batch.put(&SEAT, seat.row());
            change_arbiter(batch, *account, |arbiter| {
                arbiter.engagements += 1;
                arbiter.seats += 1;
            })
            .await?;
        }
        self.case(place, batch, id, |case| case.phase = Phase::Voting).await?;
        record(place, batch, id);
        Ok(())
    }

    /// Frees the stake behind a round's seats, once.
    async fn dismiss(&self, batch: &mut Batch<'_>, id: u64, number: u8) -> Result<(), IndexError> {
        let Some(round) = stored_round(batch, id, number).await? else { return Ok(()) };
        if round.failed {
            return Ok(());
        }
        for account in round.panel {
            change_arbiter(batch, account, release).await?;
        }
        Ok(())
    }

    /// Notes on a seat what it earned or lost. Rounds are paid one after another once the case is over; a failed one
    /// is paid alone. What is lost before that is lost for a secret that was not opened.
    async fn paid(
        &self,
        batch: &mut Batch<'_>,
        id: u64,
        account: Address,
        change: impl FnOnce(&mut Seat),
    ) -> Result<(), IndexError> {
        let Some(case) = stored_case(batch, id).await? else { return Ok(()) };
        let rounds = match case.phase {
            Phase::Failed => case.round..=case.round,
            Phase::Solved => 0..=case.round,
            Phase::Evidence | Phase::Voting | Phase::Appealable => return Ok(()),
        };
        for round in rounds {
            let key = vec![id.into(), u32::from(round).into(), account.into()];
            let Some(row) = batch.get(&SEAT, key).await? else { continue };
            let mut seat = Seat::of(&row)?;
            if !seat.paid {
                change(&mut seat);
                seat.paid = true;
                batch.put(&SEAT, seat.row());
                return Ok(());
            }
        }
        Ok(())
    }

    async fn order_ended(&self, place: &Place<'_>, batch: &mut Batch<'_>, order: U256) -> Result<(), IndexError> {
        if let Some(id) = case_of(batch, order).await? {
            self.case(place, batch, id, |case| case.order_ended = true).await?;
        }
        Ok(())
    }

    async fn case(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        id: u64,
        change: impl FnOnce(&mut Case),
    ) -> Result<Case, IndexError> {
        let mut case = stored_case(batch, id).await?.ok_or_else(|| place.error(FoldError::NoCase(id)))?;
        change(&mut case);
        case.updated_at = place.at();
        batch.put(&CASE, case.row());
        let order = case.order_id;
        batch.notify("case", || json!({ "id": id, "order_id": order }));
        Ok(case)
    }

    async fn round(
        &self,
        place: &Place<'_>,
        batch: &mut Batch<'_>,
        id: u64,
        number: u8,
        change: impl FnOnce(&mut Round),
    ) -> Result<(), IndexError> {
        let missing = || place.error(FoldError::NoRound { case: id, round: number });
        let mut round = stored_round(batch, id, number).await?.ok_or_else(missing)?;
        change(&mut round);
        batch.put(&ROUND, round.row());
        self.case(place, batch, id, |_| {}).await.map(drop)
    }
}

fn blank(id: u64, at: u64) -> Case {
    Case {
        id,
        arbitrable: Address::ZERO,
        order_id: None,
        phase: Phase::Evidence,
        round: 0,
        ruling: 0,
        first_party: Address::ZERO,
        second_party: Address::ZERO,
        opened_at: at,
        updated_at: at,
        appeal_by: 0,
        refund: U256::ZERO,
        noted: false,
        taken: false,
        order_ended: false,
    }
}

fn release(arbiter: &mut Arbiter) {
    arbiter.engagements = arbiter.engagements.saturating_sub(1);
}

async fn stored_case(batch: &mut Batch<'_>, id: u64) -> Result<Option<Case>, IndexError> {
    Ok(batch.get(&CASE, vec![id.into()]).await?.map(|row| Case::of(&row)).transpose()?)
}

async fn stored_round(batch: &mut Batch<'_>, id: u64, number: u8) -> Result<Option<Round>, IndexError> {
    let row = batch.get(&ROUND, vec![id.into(), u32::from(number).into()]).await?;
    Ok(row.map(|row| Round::of(&row)).transpose()?)
}

async fn case_of(batch: &mut Batch<'_>, order: U256) -> Result<Option<u64>, IndexError> {
    let row = batch.get(&ORDER, vec![number(order).into()]).await?;
    Ok(row.map(|row| Fields { table: ORDER.name, row: &row }.number(1)).transpose()?)
}

async fn change_arbiter(
    batch: &mut Batch<'_>,
    account: Address,
    change: impl FnOnce(&mut Arbiter),
) -> Result<(), IndexError> {
    let row = batch.get(&ARBITER, vec![account.into()]).await?;
    let known = row.map(|row| Arbiter::of(&row)).transpose()?;
    let mut arbiter = known.unwrap_or_else(|| Arbiter { account, ..Arbiter::default() });
    change(&mut arbiter);
    batch.put(&ARBITER, arbiter.row());
    Ok(())
}

async fn change_seat(
    batch: &mut Batch<'_>,
    id: u64,
    round: u8,
    account: Address,
    change: impl FnOnce(&mut Seat),
) -> Result<(), IndexError> {
    if let Some(row) = batch.get(&SEAT, vec![id.into(), u32::from(round).into(), account.into()]).await? {
        let mut seat = Seat::of(&row)?;
        change(&mut seat);
        batch.put(&SEAT, seat.row());
    }
    Ok(())
}

async fn put_seed(
    batch: &mut Batch<'_>,
    id: u64,
    round: u8,
    account: Address,
    state: i64,
    at: u64,
) -> Result<(), IndexError> {
    let key: Vec<Value> = vec![id.into(), u32::from(round).into(), account.into()];
    batch.get(&SEED, key.clone()).await?;
    batch.put(&SEED, [key, vec![state.into(), at.into()]].concat());
    batch.notify("case", || json!({ "id": id }));
    Ok(())
}

async fn set(batch: &mut Batch<'_>, name: &str, value: String) -> Result<(), IndexError> {
    batch.get(&SETTING, vec![name.into()]).await?;
    batch.put(&SETTING, vec![name.into(), value.into()]);
    Ok(())
}

fn tell_arbiter(batch: &mut Batch<'_>, account: Address) {
    batch.notify("arbiter", || json!({ "address": account.to_checksum(None) }));
}

/// Disputes are counted up from one.
fn number(id: U256) -> u64 {
    id.saturating_to()
}

fn record(place: &Place<'_>, batch: &mut Batch<'_>, id: u64) {
    let topics: Vec<u8> = place.log.topics.iter().flat_map(|topic| topic.0).collect();
    batch.append(
        &EVENT,
        vec![
            id.into(),
            place.block.number.into(),
            place.log.index.into(),
            place.block.timestamp.into(),
            place.transaction.hash.into(),
            place.transaction.from.into(),
            topics.into(),
            place.log.data.to_vec().into(),
        ],
    );
}
