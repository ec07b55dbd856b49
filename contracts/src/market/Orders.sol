// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Baskets} from "./Baskets.sol";
import {Ends} from "./Ends.sol";
import {IMarket} from "./IMarket.sol";

/// @title How orders go on when all is well
/// @notice Each function moves orders along one arrow of the state machine. Nothing here calls another contract.
abstract contract Orders is Baskets, Ends, AccessManagedUpgradeable {
    using SafeCast for uint256;

    /// @dev Under rules zero a carrier may still attest for this long after the delivery deadline, and then anyone
    /// refunds. Under later rules somebody contests first, which starts the seller's time to prove the delivery.
    uint40 internal constant ATTEST_GRACE = 72 hours;

    /// @inheritdoc IMarket
    function cancel(uint256 orderId) external {
        Order storage o = _inState(orderId, State.Funded);
        _requireBuyer(orderId, o);
        _refund(orderId, o, RefundReason.Cancelled);
    }

    /// @inheritdoc IMarket
    function decline(uint256 orderId) external {
        Order storage o = _inState(orderId, State.Funded);
        _requireSeller(orderId, o);
        _refund(orderId, o, RefundReason.Declined);
    }

    /// @inheritdoc IMarket
    function accept(uint256[] calldata orderIds) external {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            uint256 orderId = orderIds[i];
            Order storage o = _inState(orderId, State.Funded);
            _requireSeller(orderId, o);
            _requireBefore(orderId, o.deadline);
            uint40 shipBy = _move(o, State.Accepted, _terms(o).shipWithin);
            emit OrderAccepted(orderId, shipBy);
        }
    }

    /// @inheritdoc IMarket
    function ship(uint256[] calldata orderIds, bytes32[] calldata trackingHashes) external {
        if (orderIds.length != trackingHashes.length) revert LengthMismatch(orderIds.length, trackingHashes.length);
        for (uint256 i = 0; i < orderIds.length; ++i) {
            uint256 orderId = orderIds[i];
            Order storage o = _inState(orderId, State.Accepted);
            _requireSeller(orderId, o);
            _requireBefore(orderId, o.deadline);
            uint40 deliverBy = _move(o, State.Shipped, _terms(o).deliverWithin);
            emit OrderShipped(orderId, trackingHashes[i], deliverBy);
        }
    }

    /// @inheritdoc IMarket
    function confirmDelivery(uint256[] calldata orderIds) external {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            Order storage o = _underway(orderIds[i]);
            _requireBuyer(orderIds[i], o);
            _deliver(orderIds[i], o);
        }
    }

    /// @inheritdoc IMarket
    function attestDelivery(uint256[] calldata orderIds) external restricted {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            Order storage o = _underway(orderIds[i]);
            _requireAttestable(orderIds[i], o);
            _deliver(orderIds[i], o);
        }
    }

    /// @inheritdoc IMarket
    function release(uint256[] calldata orderIds) external {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            Order storage o = _inState(orderIds[i], State.Delivered);
            if (o.buyer != msg.sender) _requirePast(orderIds[i], o.deadline);
            _release(orderIds[i], o);
        }
    }

    /// @inheritdoc IMarket
    function refundExpired(uint256[] calldata orderIds) external {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            Order storage o = _knownOrder(orderIds[i]);
            RefundReason reason = _expiry(orderIds[i], o);
            _requirePast(orderIds[i], _timeout(o));
            _refund(orderIds[i], o, reason);
        }
    }

    /// @inheritdoc IMarket
    function order(uint256 orderId) external view returns (OrderView memory) {
        Order storage o = _knownOrder(orderId);
        return OrderView({
            state: o.state,
            buyer: o.buyer,
            seller: _seller(o),
            token: _terms(o).token,
            offerId: o.offerId,
            version: o.version,
            quantity: o.quantity,
            amount: o.amount,
            bond: _bond(o.amount, o.bondBps).toUint128(),
            feeBps: o.feeBps,
            bondBps: o.bondBps,
            deadline: o.deadline
        });
    }

    /// @inheritdoc IMarket
    function nextDeadline(uint256 orderId) external view returns (uint64) {
        return _timeout(_knownOrder(orderId));
    }

    function _deliver(uint256 orderId, Order storage o) private {
        uint40 inspectBy = _move(o, State.Delivered, _terms(o).inspectWithin);
        emit OrderDelivered(orderId, msg.sender, inspectBy);
    }

    /// @dev A contested parcel can still turn out to have arrived.
    function _underway(uint256 orderId) private view returns (Order storage o) {
        o = _knownOrder(orderId);
        if (o.state != State.Shipped && o.state != State.Contested) revert WrongState(orderId, o.state);
    }

    /// @dev Until somebody contests, an attestation under later rules is never late.
    function _requireAttestable(uint256 orderId, Order storage o) private view {
        if (o.state == State.Contested || o.rules == 0) _requireBefore(orderId, _timeout(o));
    }

    function _expiry(uint256 orderId, Order storage o) private view returns (RefundReason) {
        State state = o.state;
        if (state == State.Funded) return RefundReason.AcceptExpired;
        if (state == State.Accepted) return RefundReason.ShipExpired;
        if (state == State.Contested || (state == State.Shipped && o.rules == 0)) return RefundReason.DeliverExpired;
        revert WrongState(orderId, state);
    }

    function _timeout(Order storage o) private view returns (uint40) {
        return o.state == State.Shipped && o.rules == 0 ? o.deadline + ATTEST_GRACE : o.deadline;
    }
}
