// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";
import {OfferBook} from "./OfferBook.sol";
import {OrderBook} from "./OrderBook.sol";

/// @title How one line becomes an order
/// @notice Used by baskets with and without vouchers.
abstract contract Placement is OfferBook, OrderBook {
    using SafeCast for uint256;

    /// @dev What one line comes to. It travels in memory because the event alone fills the stack.
    struct Funding {
        uint256 orderId;
        address seller;
        address token;
        uint256 amount;
        uint256 bond;
        uint16 feeBps;
        uint40 acceptBy;
    }

    function _fund(IMarket.Line calldata line) internal returns (Funding memory f) {
        Layout storage $ = _market();
        Offer storage o = _knownOffer(line.offerId);
        f.seller = o.seller;
        _checkLine(line, o);
        IMarket.Terms storage terms = $.terms[line.offerId][line.version];
        f.token = terms.token;
        _requireAllowed(f.token);
        f.amount = uint256(terms.unitPrice) * line.quantity + terms.shippingPrice;
        if (f.amount > type(uint128).max) revert IMarket.AmountTooLarge(line.offerId, f.amount);
        f.feeBps = $.feeBps;
        uint16 bondBps = $.bondBps;
        uint8 rules = $.rulesCount;
        f.bond = _bond(f.amount, bondBps);
        f.acceptBy = (block.timestamp + terms.acceptWithin).toUint40();

        o.stock -= line.quantity;
        _lockBond(line.offerId, f.seller, f.token, f.bond);
        f.orderId = ++$.orders;
        $.order[f.orderId] = Order({
            buyer: msg.sender,
            state: IMarket.State.Funded,
            feeBps: f.feeBps,
            bondBps: bondBps,
            deadline: f.acceptBy,
            rules: rules,
            extras: 0,
            offerId: line.offerId.toUint64(),
            version: line.version,
            quantity: line.quantity,
            amount: uint128(f.amount)
        });
        _emitFunded(f, line);
        if (rules != 0) emit IAftersales.OrderRulesSet(f.orderId, rules);
    }

    function _checkLine(IMarket.Line calldata line, Offer storage o) private view {
        if (!o.active) revert IMarket.OfferNotActive(line.offerId);
        if (o.version != line.version) revert IMarket.StaleTerms(line.offerId, line.version, o.version);
        bytes32 expected = _market().termsHash[line.offerId][line.version];
        if (expected != line.termsHash) revert IMarket.TermsMismatch(line.offerId, expected, line.termsHash);
        if (line.quantity == 0) revert IMarket.ZeroQuantity(line.offerId);
        if (o.stock < line.quantity) revert IMarket.InsufficientStock(line.offerId, o.stock, line.quantity);
        if (o.seller == msg.sender) revert IMarket.SelfPurchase(line.offerId);
    }

    function _emitFunded(Funding memory f, IMarket.Line calldata line) private {
        emit IMarket.OrderFunded(
            f.orderId,
            msg.sender,
            f.seller,
            line.offerId,
            line.version,
            line.quantity,
            f.token,
            f.amount,
            f.bond,
            f.feeBps,
            f.acceptBy,
            line.deliveryHash
        );
    }

    /// @dev Baskets are short, so looking each token up in the list is cheaper than any mapping. A total of zero
    /// marks a free place, which is why a free line adds nothing.
    function _addTo(address[] memory tokens, uint256[] memory totals, address token, uint256 amount) internal pure {
        if (amount == 0) return;
        uint256 i = 0;
        while (totals[i] != 0 && tokens[i] != token) ++i;
        tokens[i] = token;
        totals[i] += amount;
    }

    function _collect(address[] memory tokens, uint256[] memory totals) internal {
        uint256 coin = 0;
        for (uint256 i = 0; i < tokens.length && totals[i] != 0; ++i) {
            if (tokens[i] == NATIVE) coin = totals[i];
        }
        if (msg.value != coin) revert IMarket.WrongValue(coin, msg.value);
        for (uint256 i = 0; i < tokens.length && totals[i] != 0; ++i) {
            _takeIn(tokens[i], totals[i]);
        }
    }
}
