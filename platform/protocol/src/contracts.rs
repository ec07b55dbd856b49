//! Bindings made from the committed artifacts.

#![allow(missing_docs, reason = "the contracts document themselves; the macro writes no doc comments")]
#![allow(clippy::too_many_arguments, reason = "Solidity functions have as many parameters as they have")]

use alloy_sol_types::sol;

/// The single authority: OpenZeppelin's AccessManager.
pub mod authority {
    alloy_sol_types::sol!(Authority, "../../contracts/artifacts/governance/Authority.json");
}
/// The voting token.
pub mod guild_token {
    alloy_sol_types::sol!(GuildToken, "../../contracts/artifacts/governance/GuildToken.json");
}
/// The money of account.
pub mod stable_token {
    alloy_sol_types::sol!(StableToken, "../../contracts/artifacts/payments/StableToken.json");
}
/// The marketplace.
pub mod market {
    alloy_sol_types::sol!(
        #[derive(Debug, PartialEq, Eq)]
        Market,
        "../../contracts/artifacts/market/Market.json"
    );
}
/// The market's second part: contests, returns, disputes and arbitration.
pub mod aftersales {
    alloy_sol_types::sol!(
        #[derive(Debug, PartialEq, Eq)]
        Aftersales,
        "../../contracts/artifacts/market/Aftersales.json"
    );
}
/// The market's third part: campaigns, vouchers and affiliates.
pub mod coupon_vault {
    alloy_sol_types::sol!(
        #[derive(Debug, PartialEq, Eq)]
        CouponVault,
        "../../contracts/artifacts/market/CouponVault.json"
    );
}
/// The market's fourth part: rule sets, and offers with limits of their own.
pub mod rule_book {
    alloy_sol_types::sol!(
        #[derive(Debug, PartialEq, Eq)]
        RuleBook,
        "../../contracts/artifacts/market/RuleBook.json"
    );
}
/// The guild's arbiters.
pub mod arbiter_panel {
    alloy_sol_types::sol!(
        #[derive(Debug, PartialEq, Eq)]
        ArbiterPanel,
        "../../contracts/artifacts/arbitration/ArbiterPanel.json"
    );
}
/// Reviews of finished purchases.
pub mod reviews {
    alloy_sol_types::sol!(
        #[derive(Debug, PartialEq, Eq)]
        Reviews,
        "../../contracts/artifacts/reviews/Reviews.json"
    );
}

/// The anchor of supply-chain events.
pub mod trace {
    alloy_sol_types::sol!(
        #[derive(Debug, PartialEq, Eq)]
        Trace,
        "../../contracts/artifacts/trace/Trace.json"
    );
}
/// The proxy every stateful contract stands behind.
pub mod proxy {
    alloy_sol_types::sol!(ERC1967Proxy, "../../contracts/artifacts/openzeppelin/ERC1967Proxy.json");
}

pub use aftersales::{Aftersales, IAftersales};
pub use arbiter_panel::ArbiterPanel;
pub use authority::Authority;
pub use coupon_vault::{CouponVault, ICouponVault};
pub use guild_token::GuildToken;
pub use market::{IMarket, Market};
pub use proxy::ERC1967Proxy;
pub use reviews::Reviews;
pub use rule_book::RuleBook;
pub use stable_token::StableToken;
pub use trace::{ITrace, Trace};

sol! {
    /// What every ERC-20 answers.
    interface Erc20 {
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        function name() external view returns (string);
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 value) external returns (bool);
        function transfer(address to, uint256 value) external returns (bool);
        function transferFrom(address from, address to, uint256 value) external returns (bool);
    }

    /// ERC-1271: a contract that signs.
    interface Erc1271 {
        function isValidSignature(bytes32 hash, bytes signature) external view returns (bytes4);
    }
}

/// The text of a committed artifact, for its ABI and compiler.
pub(crate) const ARTIFACTS: [(&str, &str); 11] = [
    ("Authority", include_str!("../../../contracts/artifacts/governance/Authority.json")),
    ("GuildToken", include_str!("../../../contracts/artifacts/governance/GuildToken.json")),
    ("StableToken", include_str!("../../../contracts/artifacts/payments/StableToken.json")),
    ("Market", include_str!("../../../contracts/artifacts/market/Market.json")),
    ("Aftersales", include_str!("../../../contracts/artifacts/market/Aftersales.json")),
    ("CouponVault", include_str!("../../../contracts/artifacts/market/CouponVault.json")),
    ("RuleBook", include_str!("../../../contracts/artifacts/market/RuleBook.json")),
    ("ArbiterPanel", include_str!("../../../contracts/artifacts/arbitration/ArbiterPanel.json")),
    ("ERC1967Proxy", include_str!("../../../contracts/artifacts/openzeppelin/ERC1967Proxy.json")),
    ("Reviews", include_str!("../../../contracts/artifacts/reviews/Reviews.json")),
    ("Trace", include_str!("../../../contracts/artifacts/trace/Trace.json")),
];

/// Parts of the market that run at its address.
pub(crate) const MARKET_PARTS: [&str; 3] = ["Aftersales", "CouponVault", "RuleBook"];
