//! Tickets and what was said in them.

use platform_index::{Column, Kind, Table};

pub(super) const TICKET: Table = Table {
    name: "support_ticket",
    kind: Kind::State,
    columns: &[
        Column::int("number"),
        Column::blob("opener"),
        // Zero where it is about no order.
        Column::int("order_id"),
        // A Digital Link, or nothing.
        Column::text("item"),
        Column::text("topic"),
        Column::text("subject"),
        Column::text("language"),
        Column::text("state"),
        Column::int("created_at"),
        Column::int("updated_at"),
        // By when the first answer was promised.
        Column::int("answer_by"),
        // Zero until staff have answered.
        Column::int("answered_at"),
    ],
    key: 1,
    indexes: &[
        ("support_ticket_opener", "opener, number"),
        ("support_ticket_order", "order_id"),
        ("support_ticket_state", "state, number"),
    ],
};

pub(super) const MESSAGE: Table = Table {
    name: "support_message",
    kind: Kind::State,
    columns: &[
        Column::int("ticket"),
        Column::int("number"),
        Column::blob("author"),
        Column::int("by_staff"),
        // One for notes that only staff see.
        Column::int("internal"),
        Column::text("body"),
        Column::int("at"),
    ],
    key: 2,
    indexes: &[],
};

/// The office hours, and the number of the last ticket.
pub(super) const SETTING: Table = Table {
    name: "support_setting",
    kind: Kind::State,
    columns: &[Column::text("name"), Column::int("number"), Column::text("value")],
    key: 1,
    indexes: &[],
};

/// Answers to begin from, once staff have changed any of those the program brings.
pub(super) const ANSWER: Table = Table {
    name: "support_answer",
    kind: Kind::State,
    columns: &[
        Column::int("number"),
        Column::text("title_en"),
        Column::text("title_zh"),
        Column::text("body_en"),
        Column::text("body_zh"),
    ],
    key: 1,
    indexes: &[],
};

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Staff are to answer.
    Open,
    /// The customer is to answer.
    Waiting,
    /// Answered to the end, as one of the two says.
    Solved,
    /// Over; can be opened again.
    Closed,
}

impl State {
    pub(super) const ALL: [Self; 4] = [Self::Open, Self::Waiting, Self::Solved, Self::Closed];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether the opener, or staff, may move a ticket there. Customers open again, and say that they are content.
    pub(super) const fn may_become(self, next: Self, staff: bool) -> bool {
        match (self, next) {
            (Self::Open, Self::Open) | (Self::Waiting, Self::Waiting) => false,
            (Self::Solved, Self::Solved) | (Self::Closed, Self::Closed) => false,
            (_, Self::Waiting) => staff && !matches!(self, Self::Closed),
            (Self::Closed, Self::Solved) => false,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_can_be_left_and_none_for_itself() {
        for state in State::ALL {
            assert_eq!(State::parse(state.word()), Some(state));
            assert!(!state.may_become(state, true));
            assert!(state == State::Open || state.may_become(State::Open, false), "{state:?} can be opened again");
        }
        assert!(!State::Open.may_become(State::Waiting, false), "only staff wait for the customer");
        assert!(!State::Closed.may_become(State::Solved, true));
    }
}
