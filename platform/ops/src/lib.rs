//! Operations: signal → rule → alert → incident → playbook → transaction → evidence → report.
//!
//! Blocks become [`Signal`]s ([`Sensor`]); rules judge them ([`Monitor`]); what they find is kept, answered and told.
//! Every arrow leaves an entry in a hash-chained log.
//!
//! **Invariant:** fixtures, backtests, drills and the running house are judged by the same code.
//! **Invariant:** nothing here knows a business or a ledger; contracts are what the [`Register`] names.

mod audits;
mod block;
mod board;
mod capacity;
mod channels;
mod code;
mod drill;
mod external;
mod fixture;
mod inbox;
mod monitor;
mod openzeppelin;
mod operating;
mod playbook;
mod records;
mod register;
mod review;
mod revision;
mod rotation;
mod routes;
mod rule;
mod ruleset;
mod sensor;
mod shipped;
mod signal;
mod statement;
mod tell;
mod ticket;
mod timelock;
mod trial;
mod uint256;
mod view;
mod watch;
mod words;

pub use audits::{AuditFinding, AuditGone, AuditReport, keep_audit};
pub use board::keep_scores;
pub use capacity::{
    BeginError, CapacityDesk, LoadControl, LoadMeasure, LoadPlan, LoadProgress, LoadRange, LoadState, LoadTest,
    Machine, Pace, Phase, routes as capacity_routes,
};
pub use channels::{ChannelDesk, routes as channel_routes};
pub use code::{Built, Difference, NewCode, NoWorkshop, Upgrade, Workshop};
pub use drill::{DrillError, Range, Scenario, Score, Sent, scenarios};
pub use external::{EXTERNAL_GRANT, Report};
pub use fixture::{Expected, Fixture};
pub use monitor::{Alert, AlertState, Moment, Monitor};
pub use openzeppelin::{Import, import};
pub use playbook::{Act, Actor, Check, Done, Playbook, Step, TransactionStep};
pub use records::{Entry, Incident, IncidentState, KeptAlert, Run, fired};
pub use register::{Register, RegisterError};
pub use review::{Action, Findings, Review, ReviewState};
pub use revision::{Revision, RevisionState};
pub use rotation::KeyExchange;
pub use routes::routes;
pub use rule::{Compiled, On, Read, Response, Rule, RuleError, Severity};
pub use ruleset::{Ruleset, rules_in_force};
pub use sensor::Sensor;
pub use shipped::{playbooks, rules};
pub use signal::{Observation, Signal};
pub use statement::Statement;
pub use ticket::{
    Approval, Expectation, NoRehearsal, Played, Rehearsal, Rehearsed, Ticket, TicketCall, TicketState, Timelock,
};
pub use timelock::{delay, schedule};
pub use trial::{Backtest, BacktestError, Tested, backtest};
pub use watch::{
    Answer, Change, CodeChange, Proposal, Sources, Trial, Vitals, Watch, WatchError, WatchOptions, first_block,
};
pub use words::Words;
