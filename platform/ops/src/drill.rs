//! Drills: an attack, written as a scenario file, is played on a fork of the chain, once with the watch and once
//! without, and scored: what found it, after how long, and what it cost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, Bytes, U256, hex};
use async_trait::async_trait;
use platform_index::{BlockSource, BlockTag, CallRequest, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::sync::watch;

use crate::code::NoWorkshop;
use crate::monitor::AlertState;
use crate::playbook::Actor;
use crate::playbooks;
use crate::register::{Register, word};
use crate::rule::Compiled;
use crate::ticket::NoRehearsal;
use crate::watch::{Vitals, Watch, WatchOptions, first_block};
use crate::words::Words;

/// Steps that one scenario takes at most, repeats counted.
const STEPS_MAX: usize = 10_000;

/// A scenario as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name in commands.
    pub id: String,
    /// What is played.
    pub title: Words,
    /// What happens in it.
    pub story: Words,
    /// The rule that must find it.
    pub rule: String,
    /// What is put in place before.
    #[serde(default)]
    pub setup: Vec<Move>,
    /// The attack.
    pub attack: Vec<Move>,
    /// Where the loss is read.
    #[serde(default)]
    pub loss: Option<Loss>,
}

/// Where a loss is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// Of which token.
    pub token: String,
    /// Who has more afterwards.
    #[serde(default)]
    pub gained_by: Vec<String>,
    /// Who has less.
    #[serde(default)]
    pub lost_by: Vec<String>,
}

/// A move of a scenario. People are named: `operator` holds the house's key, everybody else a new one.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// A contract is made.
    Deploy(Deploy),
    /// A transaction. It may fail in an attack: that is what a defence is for.
    Send(Send),
    /// Time passes, in seconds.
    Warp(u64),
    /// Moves come again.
    Repeat(Repeat),
    /// The same transaction from many new wallets.
    Crowd(Crowd),
    /// The house's own records are changed behind its back.
    Tamper(String),
}

/// A contract is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deploy {
    /// By whom.
    pub by: String,
    /// Its name from here on.
    #[serde(rename = "as")]
    pub name: String,
    /// Its artifact.
    pub artifact: String,
    /// Its constructor's arguments.
    #[serde(default)]
    pub args: Vec<String>,
}

/// A transaction. An argument `=f(t,…) a b` is an encoded call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// By whom.
    pub by: String,
    /// To which contract.
    pub on: String,
    /// What is called.
    pub call: String,
    /// With what.
    #[serde(default)]
    pub args: Vec<String>,
}

/// Moves that come again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// How often.
    pub times: u32,
    /// Which.
    pub steps: Vec<Move>,
}

/// The same transaction from many new wallets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    /// How many.
    pub size: u32,
    /// To which contract.
    pub on: String,
    /// What is called.
    pub call: String,
    /// With what.
    #[serde(default)]
    pub args: Vec<String>,
}

/// A fork of the chain, on which nothing is worth anything.
#[async_trait]
pub trait Range: std::marker::Send + Sync {
    /// The fork's blocks.
    fn source(&self) -> Arc<dyn BlockSource>;

    /// Who acts for the house there.
    fn actor(&self) -> Arc<dyn Actor>;

    /// What stands where.
    fn register(&self) -> Register;

    /// Where records of the drill are kept.
    fn store(&self) -> Store;

    /// The address of somebody's key.
    fn person(&self, name: &str) -> Address;

    /// Sends a transaction and waits for its block. Gives its number, whether it succeeded, and what it made.
    ///
    /// # Errors
    /// In words, where it did not come into a block at all.
    async fn send(&self, by: &str, to: Option<Address>, input: Bytes) -> Result<Sent, String>;

    /// Lets time pass, and makes a block.
    ///
    /// # Errors
    /// In words.
    async fn warp(&self, seconds: u64) -> Result<(), String>;
}

/// What became of a transaction of a drill.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Its block.
    pub block: u64,
    /// Whether it succeeded.
    pub success: bool,
    /// What it made.
    pub created: Option<Address>,
}

/// How a drill went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = OpsDrillScore)]
pub struct Score {
    /// Its scenario.
    pub name: String,
    /// Whether the rule that should have found it did.
    pub detected: bool,
    /// The rule that found it.
    pub rule: Option<String>,
    /// Blocks from the one that gave it away to the one at which it was found.
    pub blocks_to_detect: Option<u64>,
    /// Seconds from the attack's first transaction to the alert, by the machine's clock.
    pub seconds_to_detect: Option<f64>,
    /// Whether the playbook was verified and nothing more was lost after it.
    pub contained: bool,
    /// Seconds from the attack's first transaction to the verified playbook.
    pub seconds_to_contain: Option<f64>,
    /// What was lost without the watch, in whole tokens.
    pub loss_without: f64,
    /// What was lost with it.
    pub loss_with: f64,
    /// Blocks from the attack's first to the one that holds the playbook's first transaction.
    pub blocks_to_contain: Option<u64>,
    /// The playbook that was run.
    pub playbook: Option<String>,
}

/// A drill that could not be played.
#[derive(Debug, thiserror::Error)]
#[error("{scenario}: {reason}")]
pub struct DrillError {
    scenario: String,
    reason: String,
}

macro_rules! scenarios {
    ($($name:literal)*) => {
        &[$((concat!("drills/", $name, ".yaml"), include_str!(concat!("../../../drills/", $name, ".yaml")))),*]
    };
}

const SCENARIOS: &[(&str, &str)] = scenarios!("stolen-admin-key" "stolen-minter-key" "malicious-upgrade" "flash-vote"
    "price-manipulation" "reentrancy" "sybil-gift" "log-tampering");

macro_rules! artifacts {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../contracts/artifacts/drills/", $name, ".json")))),*]
    };
}

const ARTIFACTS: &[(&str, &str)] = artifacts!("FlashLender" "Gift" "Governor" "Lender" "Pool" "PostedPrice" "Raider"
    "Robber" "Sweeper" "Vault");

/// The scenarios that come with the program.
///
/// # Errors
/// What is wrong with one, in words.
pub fn scenarios() -> Result<Vec<Scenario>, String> {
    let read = |(file, text): &(&str, &str)| serde_saphyr::from_str(text).map_err(|error| format!("{file}: {error}"));
    SCENARIOS.iter().map(read).collect()
}

fn artifact(name: &str) -> Result<(JsonAbi, Vec<u8>), String> {
    let text =
        ARTIFACTS.iter().find(|(known, _)| *known == name).ok_or_else(|| format!("there is no artifact {name}"))?;
    let json: Json = serde_json::from_str(text.1).map_err(|error| format!("{name}: {error}"))?;
    let abi = serde_json::from_value(json["abi"].clone()).map_err(|error| format!("{name}: {error}"))?;
    let bytecode =
        hex::decode(json["bytecode"].as_str().unwrap_or_default()).map_err(|error| format!("{name}: {error}"))?;
    Ok((abi, bytecode))
}

/// One playing of a scenario.
struct Play<'a> {
    range: &'a dyn Range,
    register: Register,
    watch: Option<Watched<'a>>,
    first_block: Option<u64>,
    began: Instant,
}

/// What the watch saw of it.
struct Watched<'a> {
    watch: Watch,
    scenario: &'a Scenario,
    vitals: Still,
    cancel: watch::Receiver<bool>,
    rule: Option<String>,
    found: Option<(u64, f64)>,
    contained: Option<(f64, Option<u64>, String)>,
    loss_when_contained: Option<U256>,
}

/// A fork stands still between moves: nothing about it is out of order.
struct Still;

impl Vitals for Still {
    fn sample(&self) -> BTreeMap<String, i64> {
        let facts = [
            ("pending", 0),
            ("seconds_since_block", 0),
            ("index_lag", 0),
            ("disk_free_percent", 100),
            ("rules_intact", 1),
        ];
        facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Scenario {
    /// Plays it on two forks, `guarded` by these rules and not, and scores it.
    ///
    /// # Errors
    /// [`DrillError`] where the scenario itself does not work, also where the attack takes nothing unguarded.
    pub async fn play(
        &self,
        unguarded: &dyn Range,
        guarded: &dyn Range,
        rules: Vec<Arc<Compiled>>,
    ) -> Result<Score, DrillError> {
        let fail = |reason: String| DrillError { scenario: self.id.clone(), reason };
        let mut play = Play::new(unguarded);
        play.all(&self.setup, true).await.map_err(fail)?;
        let before = self.level(&play).await.map_err(fail)?;
        play.all(&self.attack, true).await.map_err(fail)?;
        let loss_without = self.lost(&play, before).await.map_err(fail)?;
        if self.loss.is_some() && loss_without.is_zero() {
            return Err(fail("the attack takes nothing even where nobody watches".to_owned()));
        }

        let mut play = Play::new(guarded);
        play.all(&self.setup, true).await.map_err(fail)?;
        let before = self.level(&play).await.map_err(fail)?;
        let vitals = Still;
        let watch = play.guard(rules).await.map_err(fail)?;
        watch.pass_time(&vitals).await;
        play.watch = Some(Watched {
            watch,
            scenario: self,
            vitals,
            cancel: watch::channel(false).1,
            rule: None,
            found: None,
            contained: None,
            loss_when_contained: None,
        });
        play.began = Instant::now();
        for step in &self.attack {
            play.one(step, false, Some((self, before))).await.map_err(fail)?;
        }
        let loss_with = self.lost(&play, before).await.map_err(fail)?;
        let first = play.first_block;
        let Some(watched) = play.watch else { return Err(fail("nobody watched".to_owned())) };
        let unit = self.unit(guarded).await.map_err(fail)?;
        let stopped = watched.loss_when_contained.is_some_and(|then| then == loss_with);
        Ok(Score {
            name: self.id.clone(),
            detected: watched.found.is_some(),
            rule: watched.rule,
            blocks_to_detect: watched.found.map(|(blocks, _)| blocks),
            seconds_to_detect: watched.found.map(|(_, seconds)| seconds),
            contained: watched.contained.is_some() && stopped && (self.loss.is_none() || loss_with < loss_without),
            seconds_to_contain: watched.contained.as_ref().map(|(seconds, _, _)| *seconds),
            loss_without: tokens(loss_without, unit),
            loss_with: tokens(loss_with, unit),
            blocks_to_contain: watched
                .contained
                .as_ref()
                .and_then(|(_, block, _)| Some((*block)?.saturating_sub(first?))),
            playbook: watched.contained.map(|(_, _, playbook)| playbook),
        })
    }

    /// What the thieves have, less what the victims have, above a level that is never negative.
    async fn level(&self, play: &Play<'_>) -> Result<(U256, U256), String> {
        let Some(loss) = &self.loss else { return Ok((U256::ZERO, U256::ZERO)) };
        let mut sums = [U256::ZERO, U256::ZERO];
        for (sum, holders) in sums.iter_mut().zip([&loss.gained_by, &loss.lost_by]) {
            for holder in holders {
                *sum += play.balance(&loss.token, holder).await?;
            }
        }
        Ok((sums[0], sums[1]))
    }

    async fn lost(&self, play: &Play<'_>, before: (U256, U256)) -> Result<U256, String> {
        let now = self.level(play).await?;
        Ok(now.0.saturating_sub(before.0) + before.1.saturating_sub(now.1))
    }

    async fn unit(&self, range: &dyn Range) -> Result<u32, String> {
        let Some(loss) = &self.loss else { return Ok(0) };
        let register = range.register();
        let to = register.address(&loss.token).ok_or_else(|| format!("there is no token {}", loss.token))?;
        let input = register.call("decimals()", &[]).map_err(|error| error.to_string())?;
        let request = CallRequest { to: Some(to), input, ..CallRequest::default() };
        let output = range.source().call(request, BlockTag::Latest).await.map_err(|error| error.to_string())?;
        word(&output).and_then(|digits| u32::try_from(digits).ok()).ok_or_else(|| "no decimals".to_owned())
    }
}

impl<'a> Play<'a> {
    fn new(range: &'a dyn Range) -> Self {
        Self { range, register: range.register(), watch: None, first_block: None, began: Instant::now() }
    }

    async fn guard(&mut self, rules: Vec<Arc<Compiled>>) -> Result<Watch, String> {
        let from = self.range.source().head().await.map_err(|error| error.to_string())?;
        let options = WatchOptions {
            store: self.range.store(),
            source: self.range.source(),
            actor: self.range.actor(),
            rehearsal: Arc::new(NoRehearsal),
            workshop: Arc::new(NoWorkshop),
            register: self.register.clone(),
            rules,
            playbooks: playbooks()?,
            from,
            known_code: Vec::new(),
            deployed: 0,
            chain_id: 0,
        };
        Watch::open(options).await.map_err(|error| error.to_string())
    }

    async fn all(&mut self, moves: &[Move], must_succeed: bool) -> Result<(), String> {
        for step in moves {
            self.one(step, must_succeed, None).await?;
        }
        Ok(())
    }

    async fn one(
        &mut self,
        step: &Move,
        must_succeed: bool,
        scored: Option<(&Scenario, (U256, U256))>,
    ) -> Result<(), String> {
        for step in flat(std::slice::from_ref(step))? {
            match step {
                Flat::Deploy(deploy) => self.deploy(deploy).await?,
                Flat::Send(send) => {
                    let sent = self.send(&send).await?;
                    if must_succeed && !sent.success {
                        return Err(format!("{}.{} by {} failed", send.on, send.call, send.by));
                    }
                }
                Flat::Warp(seconds) => self.range.warp(seconds).await?,
                Flat::Tamper => {
                    if self.watch.is_some() {
                        let store = self.range.store();
                        let sql = "UPDATE ops_log SET actor = 'nobody' WHERE seq = 1";
                        let touched = store.execute(sql, vec![]).await.map_err(|error| error.to_string())?;
                        if touched == 0 {
                            return Err("there is no record to tamper with".to_owned());
                        }
                    }
                }
            }
            self.look(scored).await?;
        }
        Ok(())
    }

    /// Lets the watch see what came, and do what it wants to.
    async fn look(&mut self, scored: Option<(&Scenario, (U256, U256))>) -> Result<(), String> {
        let Some((scenario, before)) = scored else { return Ok(()) };
        let Some(watched) = &mut self.watch else { return Ok(()) };
        let answers = watched.watch.catch_up(&watched.cancel).await.map_err(|error| error.to_string())?;
        watched.watch.pass_time(&watched.vitals).await;
        if watched.found.is_none() {
            let alerts = watched.watch.alerts(false, 100).await.map_err(|error| error.to_string())?;
            let found = alerts
                .iter()
                .find(|kept| kept.alert.rule == watched.scenario.rule && kept.alert.state == AlertState::Firing);
            if let Some(kept) = found {
                let judged = watched.watch.judged().await;
                watched.rule = Some(kept.alert.rule.clone());
                watched.found =
                    Some((judged.saturating_sub(kept.alert.since.number), self.began.elapsed().as_secs_f64()));
            }
        }
        for answer in answers {
            watched.watch.answer(answer).await;
        }
        if watched.found.is_some() && watched.contained.is_none() {
            let runs = watched.watch.runs(None).await.map_err(|error| error.to_string())?;
            let verified = runs
                .iter()
                .rev()
                .find(|run| run.state == "verified" && run.approved_by == format!("rule {}", watched.scenario.rule));
            if let Some(run) = verified {
                watched.contained = Some((self.began.elapsed().as_secs_f64(), first_block(run), run.playbook.clone()));
                let lost = scenario.lost(self, before).await?;
                if let Some(watched) = &mut self.watch {
                    watched.loss_when_contained = Some(lost);
                }
            }
        }
        Ok(())
    }

    async fn deploy(&mut self, deploy: &Deploy) -> Result<(), String> {
        let (abi, bytecode) = artifact(&deploy.artifact)?;
        self.know(&deploy.by, &deploy.args);
        let input = self.register.creation(&abi, &bytecode, &deploy.args).map_err(|error| error.to_string())?;
        let sent = self.range.send(&deploy.by, None, input).await?;
        let address = sent.created.filter(|_| sent.success).ok_or_else(|| format!("{} was not made", deploy.name))?;
        self.register.add(&deploy.name, address, abi);
        Ok(())
    }

    async fn send(&mut self, send: &Send) -> Result<Sent, String> {
        self.know(&send.by, &send.args);
        let to = self.register.address(&send.on).ok_or_else(|| format!("there is no contract {}", send.on))?;
        let args: Vec<String> = send.args.iter().map(|text| self.encoded(text)).collect::<Result<_, _>>()?;
        let input = self.register.call(&send.call, &args).map_err(|error| error.to_string())?;
        let sent = self.range.send(&send.by, Some(to), input).await?;
        if self.watch.is_some() {
            self.first_block.get_or_insert(sent.block);
        }
        Ok(sent)
    }

    /// An argument that is an encoded call.
    fn encoded(&self, text: &str) -> Result<String, String> {
        let Some(call) = text.strip_prefix('=') else { return Ok(text.to_owned()) };
        let mut parts = call.split(' ').map(str::to_owned);
        let call = parts.next().unwrap_or_default();
        let args: Vec<String> = parts.collect();
        self.register.call(&call, &args).map(|input| input.to_string()).map_err(|error| error.to_string())
    }

    /// Names the people that a move speaks of.
    fn know(&mut self, by: &str, args: &[String]) {
        let people = args.iter().flat_map(|text| text.split(['@', ' ']).skip(1)).chain([by]);
        for name in people.map(str::to_owned).collect::<Vec<_>>() {
            let is_person = name.starts_with(|sign: char| sign.is_ascii_lowercase());
            if is_person && self.register.address(&name).is_none() {
                let address = self.range.person(&name);
                self.register.name(&name, address);
            }
        }
    }

    async fn balance(&self, token: &str, holder: &str) -> Result<U256, String> {
        let holder = self.register.address(holder).unwrap_or_else(|| self.range.person(holder));
        let to = self.register.address(token).ok_or_else(|| format!("there is no token {token}"))?;
        let input =
            self.register.call("balanceOf(address)", &[holder.to_string()]).map_err(|error| error.to_string())?;
        let request = CallRequest { to: Some(to), input, ..CallRequest::default() };
        let output = self.range.source().call(request, BlockTag::Latest).await.map_err(|error| error.to_string())?;
        word(&output).ok_or_else(|| format!("{token} tells no balance"))
    }
}

/// A move without repeats.
enum Flat<'m> {
    Deploy(&'m Deploy),
    Send(Send),
    Warp(u64),
    Tamper,
}

fn flat(moves: &[Move]) -> Result<Vec<Flat<'_>>, String> {
    let mut out = Vec::new();
    for step in moves {
        match step {
            Move::Deploy(deploy) => out.push(Flat::Deploy(deploy)),
            Move::Send(send) => out.push(Flat::Send(send.clone())),
            Move::Warp(seconds) => out.push(Flat::Warp(*seconds)),
            Move::Tamper(what) if what == "log" => out.push(Flat::Tamper),
            Move::Tamper(what) => return Err(format!("{what} can't be tampered with")),
            Move::Repeat(repeat) => {
                for _ in 0..repeat.times {
                    out.extend(flat(&repeat.steps)?);
                }
            }
            Move::Crowd(crowd) => {
                for member in 0..crowd.size {
                    let send = Send {
                        by: format!("crowd-{member}"),
                        on: crowd.on.clone(),
                        call: crowd.call.clone(),
                        args: crowd.args.clone(),
                    };
                    out.push(Flat::Send(send));
                }
            }
        }
        if out.len() > STEPS_MAX {
            return Err(format!("it has more than {STEPS_MAX} steps"));
        }
    }
    Ok(out)
}

/// Whole tokens, for people and for plots.
#[expect(clippy::cast_precision_loss, reason = "for people and for plots")]
fn tokens(amount: U256, decimals: u32) -> f64 {
    let cents = amount / U256::from(10).pow(U256::from(decimals.saturating_sub(2)));
    u64::try_from(cents).unwrap_or(u64::MAX) as f64 / if decimals >= 2 { 100.0 } else { 1.0 }
}
