//! What can be done with a case next, by whom, and from when until when. The same rules as the contract's, told ahead:
//! the console shows them, and the program's keeper turns those that are anyone's.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Case, Phase, Round};

/// A round for which no panel was drawn so long after it was opened has failed; the contract's `DRAWING`.
const DRAWING: u64 = 10 * 86_400;

/// What somebody can do with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ArbitrationAction)]
pub(crate) enum Action {
    /// An arbiter seals a secret for the draw.
    CommitSeed,
    /// A block is chosen whose hash nobody can know yet, and then its hash is kept.
    SetBeacon,
    /// An arbiter opens their secret.
    RevealSeed,
    /// The panel is drawn.
    Draw,
    /// An arbiter on the panel seals a vote.
    CommitVote,
    /// An arbiter on the panel opens their vote.
    RevealVote,
    /// The votes are counted.
    Tally,
    /// The order learns of a ruling.
    NoteRuling,
    /// A ruling that nobody appealed becomes final.
    Execute,
    /// The order is told again.
    Deliver,
    /// A round without a panel ends.
    Fail,
    /// The parties get back the fee of a round that gave no ruling.
    ReclaimFee,
}

/// Who can do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ArbitrationActor)]
pub(crate) enum Actor {
    /// Any arbiter who can be drawn.
    Arbiter,
    /// An arbiter on the panel.
    Panel,
    /// Anyone at all.
    Anyone,
}

/// A next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) action: Action,
    pub(super) who: Actor,
    /// The first second in which it can be done.
    pub(super) available_at: u64,
    /// The last second in which it can be done, if there is one.
    pub(super) until: Option<u64>,
}

const fn step(action: Action, who: Actor, available_at: u64, until: Option<u64>) -> Step {
    Step { action, who, available_at, until }
}

/// The steps open from where a case stands, `round` being its newest.
pub(super) fn next(case: &Case, round: &Round) -> Vec<Step> {
    let now = case.updated_at;
    let mut steps = match case.phase {
        Phase::Evidence => gathering(round),
        Phase::Voting => voting(case, round),
        Phase::Appealable => vec![step(Action::Execute, Actor::Anyone, case.appeal_by + 1, None)],
        Phase::Solved if !case.taken && !case.order_ended => vec![step(Action::Deliver, Actor::Anyone, now, None)],
        Phase::Solved | Phase::Failed => Vec::new(),
    };
    if case.phase == Phase::Appealable && case.order_id.is_some() && !case.noted && !case.order_ended {
        steps.insert(0, step(Action::NoteRuling, Actor::Anyone, now, None));
    }
    if !case.refund.is_zero() && case.order_ended {
        steps.push(step(Action::ReclaimFee, Actor::Anyone, now, None));
    }
    steps
}

fn gathering(round: &Round) -> Vec<Step> {
    let mut steps = vec![step(Action::CommitSeed, Actor::Arbiter, round.opened_at, Some(round.seed_by))];
    if round.beacon {
        steps.push(step(Action::RevealSeed, Actor::Arbiter, round.seed_by + 1, Some(round.evidence_by)));
        steps.push(step(Action::Draw, Actor::Anyone, round.evidence_by + 1, None));
    } else {
        steps.push(step(Action::SetBeacon, Actor::Anyone, round.seed_by + 1, None));
    }
    steps.push(step(Action::Fail, Actor::Anyone, round.opened_at + DRAWING + 1, None));
    steps
}

fn voting(case: &Case, round: &Round) -> Vec<Step> {
    let all_in = round.committed >= round.size;
    let open_from = if all_in { case.updated_at } else { round.commit_by + 1 };
    let count_from = if round.revealed >= round.size { case.updated_at } else { round.reveal_by + 1 };
    let mut steps = Vec::new();
    if !all_in {
        steps.push(step(Action::CommitVote, Actor::Panel, round.drawn_at, Some(round.commit_by)));
    }
    steps.push(step(Action::RevealVote, Actor::Panel, open_from, Some(round.reveal_by)));
    steps.push(step(Action::Tally, Actor::Anyone, count_from, None));
    steps
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, U256};

    use super::*;

    fn case(phase: Phase) -> Case {
        Case {
            id: 1,
            arbitrable: Address::ZERO,
            order_id: Some(7),
            phase,
            round: 0,
            ruling: 0,
            first_party: Address::ZERO,
            second_party: Address::ZERO,
            opened_at: 100,
            updated_at: 120,
            appeal_by: 500,
            refund: U256::ZERO,
            noted: false,
            taken: false,
            order_ended: false,
        }
    }

    fn round() -> Round {
        Round {
            case: 1,
            number: 0,
            size: 3,
            fee: U256::ZERO,
            opened_at: 100,
            seed_by: 200,
            evidence_by: 300,
            beacon_block: 0,
            beacon: false,
            drawn_at: 310,
            commit_by: 400,
            reveal_by: 450,
            committed: 0,
            revealed: 0,
            ruling: None,
            tied: false,
            failed: false,
            panel: Vec::new(),
        }
    }

    fn open_to_anyone(case: &Case, round: &Round, now: u64) -> Vec<Action> {
        let mine = |step: &Step| step.who == Actor::Anyone && step.available_at <= now;
        next(case, round).into_iter().filter(mine).map(|step| step.action).collect()
    }

    #[test]
    fn nothing_waits_for_somebody_who_is_silent() {
        let gathering = case(Phase::Evidence);
        assert_eq!(open_to_anyone(&gathering, &round(), 200), []);
        assert_eq!(open_to_anyone(&gathering, &round(), 201), [Action::SetBeacon]);
        let fixed = Round { beacon: true, ..round() };
        assert_eq!(open_to_anyone(&gathering, &fixed, 300), []);
        assert_eq!(open_to_anyone(&gathering, &fixed, 301), [Action::Draw]);
        assert_eq!(open_to_anyone(&gathering, &round(), 101 + DRAWING), [Action::SetBeacon, Action::Fail]);
        let voting = case(Phase::Voting);
        assert_eq!(open_to_anyone(&voting, &round(), 450), []);
        assert_eq!(open_to_anyone(&voting, &round(), 451), [Action::Tally]);
        let counted = Round { committed: 3, revealed: 3, ..round() };
        assert_eq!(open_to_anyone(&voting, &counted, 120), [Action::Tally]);
    }

    #[test]
    fn a_ruling_is_brought_to_its_order_first() {
        let ruled = case(Phase::Appealable);
        assert_eq!(open_to_anyone(&ruled, &round(), 500), [Action::NoteRuling]);
        assert_eq!(open_to_anyone(&ruled, &round(), 501), [Action::NoteRuling, Action::Execute]);
        let known = Case { noted: true, ..ruled };
        assert_eq!(open_to_anyone(&known, &round(), 500), []);
        let untold = case(Phase::Solved);
        assert_eq!(open_to_anyone(&untold, &round(), 500), [Action::Deliver]);
        assert_eq!(open_to_anyone(&Case { taken: true, ..untold }, &round(), 500), []);
        let failed = Case { refund: U256::from(1), ..case(Phase::Failed) };
        assert_eq!(open_to_anyone(&failed, &round(), 500), []);
        assert_eq!(open_to_anyone(&Case { order_ended: true, ..failed }, &round(), 500), [Action::ReclaimFee]);
    }
}
