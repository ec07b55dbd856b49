// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Ends} from "./Ends.sol";
import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";
import {Module} from "./Module.sol";

/// @title Parcels that did not arrive, and goods that go back
abstract contract Returns is IAftersales, Ends, Module {
    /// @inheritdoc IAftersales
    function contest(uint256[] calldata orderIds) external throughMarket {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            Order storage o = _inState(orderIds[i], IMarket.State.Shipped);
            if (o.rules == 0) revert OldRules(orderIds[i]);
            _requirePast(orderIds[i], o.deadline);
            uint40 proveBy = _move(o, IMarket.State.Contested, _afterSales(o).contestWithin);
            emit OrderContested(orderIds[i], msg.sender, proveBy);
        }
    }

    /// @inheritdoc IAftersales
    function requestReturn(uint256 orderId, bytes32 reasonHash) external throughMarket {
        Order storage o = _inState(orderId, IMarket.State.Delivered);
        if (o.rules == 0) revert OldRules(orderId);
        _requireBuyer(orderId, o);
        _requireBefore(orderId, o.deadline);
        AfterSales storage limits = _afterSales(o);
        if (!limits.returnable) revert NotReturnable(orderId);
        uint40 answerBy = _step(orderId, o, ReturnStep.Requested, limits.answerWithin);
        emit ReturnRequested(orderId, reasonHash, answerBy);
    }

    /// @inheritdoc IAftersales
    function approveReturn(uint256 orderId, bytes32 addressHash) external throughMarket {
        Order storage o = _atStep(orderId, ReturnStep.Requested);
        _requireSeller(orderId, o);
        uint40 sendBy = _step(orderId, o, ReturnStep.Approved, _afterSales(o).returnWithin);
        emit ReturnApproved(orderId, addressHash, sendBy);
    }

    /// @inheritdoc IAftersales
    function sendReturn(uint256 orderId, bytes32 trackingHash) external throughMarket {
        Order storage o = _atStep(orderId, ReturnStep.Approved);
        _requireBuyer(orderId, o);
        uint40 confirmBy = _step(orderId, o, ReturnStep.Sent, _afterSales(o).confirmWithin);
        emit ReturnSent(orderId, trackingHash, confirmBy);
    }

    /// @inheritdoc IAftersales
    function confirmReturn(uint256 orderId) external throughMarket {
        Order storage o = _atStep(orderId, ReturnStep.Sent);
        _requireSeller(orderId, o);
        _refund(orderId, o, IMarket.RefundReason.Returned);
    }

    /// @inheritdoc IAftersales
    function dropReturn(uint256 orderId) external throughMarket {
        Order storage o = _inState(orderId, IMarket.State.Return);
        _requireBuyer(orderId, o);
        emit ReturnDropped(orderId);
        _release(orderId, o);
    }

    /// @dev The seller's silence refunds, the buyer's pays.
    function _endReturn(uint256 orderId, Order storage o) internal {
        ReturnStep step = _market().cases[orderId].returnStep;
        if (step == ReturnStep.Requested) _refund(orderId, o, IMarket.RefundReason.ReturnUnanswered);
        else if (step == ReturnStep.Approved) _release(orderId, o);
        else _refund(orderId, o, IMarket.RefundReason.ReturnUnconfirmed);
    }

    function _step(uint256 orderId, Order storage o, ReturnStep step, uint32 within) private returns (uint40) {
        _market().cases[orderId].returnStep = step;
        return _move(o, IMarket.State.Return, within);
    }

    function _atStep(uint256 orderId, ReturnStep expected) private view returns (Order storage o) {
        o = _inState(orderId, IMarket.State.Return);
        ReturnStep step = _market().cases[orderId].returnStep;
        if (step != expected) revert WrongReturnStep(orderId, step);
        _requireBefore(orderId, o.deadline);
    }
}
