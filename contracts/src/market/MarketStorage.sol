// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "./IAftersales.sol";
import {ICouponVault} from "./ICouponVault.sol";
import {IMarket} from "./IMarket.sol";

/// @title The market's storage
/// @notice ERC-7201 namespace `guildhall.market`. Fields are only ever appended.
abstract contract MarketStorage {
    /// @dev One slot. Terms live apart, by version.
    struct Offer {
        address seller;
        uint24 version;
        bool active;
        uint64 stock;
    }

    /// @dev Two slots. Seller and token are those of the offer and its version, and the bond follows from the amount.
    /// `rules` is the rule set the order was signed for; zero, which every order placed before there was one has, is
    /// the market without contests, returns and disputes. `extras` says which further mappings know the order.
    struct Order {
        address buyer;
        IMarket.State state;
        uint16 feeBps;
        uint16 bondBps;
        uint40 deadline;
        uint8 rules;
        uint8 extras;
        uint64 offerId;
        uint32 version;
        uint32 quantity;
        uint128 amount;
    }

    /// @dev What orders are signed for beside their offer's terms.
    struct RuleSet {
        IAftersales.AfterSales afterSales;
        address arbitrator;
        bytes extraData;
    }

    /// @dev A return or dispute. `deposit` is what each side puts in and `pot` what is still here of it.
    struct Case {
        IAftersales.ReturnStep returnStep;
        IAftersales.Side claimant;
        IAftersales.Side awaited;
        IAftersales.Side escalatedBy;
        IAftersales.Side appealedBy;
        bool defended;
        bool raised;
        bool isFinal;
        bool reclaimed;
        uint8 ruling;
        uint128 buyerClaim;
        uint128 sellerClaim;
        uint128 deposit;
        uint128 pot;
        uint256 disputeId;
    }

    /// @dev A campaign. Contributions are intervals of `contributed`, so that shares add up to the last unit.
    struct Campaign {
        ICouponVault.CampaignTerms terms;
        uint128 contributed;
        uint128 available;
        uint128 locked;
        uint128 spent;
        uint128 withdrawn;
        uint32 contributions;
    }

    /// @dev One funder's part of a campaign, from `start` on.
    struct Contribution {
        address funder;
        uint128 start;
        uint128 amount;
        uint128 withdrawn;
    }

    /// @dev Who brought an order, and their share of its fee.
    struct Affiliate {
        address account;
        uint16 shareBps;
    }

    /// @custom:storage-location erc7201:guildhall.market
    struct Layout {
        uint64 offers;
        uint64 orders;
        uint32 feeVersion;
        uint16 feeBps;
        uint16 bondBps;
        address treasury;
        mapping(uint256 offerId => Offer) offer;
        mapping(uint256 offerId => mapping(uint256 version => IMarket.Terms)) terms;
        mapping(uint256 offerId => mapping(uint256 version => bytes32)) termsHash;
        mapping(uint256 orderId => Order) order;
        mapping(address account => mapping(address token => uint256)) credit;
        mapping(address token => uint256) liabilities;
        mapping(address token => bool) tokenAllowed;
        uint64 campaigns;
        uint16 affiliateShareBps;
        uint8 rulesCount;
        mapping(uint256 rules => RuleSet) ruleSet;
        mapping(uint256 offerId => mapping(uint256 version => IAftersales.AfterSales)) afterSales;
        mapping(uint256 orderId => Case) cases;
        mapping(address arbitrator => mapping(uint256 disputeId => uint256 orderId)) disputeOrder;
        mapping(uint256 campaignId => Campaign) campaign;
        mapping(uint256 campaignId => mapping(uint256 contribution => Contribution)) contribution;
        mapping(uint256 campaignId => mapping(bytes32 nullifier => bool)) nullifierUsed;
        mapping(uint256 orderId => ICouponVault.Subsidy[]) subsidies;
        mapping(uint256 orderId => Affiliate) affiliate;
    }

    // keccak256(abi.encode(uint256(keccak256("guildhall.market")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant MARKET_SLOT = 0x4caa1315d208822e9f3723a3b556238f793695cba3ebf6daac808429e8b0ac00;

    /// @dev Bits of an order's `extras`.
    uint8 internal constant HAS_COUPONS = 1;
    uint8 internal constant HAS_AFFILIATE = 2;

    /// @dev The native coin's place in the token mappings.
    address internal constant NATIVE = address(0);

    /// @dev One whole in basis points.
    uint256 internal constant BPS = 10_000;

    function _market() internal pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := MARKET_SLOT
        }
    }
}
