//! The watch: follows the chain, judges every block once, keeps what it finds, and answers it.

mod answer;
mod code;
mod desk;
mod inbox;
mod reviews;
mod rules;
mod statements;
mod tickets;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use alloy_primitives::B256;
use platform_index::{Block, BlockSource, Head, SourceError, Store, StoreError};
use serde_json::{Value as Json, json};
use tokio::sync::{Mutex, broadcast, watch};
use tracing::Instrument;

use crate::code::Workshop;
use crate::monitor::{Alert, AlertState, Monitor};
use crate::playbook::{Actor, Playbook};
use crate::records::{Incident, IncidentState, KeptAlert, Records, Run, Unit, alert_id, now_ms, subject};
use crate::register::RegisterError;
use crate::rotation::Exchanges;
use crate::rule::{Compiled, Severity};
use crate::ruleset::Ruleset;
use crate::signal::{Observation, Signal};
use crate::ticket::{Expected, Rehearsal};
use crate::{Register, RuleError, tell};
use statements::clock;

pub use answer::{Answer, first_block};
pub use code::{CodeChange, Sources};
pub use rules::Trial;
pub use tickets::{Change, Proposal};

/// How often the house's vitals are looked at.
const PERIOD: Duration = Duration::from_secs(2);
/// Blocks that are judged without a look at whether to stop.
const BATCH: u64 = 64;
/// How many blocks back a replaced chain is followed.
const REPLACED_MAX: u64 = 4_096;

/// Whatever goes wrong on the watch.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The chain did not answer.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store did not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A rule can't be used.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A rule's view does not read.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A playbook can't be used.
    #[error("{0}")]
    Playbook(String),
    /// Somebody may not do this, or not now.
    #[error("{0}")]
    Refused(String),
}

/// What the watch is made of.
pub struct WatchOptions {
    /// Where it keeps its records.
    pub store: Store,
    /// The chain.
    pub source: Arc<dyn BlockSource>,
    /// Who acts for the house.
    pub actor: Arc<dyn Actor>,
    /// Where changes are rehearsed.
    pub rehearsal: Arc<dyn Rehearsal>,
    /// Where code is compiled and put on the chain.
    pub workshop: Arc<dyn Workshop>,
    /// What stands where.
    pub register: Register,
    /// The rules.
    pub rules: Vec<Arc<Compiled>>,
    /// The playbooks.
    pub playbooks: Vec<Playbook>,
    /// The block that the watch begins after where it has no records yet.
    pub from: Head,
    /// Code that the register allows behind proxies.
    pub known_code: Vec<alloy_primitives::Address>,
    /// The block that completed the deployment, or its last upgrade. What changes up to there is that.
    pub deployed: u64,
    /// The chain's id, for reports.
    pub chain_id: u64,
}

/// Facts about the house itself, for rules that look at the passing of time.
pub trait Vitals: Send + Sync {
    /// Facts by name.
    fn sample(&self) -> BTreeMap<String, i64>;
}

/// The watch of a house.
pub struct Watch {
    source: Arc<dyn BlockSource>,
    actor: Arc<dyn Actor>,
    rehearsal: Arc<dyn Rehearsal>,
    workshop: Arc<dyn Workshop>,
    register: Arc<Register>,
    /// The rules of files: those that ship, and the house's own.
    base: Vec<Arc<Compiled>>,
    ruleset: RwLock<Arc<Ruleset>>,
    /// Whether the store's revisions of rules are what the log says of them.
    revisions_intact: AtomicBool,
    playbooks: Vec<Playbook>,
    known_code: Vec<String>,
    deployed: u64,
    /// Exchanges of the house's own key.
    exchanges: Exchanges,
    chain_id: u64,
    state: Mutex<State>,
    /// Held while a measure of this program is taken, prolonged or taken back.
    measures: Mutex<()>,
    news: broadcast::Sender<Json>,
}

struct State {
    records: Records,
    monitor: Monitor,
    cursor: (u64, B256),
    /// Incidents that are open, by rule.
    incidents: HashMap<String, u64>,
    /// Changes that executed tickets announced.
    expected: std::sync::Mutex<Expected>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("rules", &self.rules().rules.len()).finish_non_exhaustive()
    }
}

impl Watch {
    /// Opens the records and goes on where the watch stopped.
    ///
    /// # Errors
    /// [`WatchError`].
    pub async fn open(options: WatchOptions) -> Result<Self, WatchError> {
        let register = Arc::new(options.register);
        let base = options.rules;
        let mut records = Records::open(options.store).await?;
        let (kept, intact) = rules::kept(&records).await?;
        let ruleset = rules::assemble(&register, &base, &kept)?;
        let open = records.alerts("WHERE state IN ('pending', 'firing', 'acknowledged')", vec![]).await?;
        let cursor = records.cursor().await?.unwrap_or((options.from.number, options.from.hash));
        let incidents = open.iter().filter_map(|kept| Some((kept.alert.rule.clone(), kept.incident?))).collect();
        let mut unit = Unit::default();
        let digests: BTreeMap<_, _> =
            ruleset.iter().map(|(rule, _)| (rule.rule.id.clone(), rule.digest.to_string())).collect();
        let last = records.log("WHERE kind = 'rules' ORDER BY seq DESC LIMIT 1", vec![]).await?;
        if last.first().is_none_or(|entry| entry.body != json!(digests)) {
            records.note(&mut unit, "rules", "rules", "guildhall", json!(digests));
        }
        let expected = tickets::left_executing(&mut records, &mut unit, options.from.timestamp).await?;
        let exchanges = Exchanges::of(&records, &mut unit, register.address("Operator")).await?;
        records.write(unit).await?;
        let monitor = Monitor::with(open.into_iter().map(|kept| kept.alert));
        Ok(Self {
            source: options.source,
            actor: options.actor,
            rehearsal: options.rehearsal,
            workshop: options.workshop,
            register,
            base,
            ruleset: RwLock::new(Arc::new(ruleset)),
            revisions_intact: AtomicBool::new(intact),
            playbooks: options.playbooks,
            known_code: options.known_code.iter().map(|code| code.to_checksum(None)).collect(),
            deployed: options.deployed,
            exchanges,
            chain_id: options.chain_id,
            state: Mutex::new(State { records, monitor, cursor, incidents, expected: std::sync::Mutex::new(expected) }),
            measures: Mutex::default(),
            news: broadcast::Sender::new(256),
        })
    }

    /// Follows the chain until `cancel` turns true.
    pub async fn run(self: Arc<Self>, vitals: Arc<dyn Vitals>, mut cancel: watch::Receiver<bool>) {
        let mut heads = self.source.heads();
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        self.answer_what_was_left().await;
        loop {
            let outcome = self.catch_up(&cancel).await;
            match outcome {
                Ok(answers) => {
                    for answer in answers {
                        let watch = Arc::clone(&self);
                        // The next blocks are not kept waiting for a transaction.
                        tokio::spawn(async move { watch.answer(answer).await });
                    }
                }
                Err(error) => tracing::error!(%error, "the watch could not judge a block; trying again"),
            }
            tokio::select! {
                _ = heads.changed() => {}
                _ = ticks.tick() => self.pass_time(&*vitals).await,
                () = async { drop(cancel.wait_for(|stopped| *stopped).await) } => return,
            }
        }
    }

    /// Judges every block up to the head and gives the responses that are wanted.
    ///
    /// # Errors
    /// [`WatchError`]; what was judged is kept.
    pub async fn catch_up(&self, cancel: &watch::Receiver<bool>) -> Result<Vec<Answer>, WatchError> {
        let mut answers = Vec::new();
        loop {
            let head = self.source.head().await?;
            let mut state = self.state.lock().await;
            answers.extend(self.follow_replaced(&mut state).await?);
            let from = state.cursor.0 + 1;
            if from > head.number || *cancel.borrow() {
                return Ok(answers);
            }
            for number in from..=head.number.min(from + BATCH) {
                let Some(block) = self.source.block(number).await? else { break };
                if block.parent_hash != state.cursor.1 {
                    // Replaced meanwhile: the next round goes back.
                    break;
                }
                let span = tracing::info_span!("judge block", number);
                answers.extend(self.judge(&mut state, &block).instrument(span).await?);
            }
        }
    }

    /// Goes back to the last block that is still of the chain, and takes back what the others caused.
    async fn follow_replaced(&self, state: &mut State) -> Result<Vec<Answer>, WatchError> {
        let (number, hash) = state.cursor;
        let stands = async |number: u64, hash: B256| -> Result<bool, WatchError> {
            Ok(self.source.block(number).await?.is_some_and(|block| block.hash == hash))
        };
        if stands(number, hash).await? {
            return Ok(Vec::new());
        }
        // Blocks that brought signals are known by their hash; below the first that still stands, all do.
        let rows = state
            .records
            .store()
            .rows(
                "SELECT DISTINCT block_number, block_hash FROM ops_signal WHERE block_number <= $1 AND state = 'final' \
                 ORDER BY block_number DESC LIMIT 4096",
                vec![number.into()],
            )
            .await?;
        let mut base = 0;
        for row in rows {
            let (number, hash) = (row.number(0)?, row.hash(1)?);
            if stands(number, hash).await? {
                base = number;
                break;
            }
        }
        let head = self.source.head().await?;
        let base = base.max(number.saturating_sub(REPLACED_MAX)).min(head.number);
        let Some(block) = self.source.block(base).await? else { return Ok(Vec::new()) };
        let retracted = state.monitor.rewind(base);
        let mut unit = Unit::default();
        let depth = number - base;
        let signal = Signal {
            contract: "House".to_owned(),
            name: "ChainReplaced".to_owned(),
            args: BTreeMap::from([("depth".to_owned(), json!(depth))]),
            ..Signal::default()
        };
        state.records.note(&mut unit, "replaced", "chain", "guildhall", json!({ "depth": depth, "base": base }));
        self.keep(state, &mut unit, retracted).await?;
        unit.cursor(base, block.hash);
        state.records.write(unit).await?;
        state
            .records
            .store()
            .execute(
                "UPDATE ops_signal SET state = 'retracted' WHERE block_number > $1 AND state = 'final'",
                vec![base.into()],
            )
            .await?;
        state.cursor = (base, block.hash);
        let observation =
            Observation { head: block.head(), signals: vec![signal], reads: BTreeMap::new(), vitals: None };
        self.judge_observation(state, &observation, Unit::default()).await
    }

    async fn judge(&self, state: &mut State, block: &Block) -> Result<Vec<Answer>, WatchError> {
        let observation = self.rules().sensor.observe(block, self.source.as_ref()).await?;
        let mut unit = Unit::default();
        unit.signals(&observation);
        unit.cursor(block.number, block.hash);
        let answers = self.judge_observation(state, &observation, unit).await?;
        state.cursor = (block.number, block.hash);
        Ok(answers)
    }

    async fn judge_observation(
        &self,
        state: &mut State,
        observation: &Observation,
        mut unit: Unit,
    ) -> Result<Vec<Answer>, WatchError> {
        let rules = self.rules();
        let expected = &state.expected;
        let changed = state
            .monitor
            .observe(&rules.applying(), observation, &|signal| self.is_known(signal, observation.head, expected));
        for fault in state.monitor.faults() {
            tracing::warn!(fault, "a rule could not be worked out");
        }
        let answers = self.keep(state, &mut unit, changed).await?;
        state.records.write(unit).await?;
        Ok(answers)
    }

    /// Whether a change is expected: one of the deployment or of an upgrade, which the house makes while it is not
    /// watched, an exchange of the house's own key, which it makes then too, code that the house's manifest names, or what
    /// an executed ticket announced.
    fn is_known(&self, signal: &Signal, head: Head, expected: &std::sync::Mutex<Expected>) -> bool {
        if head.number <= self.deployed || self.exchanges.caused(signal) {
            return true;
        }
        let code = signal.args.get("implementation").and_then(Json::as_str);
        if signal.name == "Upgraded" && code.is_some_and(|code| self.known_code.iter().any(|known| known == code)) {
            return true;
        }
        let operator = self.register().address("Operator");
        expected.lock().is_ok_and(|mut expected| expected.meets(signal, operator, head.timestamp))
    }

    /// Puts alerts that changed into the records, with the incidents they make, and gives the responses they ask for.
    async fn keep(&self, state: &mut State, unit: &mut Unit, changed: Vec<Alert>) -> Result<Vec<Answer>, WatchError> {
        let mut answers = Vec::new();
        // One block may change an alert more than once: the last counts.
        let mut last: BTreeMap<String, Alert> = BTreeMap::new();
        for alert in changed {
            last.insert(alert_id(&alert), alert);
        }
        let mut closed = Vec::new();
        let rules = self.rules();
        for (id, alert) in last {
            let known = state.records.alerts("WHERE id = $1", vec![id.clone().into()]).await?.pop();
            let Some(rule) = rules.get(&alert.rule) else { continue };
            let rule = &rule.rule;
            let fires = alert.state == AlertState::Firing
                && known.as_ref().is_none_or(|known| known.alert.state == AlertState::Pending);
            let mut kept = KeptAlert {
                id: id.clone(),
                severity: rule.severity,
                seen_ms: known.as_ref().map_or_else(now_ms, |known| known.seen_ms),
                incident: known.as_ref().and_then(|known| known.incident),
                answered: known.as_ref().is_some_and(|known| known.answered),
                alert,
            };
            if fires && !rule.shadow {
                if rule.severity <= Severity::P2 {
                    kept.incident = Some(self.declare(state, unit, rule, kept.alert.since.timestamp).await?);
                }
                match Answer::to(&kept, rule) {
                    Some(answer) => answers.push(answer),
                    None => kept.answered = true,
                }
            }
            let changed_state = known.as_ref().is_none_or(|known| known.alert.state != kept.alert.state);
            if changed_state {
                let subject = subject(kept.incident, "alert", &id);
                let body = json!({
                    "alert": id, "rule": rule.id, "version": rule.version, "state": kept.alert.state.name(),
                    "labels": kept.alert.labels, "block": kept.alert.last.number, "shadow": rule.shadow,
                    "head": self.source.head().await?.number,
                });
                state.records.note(unit, "alert", &subject, "guildhall", body.clone());
                let _ = self.news.send(body);
                if fires && !rule.shadow {
                    tell::firing(&state.records, unit, rule, &kept);
                } else if !kept.alert.state.is_open() && !rule.shadow {
                    closed.push(kept.clone());
                }
            }
            unit.alert(&kept);
        }
        tell::closed(&state.records, unit, &rules, &closed, "guildhall").await?;
        Ok(answers)
    }

    /// The incident of a rule that fired: the one that is open, or a new one.
    async fn declare(
        &self,
        state: &mut State,
        unit: &mut Unit,
        rule: &crate::rule::Rule,
        opened: u64,
    ) -> Result<u64, WatchError> {
        if let Some(id) = state.incidents.get(&rule.id) {
            let open = state.records.incidents("WHERE id = $1", vec![(*id).into()]).await?;
            if open.first().is_none_or(|incident| incident.state < IncidentState::Resolved) {
                return Ok(*id);
            }
        }
        let id = state.records.next_incident();
        let incident = Incident {
            id,
            title: rule.title.clone(),
            severity: rule.severity,
            state: IncidentState::Declared,
            opened,
            roles: BTreeMap::from([("detector".to_owned(), format!("rule {}", rule.id))]),
        };
        unit.incident(&incident);
        let body = json!({ "state": "declared", "severity": rule.severity.name(), "rule": rule.id });
        state.records.note(unit, "incident", &format!("incident/{id}"), "guildhall", body);
        state.incidents.insert(rule.id.clone(), id);
        Ok(id)
    }

    /// Looks at the house's vitals, and takes back runs whose time is up.
    pub async fn pass_time(&self, vitals: &dyn Vitals) {
        if let Err(error) = self.try_pass_time(vitals).await {
            tracing::error!(%error, "the house's vitals could not be judged; trying again");
        }
    }

    async fn try_pass_time(&self, vitals: &dyn Vitals) -> Result<(), WatchError> {
        let head = self.source.head().await?;
        let mut facts = vitals.sample();
        let mut state = self.state.lock().await;
        let lag = i64::try_from(head.number.saturating_sub(state.cursor.0)).unwrap_or(i64::MAX);
        facts.insert("monitor_lag".to_owned(), lag);
        facts.insert("log_intact".to_owned(), i64::from(state.records.sweep_log().await?));
        if !self.revisions_intact.load(Ordering::Relaxed) {
            facts.insert("rules_intact".to_owned(), 0);
        }
        let now = Head { timestamp: head.timestamp.max(now_ms() / 1_000), ..head };
        let observation = Observation { head: now, signals: Vec::new(), reads: BTreeMap::new(), vitals: Some(facts) };
        let answers = self.judge_observation(&mut state, &observation, Unit::default()).await?;
        let mut due = state
            .records
            .runs("WHERE state IN ('verified', 'failed') AND expires <= $1", vec![clock(head).into()])
            .await?;
        // Of a run that failed, what it blocked ends all the same.
        let blocks = |run: &Run| self.playbooks.iter().any(|book| book.id == run.playbook && book.stands_here());
        due.retain(|run| run.state == "verified" || blocks(run));
        drop(state);
        for answer in answers {
            self.answer(answer).await;
        }
        for run in due {
            self.roll_back(run.id, "guildhall").await?;
        }
        Ok(())
    }
}
