//! What must reach people outside the house.
//!
//! Whoever has something to tell writes a [`Message`] into the outbox *in the transaction in which it happened*
//! ([`Message::row`]), and knows nothing of channels. A [`Notifier`] then decides who is told ([`routing`]), and
//! carries it there ([`dispatch`]), again and again over days, until the receiver says that it has it.
//!
//! * **Nothing is lost.** A message that was written is delivered, or ends where staff see it and can send it again.
//! * **Nothing is sent twice on purpose.** A message has one id, made where it is written. A kill between sending and
//!   keeping that it was sent repeats it *with that id* (`webhook-id`, `dedup_key`, `Message-ID`), so a receiver can
//!   drop the repeat.
//! * **Order.** Of one subject on one channel, a later message never overtakes an earlier one that is on its way.
//! * **Secrets stay inside.** Passwords, tokens and customers' addresses are sealed on disk ([`platform_api::Seal`]) and leave only
//!   towards the receiver they are for.
//!
//! **Invariant:** nothing here knows a rule, an incident or an order; messages carry all that is said.

pub mod carriers;
pub mod channel;
mod clock;
pub mod dispatch;
mod field;
mod message;
mod outbox;
mod reach;
mod recipient;
pub mod routing;
mod silence;
mod words;

pub use channel::{Channel, ChannelError, ChannelState, Health, NewChannel};
pub use clock::now_ms;
pub use dispatch::{Notifier, NotifierOptions};
pub use field::{Check, Field};
pub use message::{Message, Status};
pub use outbox::{Delivery, DeliveryState, TABLES};
pub use reach::{Reach, is_public};
pub use recipient::{Recipient, RecipientKind};
pub use silence::Silence;
pub use words::{Language, Words};
