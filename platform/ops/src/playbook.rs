//! Playbooks: what is done about it, step by step, each simulated first, verified afterwards, and taken back when its
//! time is up.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::block::{self, Standing};
use crate::register::{Register, RegisterError, word};
use crate::statement::{self, Herald};
use crate::ticket::TicketCall;
use crate::words::Words;

/// A playbook as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Its name in rules, commands and addresses.
    pub id: String,
    /// What it does.
    pub title: Words,
    /// What that means for people.
    pub effect: Words,
    /// What must be said to run it.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// Seconds after which it is taken back by itself, unless it is confirmed.
    #[serde(default)]
    pub expires: Option<u64>,
    /// Whether it is played on a copy of the chain first when a person runs it. What it causes there is no alert when it
    /// happens on the chain.
    #[serde(default)]
    pub rehearsed: bool,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A transaction of the operator.
    Transaction(Box<TransactionStep>),
    /// A hold inside the platform, on what it names.
    Hold(String),
    /// No transactions of an account are taken, `$name` being a parameter.
    Block(String),
    /// A public statement: its text in both languages, `$name` being a parameter.
    Statement(Words),
}

/// A transaction of the operator. In all arguments `$name` is a parameter and `@Name` a contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionStep {
    /// The contract.
    pub on: String,
    /// What is called.
    pub call: String,
    /// With what.
    #[serde(default)]
    pub args: Vec<String>,
    /// What takes it back.
    #[serde(default)]
    pub undo: Option<String>,
    /// With what.
    #[serde(default)]
    pub undo_args: Vec<String>,
    /// How it is known to have worked.
    pub check: Check,
}

/// A view that must answer something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The view.
    pub call: String,
    /// Its arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// A second view, of the first one's answer.
    #[serde(default)]
    pub then: Option<String>,
    /// The answer in decimal digits; true is 1.
    pub equals: String,
}

/// A call that the house makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// To which contract.
    pub to: Address,
    /// With what.
    pub input: Bytes,
}

impl Act {
    /// The call `call` of the contract named `on`, its arguments as text.
    ///
    /// # Errors
    /// [`RegisterError`] where there is no such contract or the call does not read.
    pub fn of(register: &Register, on: &str, call: &str, args: &[String]) -> Result<Self, RegisterError> {
        let to = register.address(on).ok_or_else(|| RegisterError::Unknown(on.to_owned()))?;
        Ok(Self { to, input: register.call(call, args)? })
    }
}

/// Whoever acts on the chain for the house.
#[async_trait]
pub trait Actor: Send + Sync {
    /// What a call answers in the newest state, sent by the operator.
    ///
    /// # Errors
    /// In words: it would revert, or the chain did not answer.
    async fn ask(&self, act: &Act) -> Result<Bytes, String>;

    /// Sends a call as the operator and waits for it. Gives the transaction and its block.
    ///
    /// # Errors
    /// In words: it was refused, or it failed.
    async fn act(&self, act: &Act) -> Result<(B256, u64), String>;

    /// Sends a call that would succeed in the newest state. What would revert is not sent: the simulation says why, and
    /// nobody pays for it.
    ///
    /// # Errors
    /// As [`Actor::ask`] and [`Actor::act`].
    async fn act_if_it_succeeds(&self, act: &Act) -> Result<(B256, u64), String> {
        self.ask(act).await?;
        self.act(act).await
    }

    /// Holds what the house sends by itself, or lets it go.
    async fn hold(&self, what: &str, held: bool) -> Result<(), String>;

    /// Why an account may not be blocked, in words.
    async fn block_fault(&self, account: Address) -> Option<String>;

    /// Takes no transactions of an account, meant to last until a moment in seconds since 1970. For one that is blocked,
    /// the moment changes.
    ///
    /// # Errors
    /// In words: it may not be blocked, or there is no room for it.
    async fn block(&self, account: Address, until: u64) -> Result<(), String>;

    /// Takes transactions of an account again.
    ///
    /// # Errors
    /// In words.
    async fn unblock(&self, account: Address) -> Result<(), String>;

    /// Until when an account is blocked, if it is.
    ///
    /// # Errors
    /// In words.
    async fn blocked(&self, account: Address) -> Result<Option<u64>, String>;
}

/// What became of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The step in words: contract and call.
    pub step: String,
    /// Whether it was verified on the chain afterwards.
    pub verified: bool,
    /// Whether it was so already, and nothing had to be done.
    pub already: bool,
    /// Its transaction.
    pub transaction: Option<B256>,
    /// The block that holds it.
    pub block: Option<u64>,
    /// Why it failed.
    pub failure: Option<String>,
}

impl Playbook {
    /// Reads a playbook from the text of `file`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(file: &str, text: &str) -> Result<Self, String> {
        let playbook: Self = serde_saphyr::from_str(text).map_err(|error| format!("{file}: {error}"))?;
        if playbook.blocks().next().is_some() && playbook.expires.is_none() {
            return Err(format!("{file}: a block has an end: say after how many seconds with expires"));
        }
        match playbook.texts().count() {
            0 => Ok(playbook),
            1 if playbook.expires.is_some() => Ok(playbook),
            1 => Err(format!("{file}: a statement has an end: say after how many seconds with expires")),
            _ => Err(format!("{file}: a playbook has one statement at most")),
        }
    }

    /// The texts of its statements, with the names of parameters in them.
    fn texts(&self) -> impl Iterator<Item = &Words> {
        self.steps.iter().filter_map(|step| match step {
            Step::Statement(text) => Some(text),
            Step::Transaction(_) | Step::Hold(_) | Step::Block(_) => None,
        })
    }

    /// The accounts that it blocks, with the names of parameters in them.
    fn blocks(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Block(text) => Some(text.as_str()),
            Step::Transaction(_) | Step::Hold(_) | Step::Statement(_) => None,
        })
    }

    /// The parameters that hold the text of its statement, where both do.
    #[must_use]
    pub fn statement(&self) -> Option<Words> {
        let text = self.texts().next()?;
        let name = |text: &str| text.strip_prefix('$').map(str::to_owned);
        Some(Words { en: name(&text.en)?, zh: name(&text.zh)? })
    }

    /// Whether it does something against harm, and does not only say something.
    #[must_use]
    pub fn contains(&self) -> bool {
        self.steps.iter().any(|step| !matches!(step, Step::Statement(_)))
    }

    /// Whether what it does is kept by this program, and must be done again after a stop.
    #[must_use]
    pub(crate) fn stands_here(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Hold(_) | Step::Block(_)))
    }

    /// Whether anything of it can be taken back.
    #[must_use]
    pub fn reversible(&self) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Transaction(step) => step.undo.is_some(),
            Step::Hold(_) | Step::Block(_) | Step::Statement(_) => true,
        })
    }

    /// What it would send, in order.
    pub(crate) fn calls(&self, with: &BTreeMap<String, String>) -> Vec<TicketCall> {
        let call = |step: &Step| match step {
            Step::Transaction(step) => Some(TicketCall {
                on: filled(&step.on, with),
                call: step.call.clone(),
                args: step.args.iter().map(|text| filled(text, with)).collect(),
            }),
            Step::Hold(_) | Step::Block(_) | Step::Statement(_) => None,
        };
        self.steps.iter().filter_map(call).collect()
    }

    /// Why it can't be run with these parameters, in words.
    pub(crate) async fn fault(&self, with: &BTreeMap<String, String>, actor: &dyn Actor) -> Option<String> {
        for text in self.blocks() {
            let fault = match block::account(&filled(text, with)) {
                Ok(account) => actor.block_fault(account).await,
                Err(fault) => Some(fault),
            };
            if fault.is_some() {
                return fault;
            }
        }
        self.texts().find_map(|text| statement::fault(&spoken(text, with)))
    }

    /// Does everything: each step is simulated, sent, and verified. A step that fails stops nothing: what can be
    /// contained is. What ends by itself is made to last until `until`.
    pub(crate) async fn run(
        &self,
        with: &BTreeMap<String, String>,
        until: u64,
        register: &Register,
        actor: &dyn Actor,
        herald: &dyn Herald,
    ) -> Vec<Done> {
        let mut done = Vec::new();
        for step in &self.steps {
            done.push(match step {
                Step::Hold(what) => {
                    let failure = actor.hold(what, true).await.err();
                    Done { step: format!("hold {what}"), verified: failure.is_none(), failure, ..Done::default() }
                }
                Step::Block(text) => block::make(&filled(text, with), until, actor).await,
                Step::Statement(text) => statement::make(true, &spoken(text, with), herald).await,
                Step::Transaction(step) => step.make(true, &step.call, &step.args, with, register, actor).await,
            });
        }
        done
    }

    /// Takes everything back that can be, last step first, and leaves what `others` hold and block.
    pub(crate) async fn undo(
        &self,
        with: &BTreeMap<String, String>,
        others: &Standing,
        register: &Register,
        actor: &dyn Actor,
        herald: &dyn Herald,
    ) -> Vec<Done> {
        let mut done = Vec::new();
        for step in self.steps.iter().rev() {
            match step {
                Step::Hold(what) if others.holds.contains(what) => {
                    let step = format!("lift {what}: another measure still holds it");
                    done.push(Done { step, verified: true, already: true, ..Done::default() });
                }
                Step::Block(text) => done.push(block::undo(&filled(text, with), others, actor).await),
                Step::Hold(what) => {
                    let failure = actor.hold(what, false).await.err();
                    let step = format!("lift {what}");
                    done.push(Done { step, verified: failure.is_none(), failure, ..Done::default() });
                }
                Step::Statement(text) => done.push(statement::make(false, &spoken(text, with), herald).await),
                Step::Transaction(step) => {
                    if let Some(undo) = &step.undo {
                        done.push(step.make(false, undo, &step.undo_args, with, register, actor).await);
                    }
                }
            }
        }
        done
    }
}

impl TransactionStep {
    /// Calls what makes the step's check pass, or fail again, unless it does so already.
    async fn make(
        &self,
        wanted: bool,
        call: &str,
        args: &[String],
        with: &BTreeMap<String, String>,
        register: &Register,
        actor: &dyn Actor,
    ) -> Done {
        let contract = filled(&self.on, with);
        let mut done = Done { step: format!("{contract}.{call}"), ..Done::default() };
        let outcome = async {
            if self.check.passes(&contract, with, register, actor).await? == wanted {
                return Ok(None);
            }
            let act = act(&contract, call, args, with, register)?;
            actor.act_if_it_succeeds(&act).await.map(Some)
        };
        match outcome.await {
            Ok(Some((transaction, block))) => {
                (done.transaction, done.block) = (Some(transaction), Some(block));
                match self.check.passes(&contract, with, register, actor).await {
                    Ok(passes) => done.verified = passes == wanted,
                    Err(failure) => done.failure = Some(failure),
                }
            }
            Ok(None) => (done.verified, done.already) = (true, true),
            Err(failure) => done.failure = Some(failure),
        }
        done
    }
}

impl Check {
    async fn passes(
        &self,
        contract: &str,
        with: &BTreeMap<String, String>,
        register: &Register,
        actor: &dyn Actor,
    ) -> Result<bool, String> {
        let mut output = actor.ask(&act(contract, &self.call, &self.args, with, register)?).await?;
        if let Some(then) = &self.then {
            let first = B256::try_from(output.get(..32).unwrap_or_default())
                .map_err(|_| format!("{} answers no word", self.call))?;
            output = actor.ask(&act(contract, then, &[first.to_string()], with, register)?).await?;
        }
        let answer = word(&output).ok_or_else(|| format!("{} answers no word", self.call))?;
        Ok(answer.to_string() == self.equals)
    }
}

fn act(
    contract: &str,
    call: &str,
    args: &[String],
    with: &BTreeMap<String, String>,
    register: &Register,
) -> Result<Act, String> {
    let args: Vec<String> = args.iter().map(|text| filled(text, with)).collect();
    Act::of(register, contract, call, &args).map_err(|error| error.to_string())
}

fn spoken(text: &Words, with: &BTreeMap<String, String>) -> Words {
    Words { en: filled(&text.en, with), zh: filled(&text.zh, with) }
}

/// A parameter in the place of `$name`.
pub(crate) fn filled(text: &str, with: &BTreeMap<String, String>) -> String {
    text.strip_prefix('$').and_then(|name| with.get(name)).cloned().unwrap_or_else(|| text.to_owned())
}
