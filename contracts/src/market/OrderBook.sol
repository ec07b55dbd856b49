// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";
import {Money} from "./Money.sol";

/// @title How orders are looked up and moved
abstract contract OrderBook is Money {
    using SafeCast for uint256;

    function _move(Order storage o, IMarket.State state, uint32 within) internal returns (uint40 deadline) {
        deadline = (block.timestamp + within).toUint40();
        o.state = state;
        o.deadline = deadline;
    }

    function _knownOrder(uint256 orderId) internal view returns (Order storage o) {
        o = _market().order[orderId];
        if (o.state == IMarket.State.None) revert IMarket.UnknownOrder(orderId);
    }

    function _inState(uint256 orderId, IMarket.State state) internal view returns (Order storage o) {
        o = _knownOrder(orderId);
        if (o.state != state) revert IMarket.WrongState(orderId, o.state);
    }

    function _requireBuyer(uint256 orderId, Order storage o) internal view {
        if (o.buyer != msg.sender) revert IMarket.NotBuyer(orderId, msg.sender);
    }

    function _requireSeller(uint256 orderId, Order storage o) internal view {
        if (_seller(o) != msg.sender) revert IMarket.NotOrderSeller(orderId, msg.sender);
    }

    function _requireBefore(uint256 orderId, uint40 deadline) internal view {
        if (block.timestamp > deadline) revert IMarket.DeadlinePassed(orderId, deadline);
    }

    function _requirePast(uint256 orderId, uint40 deadline) internal view {
        if (block.timestamp <= deadline) revert IMarket.DeadlineNotPassed(orderId, deadline);
    }

    function _seller(Order storage o) internal view returns (address) {
        return _market().offer[o.offerId].seller;
    }

    function _terms(Order storage o) internal view returns (IMarket.Terms storage) {
        return _market().terms[o.offerId][o.version];
    }

    /// @dev An offer's own limits, or those of the rule set. No limit is zero where there are any.
    function _afterSales(Order storage o) internal view returns (IAftersales.AfterSales storage a) {
        a = _market().afterSales[o.offerId][o.version];
        if (a.contestWithin == 0) a = _market().ruleSet[o.rules].afterSales;
    }

    /// @dev Rounds up: a bond stays in the market and protects the buyer.
    function _bond(uint256 amount, uint16 bondBps) internal pure returns (uint256) {
        return Math.mulDiv(amount, bondBps, BPS, Math.Rounding.Ceil);
    }
}
