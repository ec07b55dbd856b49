//! What the tickets' endpoints take and answer with.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::hours::Hours;
use crate::wire::Party;

/// A question.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = TicketAsked)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketAsked {
    /// Number of the order it is about. Only its two sides may ask about it.
    #[serde(default)]
    pub(crate) order_id: Option<String>,
    /// Digital Link of the item it is about, such as `/01/…`.
    #[serde(default)]
    pub(crate) item: Option<String>,
    /// `delivery`, `refund`, `quality`, `payment`, `account` or `other`.
    pub(crate) topic: String,
    /// In a few words, up to 120 characters.
    pub(crate) subject: String,
    /// In full, up to 4000 characters.
    pub(crate) body: String,
    /// `en` or `zh`: the language to answer in.
    pub(crate) language: String,
}

/// Something said in a ticket.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = TicketMessageAsked)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageAsked {
    /// Up to 4000 characters.
    pub(crate) body: String,
    /// Whether only staff see it. For staff.
    #[serde(default)]
    pub(crate) internal: bool,
    /// Whether the answer ends the matter. For staff.
    #[serde(default)]
    pub(crate) solves: bool,
}

/// Where a ticket is to go.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = TicketMove)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveAsked {
    /// `open`, `waiting`, `solved` or `closed`.
    pub(crate) state: String,
}

/// A ticket in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub(crate) struct TicketCard {
    /// Number.
    pub(crate) id: String,
    /// Who asks.
    pub(crate) opener: Party,
    /// Order it is about.
    pub(crate) order_id: Option<String>,
    /// Item it is about.
    pub(crate) item: Option<String>,
    /// Topic.
    pub(crate) topic: String,
    /// In a few words.
    pub(crate) subject: String,
    /// Language to answer in.
    pub(crate) language: String,
    /// `open`: staff are to answer; `waiting`: the customer is; `solved`; `closed`.
    pub(crate) state: String,
    /// When it was asked.
    pub(crate) created_at: String,
    /// When something was last said or done.
    pub(crate) updated_at: String,
    /// By when the first answer was promised.
    pub(crate) answer_by: String,
    /// When staff first answered.
    pub(crate) answered_at: Option<String>,
    /// Whether the promise is or was missed.
    pub(crate) late: bool,
}

/// Something that was said.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TicketMessage)]
pub(crate) struct MessageView {
    /// By whom.
    pub(crate) author: Party,
    /// Whether as staff.
    pub(crate) by_staff: bool,
    /// Whether only staff see it.
    pub(crate) internal: bool,
    /// What.
    pub(crate) body: String,
    /// When.
    pub(crate) at: String,
}

/// A ticket with everything said in it that the asker may see.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TicketDetail)]
pub(crate) struct TicketView {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) card: TicketCard,
    /// What was said, the oldest first.
    pub(crate) messages: Vec<MessageView>,
}

/// Which tickets to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TicketQuery {
    /// Everyone's. For staff; without it one's own.
    pub(crate) all: Option<bool>,
    /// State; `unsolved` for open and waiting.
    pub(crate) state: Option<String>,
    /// Order.
    pub(crate) order_id: Option<u64>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// Office hours, and what they mean now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OfficeHoursNow)]
pub(crate) struct HoursView {
    /// The hours.
    pub(super) hours: Hours,
    /// By when somebody who asks now is answered.
    pub(crate) answer_by: String,
}

/// How the desk is doing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SupportFigures)]
pub(crate) struct FiguresView {
    /// Tickets that wait for staff.
    pub(crate) open: u64,
    /// Of these: whose promised time has passed without any answer.
    pub(crate) late: u64,
    /// Tickets that wait for the customer.
    pub(crate) waiting: u64,
    /// Tickets of the last 30 days that were answered.
    pub(crate) answered: u64,
    /// Of these: answered by the promised time.
    pub(crate) in_time: u64,
    /// Median time to their first answer, in minutes by the clock on the wall. None without any.
    pub(crate) first_answer_minutes: Option<u64>,
}
