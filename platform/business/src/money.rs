//! Tokens and amounts as they travel.

use alloy_primitives::{Address, U256};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::show;

/// A token people pay with. The native coin has the zero address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) address: Address,
    pub(crate) symbol: String,
    pub(crate) name: String,
    pub(crate) decimals: u8,
}

impl Token {
    pub(crate) fn view(&self) -> TokenView {
        TokenView {
            address: show(self.address),
            symbol: self.symbol.clone(),
            name: self.name.clone(),
            decimals: self.decimals,
        }
    }

    pub(crate) fn money(&self, amount: U256) -> Money {
        Money {
            amount: amount.to_string(),
            token: show(self.address),
            symbol: self.symbol.clone(),
            decimals: self.decimals,
        }
    }
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TokenInfo)]
pub(crate) struct TokenView {
    /// Contract, or the zero address for the native coin.
    pub(crate) address: String,
    /// Symbol.
    pub(crate) symbol: String,
    /// Name.
    pub(crate) name: String,
    /// Decimals.
    pub(crate) decimals: u8,
}

/// An amount of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Money {
    /// Smallest units, as decimal digits.
    pub(crate) amount: String,
    /// Contract, or the zero address for the native coin.
    pub(crate) token: String,
    /// Symbol.
    pub(crate) symbol: String,
    /// How many of the digits are behind the point.
    pub(crate) decimals: u8,
}
