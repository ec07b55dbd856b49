//! New code for a contract that stands behind a proxy: compiled here, compared with what runs now, put on the chain, and
//! only then proposed as a change.

use alloy_json_abi::JsonAbi;
use alloy_primitives::{Address, B256, Bytes};
use async_trait::async_trait;
use platform_audit::{Change, Layout};
use platform_index::{Column, Kind, Table};
use platform_protocol::Standing;
use serde::{Deserialize, Serialize};

use crate::signal::Observation;
use crate::ticket::{Expectation, TicketCall};

/// What replaces the code behind a proxy (ERC-1822, as OpenZeppelin's `UUPSUpgradeable` has it).
pub(crate) const UPGRADE: &str = "upgradeToAndCall(address,bytes)";
/// The longest creation code a chain takes, in bytes (EIP-3860).
pub(crate) const CREATION_BYTES_MAX: usize = 49_152;
/// Names that may be given in a request, at most this long.
pub(crate) const NAME_MAX: usize = 300;

pub(crate) const CODE: Table = Table {
    name: "ops_code",
    kind: Kind::State,
    columns: &[Column::int("id"), Column::text("placed").or_null(), Column::text("body")],
    key: 1,
    indexes: &[("ops_code_placed", "placed")],
};

/// New code, compared with what runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCode {
    /// Its number.
    pub id: u64,
    /// The contract that is to run it, by its name in the register.
    pub contract: String,
    /// The contract of the sources, as `path:Name`.
    pub name: String,
    /// Version of the compiler.
    pub compiler: String,
    /// Keccak-256 of the standard JSON input.
    pub input: B256,
    /// What its constructor is given, as text.
    pub arguments: Vec<String>,
    /// What creates it.
    pub creation: Bytes,
    /// Where it keeps what.
    pub layout: Layout,
    /// The code that ran when it was compared.
    pub before: Standing,
    /// How its storage differs from that of the code before.
    pub changes: Vec<Change>,
    /// Who brought it.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Where it was put on the chain, once it was.
    pub placed: Option<Standing>,
}

impl NewCode {
    /// The first thing that it would read as something else than what was written, if there is one.
    #[must_use]
    pub fn broken(&self) -> Option<&Change> {
        self.changes.iter().find(|change| change.kind.breaks())
    }
}

/// What a ticket does to a contract's code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upgrade {
    /// The contract, by its name in the register.
    pub contract: String,
    /// The code that runs before.
    pub from: Standing,
    /// The code that runs afterwards.
    pub to: Standing,
    /// The number of the new code; none where a ticket goes back to what ran before.
    pub code: Option<u64>,
    /// The ticket that this one goes back behind.
    pub undoes: Option<u64>,
    /// What the rules' views answered otherwise after the change, in the rehearsal.
    pub differences: Vec<Difference>,
    /// The same once it was gone back, in the rehearsal.
    pub differences_back: Vec<Difference>,
}

impl Upgrade {
    /// The call that makes the change. `call` is what the new code is to run at once, encoded.
    pub(crate) fn call(&self, call: &Bytes) -> TicketCall {
        upgrade_call(&self.contract, self.to.address, call)
    }

    /// The call that goes back.
    pub(crate) fn call_back(&self) -> TicketCall {
        upgrade_call(&self.contract, self.from.address, &Bytes::new())
    }

    /// Whether this is what the event says happened.
    pub(crate) fn is(&self, event: &Expectation) -> bool {
        let implementation = event.args.get("implementation").and_then(serde_json::Value::as_str);
        event.contract == self.contract && implementation == Some(&self.to.address.to_checksum(None))
    }
}

fn upgrade_call(contract: &str, to: Address, call: &Bytes) -> TicketCall {
    TicketCall { on: contract.to_owned(), call: UPGRADE.to_owned(), args: vec![to.to_checksum(None), call.to_string()] }
}

/// A view that answered otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = OpsDifference)]
pub struct Difference {
    /// The rule that asks.
    pub rule: String,
    /// The view's name in it.
    pub view: String,
    /// The answer before, in decimal digits; none where it reverted.
    pub before: Option<String>,
    /// The answer after.
    pub after: Option<String>,
}

/// What the rules' views answered otherwise.
pub(crate) fn differences(before: &Observation, after: &Observation) -> Vec<Difference> {
    let names: std::collections::BTreeSet<_> = before.reads.keys().chain(after.reads.keys()).collect();
    let differs = |name: &&(String, String)| before.reads.get(*name) != after.reads.get(*name);
    let said = |of: &Observation, name: &(String, String)| of.reads.get(name).map(ToString::to_string);
    let difference = |name: &(String, String)| Difference {
        rule: name.0.clone(),
        view: name.1.clone(),
        before: said(before, name),
        after: said(after, name),
    };
    names.into_iter().filter(differs).map(difference).collect()
}

/// What a compiler made of sources.
#[derive(Clone, Debug)]
pub struct Built {
    /// The contract, as `path:Name`.
    pub name: String,
    /// Version of the compiler.
    pub compiler: String,
    /// What creates it, without the constructor's arguments.
    pub creation: Bytes,
    /// Its interface.
    pub abi: JsonAbi,
    /// Where it keeps what.
    pub layout: Layout,
}

/// Whoever compiles code, puts it on the chain, and keeps what stands where.
#[async_trait]
pub trait Workshop: Send + Sync {
    /// Compiles a contract of a standard JSON input, named `Name` or `path:Name`.
    ///
    /// # Errors
    /// In words: there is no compiler, or the sources do not compile.
    async fn compile(&self, input: &str, contract: &str) -> Result<Built, String>;

    /// The code that a contract of the house runs now.
    ///
    /// # Errors
    /// In words: it stands behind no proxy, or the chain did not answer.
    async fn running(&self, contract: &str) -> Result<Standing, String>;

    /// Where code keeps what, if it is of this program's own.
    ///
    /// # Errors
    /// In words: the chain did not answer.
    async fn layout(&self, contract: &str, code: &Standing) -> Result<Option<Layout>, String>;

    /// Creates a contract with the house's key.
    ///
    /// # Errors
    /// In words: it was refused, or it failed.
    async fn place(&self, creation: &Bytes) -> Result<Standing, String>;

    /// Writes down what a contract will run, before it does: who is killed in between must find out what is so.
    ///
    /// # Errors
    /// In words: it could not be written.
    async fn announce(&self, contract: &str, next: &Standing) -> Result<(), String>;

    /// Makes what was announced the record of what stands where, if it came true, and forgets it else.
    ///
    /// # Errors
    /// In words: it could not be written, or the chain did not answer.
    async fn settle(&self) -> Result<(), String>;
}

/// A workshop for places where no code is changed.
#[derive(Clone, Copy, Debug)]
pub struct NoWorkshop;

const NONE: &str = "code can't be changed here";

#[async_trait]
impl Workshop for NoWorkshop {
    async fn compile(&self, _: &str, _: &str) -> Result<Built, String> {
        Err(NONE.to_owned())
    }

    async fn running(&self, _: &str) -> Result<Standing, String> {
        Err(NONE.to_owned())
    }

    async fn layout(&self, _: &str, _: &Standing) -> Result<Option<Layout>, String> {
        Err(NONE.to_owned())
    }

    async fn place(&self, _: &Bytes) -> Result<Standing, String> {
        Err(NONE.to_owned())
    }

    async fn announce(&self, _: &str, _: &Standing) -> Result<(), String> {
        Err(NONE.to_owned())
    }

    async fn settle(&self) -> Result<(), String> {
        Err(NONE.to_owned())
    }
}
