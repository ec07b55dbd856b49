// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Baskets} from "./Baskets.sol";
import {IMarket} from "./IMarket.sol";

/// @title How orders go on and end
/// @notice Each function moves orders along one arrow of the state machine. Ends credit the parties; nothing here
/// calls another contract.
abstract contract Orders is Baskets, AccessManagedUpgradeable {
    using SafeCast for uint256;

    /// @dev After the delivery deadline a carrier may still attest for this long before the buyer is refunded.
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
            Order storage o = _inState(orderIds[i], State.Shipped);
            _requireBuyer(orderIds[i], o);
            _deliver(orderIds[i], o);
        }
    }

    /// @inheritdoc IMarket
    function attestDelivery(uint256[] calldata orderIds) external restricted {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            Order storage o = _inState(orderIds[i], State.Shipped);
            _requireBefore(orderIds[i], o.deadline + ATTEST_GRACE);
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
            RefundReason reason = _expiry(orderIds[i], o.state);
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

    function _move(Order storage o, State state, uint32 within) private returns (uint40 deadline) {
        deadline = (block.timestamp + within).toUint40();
        o.state = state;
        o.deadline = deadline;
    }

    function _end(Order storage o, State state) private {
        o.state = state;
        o.deadline = 0;
    }

    function _deliver(uint256 orderId, Order storage o) private {
        uint40 inspectBy = _move(o, State.Delivered, _terms(o).inspectWithin);
        emit OrderDelivered(orderId, msg.sender, inspectBy);
    }

    /// @dev The fee is rounded down, in the seller's favour.
    function _release(uint256 orderId, Order storage o) private {
        _end(o, State.Released);
        uint256 amount = o.amount;
        uint256 fee = amount * o.feeBps / BPS;
        uint256 bond = _bond(amount, o.bondBps);
        address token = _terms(o).token;
        emit OrderReleased(orderId, msg.sender, amount - fee, fee, bond);
        _credit(_seller(o), token, amount - fee + bond);
        _credit(_market().treasury, token, fee);
    }

    /// @dev A seller who took the order on and did not ship loses the bond to the buyer.
    function _refund(uint256 orderId, Order storage o, RefundReason reason) private {
        _end(o, State.Refunded);
        if (reason != RefundReason.DeliverExpired) _restock(o);
        uint256 toBuyer = o.amount;
        uint256 toSeller = _bond(toBuyer, o.bondBps);
        if (reason == RefundReason.ShipExpired) (toBuyer, toSeller) = (toBuyer + toSeller, 0);
        emit OrderRefunded(orderId, msg.sender, reason, toBuyer, toSeller);
        address token = _terms(o).token;
        _credit(o.buyer, token, toBuyer);
        _credit(_seller(o), token, toSeller);
    }

    /// @dev Goods that never left go back on the shelf. A seller may have set the stock near its limit meanwhile,
    /// and that must not stop a refund.
    function _restock(Order storage o) private {
        Offer storage shelf = _market().offer[o.offerId];
        uint256 stock = uint256(shelf.stock) + o.quantity;
        shelf.stock = stock > type(uint64).max ? type(uint64).max : uint64(stock);
    }

    function _expiry(uint256 orderId, State state) private pure returns (RefundReason) {
        if (state == State.Funded) return RefundReason.AcceptExpired;
        if (state == State.Accepted) return RefundReason.ShipExpired;
        if (state == State.Shipped) return RefundReason.DeliverExpired;
        revert WrongState(orderId, state);
    }

    function _timeout(Order storage o) private view returns (uint40) {
        return o.state == State.Shipped ? o.deadline + ATTEST_GRACE : o.deadline;
    }

    function _knownOrder(uint256 orderId) private view returns (Order storage o) {
        o = _market().order[orderId];
        if (o.state == State.None) revert UnknownOrder(orderId);
    }

    function _inState(uint256 orderId, State state) private view returns (Order storage o) {
        o = _knownOrder(orderId);
        if (o.state != state) revert WrongState(orderId, o.state);
    }

    function _requireBuyer(uint256 orderId, Order storage o) private view {
        if (o.buyer != msg.sender) revert NotBuyer(orderId, msg.sender);
    }

    function _requireSeller(uint256 orderId, Order storage o) private view {
        if (_seller(o) != msg.sender) revert NotOrderSeller(orderId, msg.sender);
    }

    function _requireBefore(uint256 orderId, uint40 deadline) private view {
        if (block.timestamp > deadline) revert DeadlinePassed(orderId, deadline);
    }

    function _requirePast(uint256 orderId, uint40 deadline) private view {
        if (block.timestamp <= deadline) revert DeadlineNotPassed(orderId, deadline);
    }

    function _seller(Order storage o) private view returns (address) {
        return _market().offer[o.offerId].seller;
    }

    function _terms(Order storage o) private view returns (Terms storage) {
        return _market().terms[o.offerId][o.version];
    }
}
