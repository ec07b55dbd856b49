// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAftersales} from "./IAftersales.sol";
import {ICouponVault} from "./ICouponVault.sol";
import {IMarket} from "./IMarket.sol";
import {OrderBook} from "./OrderBook.sol";

/// @title How orders end
/// @notice The three ends and nothing else pay an order out. Each marks the order first and then moves what it locked
/// to credits and campaigns; nothing here calls another contract.
abstract contract Ends is OrderBook {
    /// @dev The fee is rounded down, in the seller's favour.
    function _release(uint256 orderId, Order storage o) internal virtual {
        _end(o, IMarket.State.Released);
        uint256 amount = o.amount;
        uint256 fee = amount * o.feeBps / BPS;
        uint256 bond = _bond(amount, o.bondBps);
        address token = _terms(o).token;
        emit IMarket.OrderReleased(orderId, msg.sender, amount - fee, fee, bond);
        _credit(_seller(o), token, amount - fee + bond);
        _payFee(orderId, o, token, fee);
        _settleCoupons(orderId, o, 0);
    }

    /// @dev A seller who took the order on and did not ship loses the bond to the buyer. There is never a fee.
    function _refund(uint256 orderId, Order storage o, IMarket.RefundReason reason) internal virtual {
        _end(o, IMarket.State.Refunded);
        if (reason < IMarket.RefundReason.DeliverExpired) _restock(o);
        uint256 toBuyer = o.amount - _settleCoupons(orderId, o, o.amount);
        uint256 toSeller = _bond(o.amount, o.bondBps);
        if (reason == IMarket.RefundReason.ShipExpired) (toBuyer, toSeller) = (toBuyer + toSeller, 0);
        emit IMarket.OrderRefunded(orderId, msg.sender, reason, toBuyer, toSeller);
        address token = _terms(o).token;
        _credit(o.buyer, token, toBuyer);
        _credit(_seller(o), token, toSeller);
    }

    /// @dev The fee is taken of the seller's part only. What goes back to campaigns is rounded down, and so every odd
    /// unit is the buyer's.
    function _settle(uint256 orderId, Order storage o, IAftersales.SettleReason reason, uint256 buyerAmount)
        internal
        virtual
    {
        _end(o, IMarket.State.Settled);
        uint256 toSeller = o.amount - buyerAmount;
        uint256 fee = toSeller * o.feeBps / BPS;
        uint256 bond = _bond(o.amount, o.bondBps);
        address token = _terms(o).token;
        buyerAmount -= _settleCoupons(orderId, o, buyerAmount);
        emit IAftersales.OrderSettled(orderId, msg.sender, reason, buyerAmount, toSeller - fee, fee, bond);
        _credit(o.buyer, token, buyerAmount);
        _credit(_seller(o), token, toSeller - fee + bond);
        _payFee(orderId, o, token, fee);
    }

    function _end(Order storage o, IMarket.State state) private {
        o.state = state;
        o.deadline = 0;
    }

    function _payFee(uint256 orderId, Order storage o, address token, uint256 fee) private {
        uint256 share = 0;
        if (o.extras & HAS_AFFILIATE != 0) {
            Affiliate storage affiliate = _market().affiliate[orderId];
            share = fee * affiliate.shareBps / BPS;
            emit ICouponVault.AffiliatePaid(orderId, affiliate.account, share);
            _credit(affiliate.account, token, share);
        }
        _credit(_market().treasury, token, fee - share);
    }

    /// @dev Gives campaigns their part of what the buyer gets back and returns how much that is. An order has a few
    /// subsidies at most.
    function _settleCoupons(uint256 orderId, Order storage o, uint256 buyerAmount)
        internal
        virtual
        returns (uint256 sum)
    {
        if (o.extras & HAS_COUPONS == 0) return 0;
        ICouponVault.Subsidy[] storage subsidies = _market().subsidies[orderId];
        for (uint256 i = 0; i < subsidies.length; ++i) {
            sum += _settleCoupon(orderId, subsidies[i], buyerAmount, o.amount);
        }
    }

    function _settleCoupon(uint256 orderId, ICouponVault.Subsidy storage s, uint256 buyerAmount, uint256 amount)
        private
        returns (uint256 returned)
    {
        returned = Math.mulDiv(s.amount, buyerAmount, amount);
        uint256 vested = s.amount - returned;
        Campaign storage c = _market().campaign[s.campaignId];
        c.locked -= s.amount;
        c.available += uint128(returned);
        c.spent += uint128(vested);
        if (vested == 0) delete _market().nullifierUsed[s.campaignId][s.nullifier];
        emit ICouponVault.CouponSettled(orderId, s.campaignId, vested, returned);
    }

    /// @dev Goods that never left go back on the shelf. A seller may have set the stock near its limit meanwhile,
    /// and that must not stop a refund.
    function _restock(Order storage o) private {
        Offer storage shelf = _market().offer[o.offerId];
        uint256 stock = uint256(shelf.stock) + o.quantity;
        shelf.stock = stock > type(uint64).max ? type(uint64).max : uint64(stock);
    }
}
