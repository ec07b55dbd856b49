//! Seeing: blocks become signals, and the rules' views are asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use alloy_primitives::{Address, B256, U256, b256};
use platform_index::{Block, BlockSource, BlockTag, CallRequest, SourceError, Transaction};
use serde_json::Value as Json;

use crate::register::{Register, RegisterError, word};
use crate::rule::{Compiled, On};
use crate::signal::{Observation, Signal};

/// `Transfer(address,address,uint256)` (ERC-20).
const TRANSFER: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

/// The name of the signal of a contract that lost tokens.
const OUTFLOW: &str = "Outflow";

/// The name of the signal of a transaction that failed, of a sender who has a name here.
const REVERTED: &str = "Reverted";

/// A view that is asked after each block.
#[derive(Debug)]
struct View {
    rule: String,
    name: String,
    to: Address,
    input: alloy_primitives::Bytes,
}

/// What turns blocks into observations.
#[derive(Debug)]
pub struct Sensor {
    register: Arc<Register>,
    /// Events that some rule asks for.
    wanted: BTreeSet<String>,
    views: Vec<View>,
}

impl Sensor {
    /// A sensor for these rules. Rules that name contracts which are not here are left out, and named in the second
    /// value: a house from before a module does not have it.
    ///
    /// # Errors
    /// [`RegisterError`] where a rule's view does not read as one.
    pub fn new<'a>(
        register: Arc<Register>,
        rules: impl IntoIterator<Item = &'a Compiled>,
    ) -> Result<(Self, Vec<String>), RegisterError> {
        let mut sensor = Self { register, wanted: BTreeSet::new(), views: Vec::new() };
        let mut absent = Vec::new();
        for rule in rules {
            match sensor.views_of(rule) {
                Ok(views) => sensor.views.extend(views),
                Err(RegisterError::Unknown(_)) => absent.push(rule.rule.id.clone()),
                Err(error) => return Err(error),
            }
            if let On::Event { names, .. } = &rule.rule.on {
                sensor.wanted.extend(names.iter().cloned());
            }
        }
        Ok((sensor, absent))
    }

    /// The contracts.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// Everything the rules want to know of a block.
    ///
    /// # Errors
    /// [`SourceError`] where the chain does not answer. A view that reverts is only missing.
    pub async fn observe(&self, block: &Block, source: &dyn BlockSource) -> Result<Observation, SourceError> {
        let mut reads = BTreeMap::new();
        for view in &self.views {
            let request = CallRequest { to: Some(view.to), input: view.input.clone(), ..CallRequest::default() };
            match source.call(request, BlockTag::Number(block.number)).await {
                Ok(output) => {
                    if let Some(answer) = word(&output) {
                        reads.insert((view.rule.clone(), view.name.clone()), answer);
                    }
                }
                Err(SourceError::Reverted { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Observation { head: block.head(), signals: self.signals(block), reads, vitals: None })
    }

    /// What a block brings that some rule asks for.
    #[must_use]
    pub fn signals(&self, block: &Block) -> Vec<Signal> {
        let mut signals = Vec::new();
        for transaction in &block.transactions {
            if !transaction.success
                && self.wanted.contains(REVERTED)
                && let Some(sender) = self.register.called(transaction.from)
            {
                signals.push(signal(sender, REVERTED, BTreeMap::new(), transaction));
            }
            for log in &transaction.logs {
                let Some(contract) = self.register.contract(log.address) else { continue };
                let Some((name, args)) = self.register.event(log.address, &log.topics, &log.data) else { continue };
                if self.wanted.contains(&name) {
                    signals.push(signal(contract, &name, args, transaction));
                }
            }
            if self.wanted.contains(OUTFLOW) {
                self.outflows(transaction, &mut signals);
            }
        }
        for (index, signal) in (0..).zip(&mut signals) {
            signal.index = index;
        }
        signals
    }

    /// What watched contracts lost in a transaction beyond what they say they paid out in it (`Withdrawn`).
    fn outflows(&self, transaction: &Transaction, signals: &mut Vec<Signal>) {
        let mut flows: BTreeMap<(Address, Address), (U256, U256)> = BTreeMap::new();
        let mut paid: BTreeMap<(Address, Address), U256> = BTreeMap::new();
        for log in &transaction.logs {
            if let ([TRANSFER, from, to], Some(amount)) = (log.topics.as_slice(), word(&log.data)) {
                let (from, to) = (Address::from_word(*from), Address::from_word(*to));
                if from != to {
                    let out = flows.entry((from, log.address)).or_default();
                    out.0 = out.0.saturating_add(amount);
                    let into = flows.entry((to, log.address)).or_default();
                    into.1 = into.1.saturating_add(amount);
                }
            } else if let Some((name, args)) = self.register.event(log.address, &log.topics, &log.data)
                && name == "Withdrawn"
                && let (Some(token), Some(amount)) = (text(&args, "token"), text(&args, "amount"))
                && let (Ok(token), Ok(amount)) = (token.parse::<Address>(), U256::from_str_radix(amount, 10))
            {
                let paid = paid.entry((log.address, token)).or_default();
                *paid = paid.saturating_add(amount);
            }
        }
        for ((holder, token), (out, into)) in flows {
            let Some(contract) = self.register.contract(holder) else { continue };
            let lost = out.saturating_sub(into);
            let explained = paid.get(&(holder, token)).copied().unwrap_or_default();
            if lost.is_zero() {
                continue;
            }
            let text = |amount: U256| Json::String(amount.to_string());
            let args = BTreeMap::from([
                ("token".to_owned(), Json::String(self.register.called(token).unwrap_or("another token").to_owned())),
                ("amount".to_owned(), text(lost)),
                ("explained".to_owned(), text(explained)),
                ("unexplained".to_owned(), text(lost.saturating_sub(explained))),
            ]);
            signals.push(signal(contract, OUTFLOW, args, transaction));
        }
    }

    fn views_of(&self, rule: &Compiled) -> Result<Vec<View>, RegisterError> {
        rule.rule
            .reads
            .iter()
            .map(|(name, read)| {
                let unknown = || RegisterError::Unknown(read.contract.clone());
                Ok(View {
                    rule: rule.rule.id.clone(),
                    name: name.clone(),
                    to: self.register.address(&read.contract).ok_or_else(unknown)?,
                    input: self.register.call(&read.call, &read.args)?,
                })
            })
            .collect()
    }
}

fn text<'a>(args: &'a BTreeMap<String, Json>, name: &str) -> Option<&'a str> {
    args.get(name).and_then(Json::as_str)
}

fn signal(contract: &str, name: &str, args: BTreeMap<String, Json>, transaction: &Transaction) -> Signal {
    Signal {
        contract: contract.to_owned(),
        name: name.to_owned(),
        args,
        transaction: transaction.hash,
        from: transaction.from,
        index: 0,
    }
}
