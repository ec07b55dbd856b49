// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

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
    struct Order {
        address buyer;
        IMarket.State state;
        uint16 feeBps;
        uint16 bondBps;
        uint40 deadline;
        uint64 offerId;
        uint32 version;
        uint32 quantity;
        uint128 amount;
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
    }

    // keccak256(abi.encode(uint256(keccak256("guildhall.market")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant MARKET_SLOT = 0x4caa1315d208822e9f3723a3b556238f793695cba3ebf6daac808429e8b0ac00;

    /// @dev One whole in basis points.
    uint256 internal constant BPS = 10_000;

    function _market() internal pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := MARKET_SLOT
        }
    }
}
