//! New code at the watch: compared with what runs, and put on the chain when it is proposed.

use alloy_primitives::{Bytes, keccak256};
use platform_index::StoreError;
use serde_json::json;

use super::{Watch, WatchError};
use crate::code::{CREATION_BYTES_MAX, NewCode, Upgrade};
use crate::records::{Records, Unit, now_ms};
use crate::ticket::{Ticket, TicketCall, TicketState};

/// Sources that somebody brings.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The contract that is to run them, by its name in the register.
    pub contract: String,
    /// The compiler's standard JSON input.
    pub input: String,
    /// Which contract of the sources, as `Name` or `path:Name`.
    pub name: String,
    /// What its constructor is given, as text; `@Name` is a contract's address.
    pub arguments: Vec<String>,
}

/// What a ticket is to do to code.
#[derive(Clone, Debug)]
pub enum CodeChange {
    /// Put this new code behind its contract, and run a call of it at once.
    To(u64, Option<TicketCall>),
    /// Put back what ran before this ticket.
    Back(u64),
}

impl Watch {
    /// Compiles sources, compares where they keep what with the code that runs, and keeps the result. Nothing is put on
    /// the chain.
    ///
    /// # Errors
    /// [`WatchError::Refused`] in words; a store error.
    pub async fn compare_code(&self, sources: Sources, by: &str) -> Result<NewCode, WatchError> {
        let refused = WatchError::Refused;
        let before = self.workshop.running(&sources.contract).await.map_err(refused)?;
        let kept = {
            let args = vec![before.address.to_checksum(None).into()];
            self.state.lock().await.records.codes("WHERE placed = $1 ORDER BY id DESC LIMIT 1", args).await?.pop()
        };
        let known = match kept {
            Some(kept) => Some(kept.layout),
            None => self.workshop.layout(&sources.contract, &before).await.map_err(refused)?,
        };
        let Some(known) = known else {
            let said = format!(
                "nobody here knows what the code that {} runs now keeps where, so nothing can be compared with it",
                sources.contract
            );
            return Err(WatchError::Refused(said));
        };
        let built = self.workshop.compile(&sources.input, &sources.name).await.map_err(refused)?;
        let creation = self.register().creation(&built.abi, &built.creation, &sources.arguments);
        let creation = creation.map_err(|error| WatchError::Refused(error.to_string()))?;
        if creation.len() > CREATION_BYTES_MAX {
            let said = format!(
                "what creates this code takes {} bytes, and a chain takes {CREATION_BYTES_MAX} (EIP-3860)",
                creation.len()
            );
            return Err(WatchError::Refused(said));
        }
        let mut state = self.state.lock().await;
        let code = NewCode {
            id: state.records.next_code(),
            contract: sources.contract,
            name: built.name,
            compiler: built.compiler,
            input: keccak256(&sources.input),
            arguments: sources.arguments,
            creation,
            changes: known.changes(&built.layout),
            layout: built.layout,
            before,
            by: by.to_owned(),
            at_ms: now_ms(),
            placed: None,
        };
        keep(&mut state.records, &code, by).await?;
        Ok(code)
    }

    /// New code.
    ///
    /// # Errors
    /// A store error.
    pub async fn code(&self, id: u64) -> Result<Option<NewCode>, StoreError> {
        Ok(self.state.lock().await.records.codes("WHERE id = $1", vec![id.into()]).await?.pop())
    }

    /// What a change of code is, and the call that makes it. New code is put on the chain here, where nobody uses it
    /// yet: its address must be known before anybody agrees to it.
    pub(super) async fn upgrade(&self, change: CodeChange, by: &str) -> Result<(Upgrade, TicketCall), WatchError> {
        match change {
            CodeChange::To(id, call) => {
                let code = self.code(id).await?;
                let code = code.ok_or_else(|| WatchError::Refused(format!("there is no new code {id}")))?;
                if let Some(broken) = code.broken() {
                    let said = format!(
                        "{} is not where or what it was: this code would read one thing as another",
                        broken.place
                    );
                    return Err(WatchError::Refused(said));
                }
                self.still_runs(&code.contract, code.before.address).await?;
                let call = match call {
                    Some(call) => self.register().call(&call.call, &call.args),
                    None => Ok(Bytes::new()),
                };
                let call = call.map_err(|error| WatchError::Refused(error.to_string()))?;
                let (contract, from) = (code.contract.clone(), code.before.clone());
                let to = match &code.placed {
                    Some(placed) => placed.clone(),
                    None => self.place(code, by).await?,
                };
                let upgrade = Upgrade {
                    contract,
                    from,
                    to,
                    code: Some(id),
                    undoes: None,
                    differences: Vec::new(),
                    differences_back: Vec::new(),
                };
                let call = upgrade.call(&call);
                Ok((upgrade, call))
            }
            CodeChange::Back(id) => {
                let done = self.ticket(id).await?.and_then(|ticket| changed(&ticket));
                let said = || WatchError::Refused(format!("ticket {id} changed no code"));
                let done = done.ok_or_else(said)?;
                self.still_runs(&done.contract, done.to.address).await?;
                let upgrade = Upgrade {
                    contract: done.contract,
                    from: done.to,
                    to: done.from,
                    code: None,
                    undoes: Some(id),
                    differences: Vec::new(),
                    differences_back: Vec::new(),
                };
                let call = upgrade.call(&Bytes::new());
                Ok((upgrade, call))
            }
        }
    }

    /// Refuses where a contract does not run this code any more.
    async fn still_runs(&self, contract: &str, code: alloy_primitives::Address) -> Result<(), WatchError> {
        let running = self.workshop.running(contract).await.map_err(WatchError::Refused)?;
        if running.address == code {
            return Ok(());
        }
        Err(WatchError::Refused(format!("{contract} runs other code by now, at {}: compare again", running.address)))
    }

    async fn place(&self, mut code: NewCode, by: &str) -> Result<platform_protocol::Standing, WatchError> {
        let placed = self.workshop.place(&code.creation).await.map_err(WatchError::Refused)?;
        code.placed = Some(placed.clone());
        keep(&mut self.state.lock().await.records, &code, by).await?;
        Ok(placed)
    }
}

/// The code that an executed ticket changed.
fn changed(ticket: &Ticket) -> Option<Upgrade> {
    ticket.upgrade.clone().filter(|_| ticket.state == TicketState::Verified)
}

async fn keep(records: &mut Records, code: &NewCode, by: &str) -> Result<(), StoreError> {
    let mut unit = Unit::default();
    unit.code(code);
    let body = json!({
        "code": code.id, "contract": code.contract, "name": code.name, "compiler": code.compiler, "input": code.input,
        "creation": keccak256(&code.creation), "breaks": code.broken().is_some(), "placed": code.placed,
    });
    records.note(&mut unit, "code", &format!("code/{}", code.id), by, body);
    records.write(unit).await
}
