// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";
import {Returns} from "./Returns.sol";

/// @title How the two sides agree on a split
/// @notice Claims only give way, so nobody can be surprised at the last second by a worse one, and a dispute has two
/// waits at most: for the responder, and once they have answered for the claimant.
abstract contract Disputes is Returns {
    /// @inheritdoc IAftersales
    function dispute(uint256 orderId, uint256 buyerAmount, bytes32 reasonHash) external throughMarket {
        Order storage o = _knownOrder(orderId);
        Side side = _side(orderId, o);
        _requireDisputable(orderId, o, side);
        Case storage c = _market().cases[orderId];
        c.buyerClaim = o.amount;
        c.sellerClaim = 0;
        _claim(orderId, c, side, buyerAmount);
        c.claimant = side;
        c.awaited = _other(side);
        uint40 answerBy = _move(o, IMarket.State.Disputed, _afterSales(o).negotiateWithin);
        emit OrderDisputed(orderId, side, buyerAmount, reasonHash, answerBy);
    }

    /// @inheritdoc IAftersales
    function propose(uint256 orderId, uint256 buyerAmount) external throughMarket {
        Order storage o = _inState(orderId, IMarket.State.Disputed);
        _requireBefore(orderId, o.deadline);
        Side side = _side(orderId, o);
        Case storage c = _market().cases[orderId];
        _claim(orderId, c, side, buyerAmount);
        if (side != c.claimant && side == c.awaited) {
            c.awaited = c.claimant;
            _move(o, IMarket.State.Disputed, _afterSales(o).negotiateWithin);
        }
        emit SplitProposed(orderId, side, buyerAmount, c.awaited, o.deadline);
    }

    /// @inheritdoc IAftersales
    function acceptSplit(uint256 orderId, uint256 buyerAmount) external throughMarket {
        Order storage o = _negotiable(orderId);
        Case storage c = _market().cases[orderId];
        uint256 proposed = _claimOf(c, _other(_side(orderId, o)));
        if (proposed != buyerAmount) revert ProposalMismatch(orderId, proposed, buyerAmount);
        _payPot(orderId, o, c, c.escalatedBy);
        _settle(orderId, o, SettleReason.Agreed, proposed);
    }

    /// @dev Hands the pot out; with no winner in halves, the odd unit to the buyer.
    function _payPot(uint256 orderId, Order storage o, Case storage c, Side winner) internal virtual {
        uint256 pot = c.pot;
        if (pot == 0) return;
        c.pot = 0;
        uint256 toSeller = winner == Side.Seller ? pot : winner == Side.Buyer ? 0 : pot / 2;
        emit DepositsPaid(orderId, pot - toSeller, toSeller);
        _credit(o.buyer, NATIVE, pot - toSeller);
        _credit(_seller(o), NATIVE, toSeller);
    }

    /// @dev A claim may stay where it is or give way, and never meets the other side's: that is accepting it.
    function _claim(uint256 orderId, Case storage c, Side side, uint256 buyerAmount) internal {
        (uint128 low, uint128 high) = (c.sellerClaim, c.buyerClaim);
        bool good =
            side == Side.Buyer ? low < buyerAmount && buyerAmount <= high : low <= buyerAmount && buyerAmount < high;
        if (!good) revert ProposalOutOfRange(orderId, buyerAmount, low, high);
        if (side == Side.Buyer) c.buyerClaim = uint128(buyerAmount);
        else c.sellerClaim = uint128(buyerAmount);
    }

    function _claimOf(Case storage c, Side side) internal view returns (uint256) {
        return side == Side.Buyer ? c.buyerClaim : c.sellerClaim;
    }

    function _side(uint256 orderId, Order storage o) internal view returns (Side) {
        if (msg.sender == o.buyer) return Side.Buyer;
        if (msg.sender == _seller(o)) return Side.Seller;
        revert NotParty(orderId, msg.sender);
    }

    function _other(Side side) internal pure returns (Side) {
        return side == Side.Buyer ? Side.Seller : Side.Buyer;
    }

    /// @dev While the two talk, and while one waits for the other to defend itself.
    function _negotiable(uint256 orderId) private view returns (Order storage o) {
        o = _knownOrder(orderId);
        bool talking = o.state == IMarket.State.Disputed
            || (o.state == IMarket.State.Escalated && !_market().cases[orderId].defended);
        if (!talking) revert IMarket.WrongState(orderId, o.state);
        _requireBefore(orderId, o.deadline);
    }

    function _requireDisputable(uint256 orderId, Order storage o, Side side) private view {
        IMarket.State state = o.state;
        bool shipped = state == IMarket.State.Shipped;
        if (!shipped && state != IMarket.State.Delivered && state != IMarket.State.Return) {
            revert IMarket.WrongState(orderId, state);
        }
        if (o.rules == 0) revert OldRules(orderId);
        if (!shipped) _requireBefore(orderId, o.deadline);
        else if (side == Side.Seller) _requirePast(orderId, o.deadline);
    }
}
