//! What the explorer's endpoints answer with.

use platform_protocol::{Argument, DecodedCall, DecodedError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::money::Money;
use crate::wire::Bilingual;

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// Which transactions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TransactionQuery {
    /// Of this block.
    pub(crate) block: Option<u64>,
    /// That touched this address.
    pub(crate) address: Option<String>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// Most items.
    pub(crate) limit: Option<u32>,
}

/// A block.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Block)]
pub(crate) struct BlockView {
    /// Height.
    pub(crate) number: u64,
    /// Hash.
    pub(crate) hash: String,
    /// Hash of the block before.
    pub(crate) parent_hash: String,
    /// Root of the state after it.
    pub(crate) state_root: String,
    /// Seconds since 1970.
    pub(crate) timestamp: u64,
    /// Who is paid the tips.
    pub(crate) beneficiary: String,
    /// Gas used.
    pub(crate) gas_used: String,
    /// Gas that could have been used.
    pub(crate) gas_limit: String,
    /// Base fee in wei.
    pub(crate) base_fee: String,
    /// Encoded size in bytes.
    pub(crate) size: u64,
    /// Transactions.
    pub(crate) tx_count: u64,
}

/// A transaction in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransactionRow)]
pub(crate) struct TransactionCard {
    /// Hash.
    pub(crate) hash: String,
    /// Block.
    pub(crate) block_number: u64,
    /// Place in the block.
    pub(crate) index: u64,
    /// Seconds since 1970.
    pub(crate) timestamp: u64,
    /// Sender.
    pub(crate) from: String,
    /// Receiver.
    pub(crate) to: Option<String>,
    /// Contract it created.
    pub(crate) created: Option<String>,
    /// Wei sent along.
    pub(crate) value: String,
    /// What the receiver is called, where it is one of our contracts.
    pub(crate) contract: Option<String>,
    /// Function it called, where known.
    pub(crate) function: Option<String>,
    /// Whether it succeeded.
    pub(crate) status: bool,
    /// Gas used.
    pub(crate) gas_used: String,
}

/// An argument.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Argument)]
pub(crate) struct ArgumentView {
    /// Name.
    pub(crate) name: String,
    /// Solidity type.
    #[serde(rename = "type")]
    pub(crate) ty: String,
    /// Value: numbers as decimal text, bytes as hex, tuples as objects.
    #[schema(value_type = Value)]
    pub(crate) value: serde_json::Value,
}

impl From<Argument> for ArgumentView {
    fn from(argument: Argument) -> Self {
        Self { name: argument.name, ty: argument.ty, value: argument.value }
    }
}

/// A call in words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecodedCall)]
pub(crate) struct CallView {
    /// Contract.
    pub(crate) contract: String,
    /// Function.
    pub(crate) function: String,
    /// Its signature.
    pub(crate) signature: String,
    /// Its arguments.
    pub(crate) args: Vec<ArgumentView>,
}

impl From<DecodedCall> for CallView {
    fn from(call: DecodedCall) -> Self {
        Self {
            contract: call.contract,
            function: call.function,
            signature: call.signature,
            args: call.args.into_iter().map(ArgumentView::from).collect(),
        }
    }
}

/// Why a transaction failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecodedError)]
pub(crate) struct ErrorView {
    /// Error.
    pub(crate) name: String,
    /// Its signature.
    pub(crate) signature: String,
    /// Its arguments.
    pub(crate) args: Vec<ArgumentView>,
    /// What it means.
    pub(crate) words: Bilingual,
}

impl From<DecodedError> for ErrorView {
    fn from(error: DecodedError) -> Self {
        Self {
            name: error.name,
            signature: error.signature,
            args: error.args.into_iter().map(ArgumentView::from).collect(),
            words: Bilingual::new(error.words.en, error.words.zh),
        }
    }
}

/// A log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Log)]
pub(crate) struct LogView {
    /// Contract that left it.
    pub(crate) address: String,
    /// What that contract is called.
    pub(crate) contract: Option<String>,
    /// Event, where known.
    pub(crate) event: Option<String>,
    /// Its arguments.
    pub(crate) args: Vec<ArgumentView>,
    /// Topics.
    pub(crate) topics: Vec<String>,
    /// Unindexed arguments.
    pub(crate) data: String,
    /// Place in the block.
    pub(crate) log_index: u64,
}

/// Tokens that moved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transfer)]
pub(crate) struct TransferView {
    /// Contract.
    pub(crate) token: String,
    /// Symbol.
    pub(crate) symbol: String,
    /// Decimals.
    pub(crate) decimals: u8,
    /// From whom.
    pub(crate) from: String,
    /// To whom.
    pub(crate) to: String,
    /// Smallest units.
    pub(crate) amount: String,
    /// Transaction.
    pub(crate) tx_hash: String,
    /// Block.
    pub(crate) block_number: u64,
    /// Seconds since 1970.
    pub(crate) timestamp: u64,
}

/// A transaction in full.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transaction)]
pub(crate) struct TransactionView {
    /// Hash.
    pub(crate) hash: String,
    /// Block.
    pub(crate) block_number: u64,
    /// Place in the block.
    pub(crate) index: u64,
    /// Seconds since 1970.
    pub(crate) timestamp: u64,
    /// Sender.
    pub(crate) from: String,
    /// Receiver.
    pub(crate) to: Option<String>,
    /// Contract it created.
    pub(crate) created: Option<String>,
    /// Wei sent along.
    pub(crate) value: String,
    /// Sender's nonce.
    pub(crate) nonce: u64,
    /// Gas allowed.
    pub(crate) gas_limit: String,
    /// Gas used.
    pub(crate) gas_used: String,
    /// Wei paid per gas.
    pub(crate) gas_price: String,
    /// EIP-2718 type.
    #[serde(rename = "type")]
    pub(crate) kind: u8,
    /// Whether it succeeded.
    pub(crate) status: bool,
    /// Call data.
    pub(crate) input: String,
    /// The call in words, where known.
    pub(crate) decoded: Option<CallView>,
    /// Why it failed, where it did and said so.
    pub(crate) error: Option<ErrorView>,
    /// Logs.
    pub(crate) logs: Vec<LogView>,
    /// Tokens that moved.
    pub(crate) transfers: Vec<TransferView>,
}

/// What stands at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AddressKind {
    /// A key.
    Account,
    /// Code.
    Contract,
}

/// An address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Address)]
pub(crate) struct AddressView {
    /// Checksummed address.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: Option<String>,
    /// What stands there.
    pub(crate) kind: AddressKind,
    /// Which of our contracts it is.
    pub(crate) contract: Option<String>,
    /// Wei it holds.
    pub(crate) balance: String,
    /// Transactions it sent.
    pub(crate) nonce: u64,
    /// Transactions that touched it.
    pub(crate) transactions: u64,
    /// Tokens it holds.
    pub(crate) token_balances: Vec<Money>,
}

/// A token in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenCard {
    /// Contract.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: String,
    /// Symbol.
    pub(crate) symbol: String,
    /// Decimals.
    pub(crate) decimals: u8,
    /// Smallest units there are.
    pub(crate) total_supply: String,
    /// Who holds any.
    pub(crate) holders_count: u64,
    /// How often any moved.
    pub(crate) transfers_count: u64,
}

/// Somebody who holds a token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Holder)]
pub(crate) struct HolderView {
    /// Who.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: Option<String>,
    /// Smallest units.
    pub(crate) balance: String,
}

/// A token in full.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenDetail)]
pub(crate) struct TokenPage {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) card: TokenCard,
    /// The largest holders.
    pub(crate) holders: Vec<HolderView>,
    /// Transfers, the newest first, in pages.
    pub(crate) transfers: platform_api::Page<TransferView>,
}
