// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMarket} from "./IMarket.sol";
import {Offers} from "./Offers.sol";

/// @title How orders begin
/// @notice Every line becomes an order first, then each token is collected once for the whole basket.
abstract contract Baskets is Offers, PausableUpgradeable {
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

    /// @inheritdoc IMarket
    function placeOrders(Line[] calldata lines) external payable whenNotPaused nonReentrant returns (uint256[] memory) {
        return _place(lines);
    }

    /// @inheritdoc IMarket
    function placeOrdersWithPermit(
        Line[] calldata lines,
        address token,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external payable whenNotPaused nonReentrant returns (uint256[] memory) {
        _requireAllowed(token);
        try IERC20Permit(token).permit(msg.sender, address(this), value, deadline, v, r, s) {}
        catch {
            // Anyone may submit a permit they have seen. What counts is that the allowance is there.
            uint256 allowed = IERC20(token).allowance(msg.sender, address(this));
            if (allowed < value) revert PermitFailed(token, value, allowed);
        }
        return _place(lines);
    }

    function _place(Line[] calldata lines) private returns (uint256[] memory orderIds) {
        uint256 count = lines.length;
        if (count == 0) revert NothingToDo();
        orderIds = new uint256[](count);
        address[] memory tokens = new address[](count);
        uint256[] memory totals = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            Funding memory f = _fund(lines[i]);
            orderIds[i] = f.orderId;
            _addTo(tokens, totals, f.token, f.amount);
        }
        _collect(tokens, totals);
    }

    function _fund(Line calldata line) private returns (Funding memory f) {
        Layout storage $ = _market();
        Offer storage o = _knownOffer(line.offerId);
        f.seller = o.seller;
        _checkLine(line, o);
        Terms storage terms = $.terms[line.offerId][line.version];
        f.token = terms.token;
        _requireAllowed(f.token);
        f.amount = uint256(terms.unitPrice) * line.quantity + terms.shippingPrice;
        if (f.amount > type(uint128).max) revert AmountTooLarge(line.offerId, f.amount);
        f.feeBps = $.feeBps;
        uint16 bondBps = $.bondBps;
        f.bond = _bond(f.amount, bondBps);
        f.acceptBy = (block.timestamp + terms.acceptWithin).toUint40();

        o.stock -= line.quantity;
        _lockBond(line.offerId, f.seller, f.token, f.bond);
        f.orderId = ++$.orders;
        $.order[f.orderId] = Order({
            buyer: msg.sender,
            state: State.Funded,
            feeBps: f.feeBps,
            bondBps: bondBps,
            deadline: f.acceptBy,
            offerId: line.offerId.toUint64(),
            version: line.version,
            quantity: line.quantity,
            amount: uint128(f.amount)
        });
        _emitFunded(f, line);
    }

    function _checkLine(Line calldata line, Offer storage o) private view {
        if (!o.active) revert OfferNotActive(line.offerId);
        if (o.version != line.version) revert StaleTerms(line.offerId, line.version, o.version);
        bytes32 expected = _market().termsHash[line.offerId][line.version];
        if (expected != line.termsHash) revert TermsMismatch(line.offerId, expected, line.termsHash);
        if (line.quantity == 0) revert ZeroQuantity(line.offerId);
        if (o.stock < line.quantity) revert InsufficientStock(line.offerId, o.stock, line.quantity);
        if (o.seller == msg.sender) revert SelfPurchase(line.offerId);
    }

    function _emitFunded(Funding memory f, Line calldata line) private {
        emit OrderFunded(
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
    function _addTo(address[] memory tokens, uint256[] memory totals, address token, uint256 amount) private pure {
        if (amount == 0) return;
        uint256 i = 0;
        while (totals[i] != 0 && tokens[i] != token) ++i;
        tokens[i] = token;
        totals[i] += amount;
    }

    function _collect(address[] memory tokens, uint256[] memory totals) private {
        uint256 coin = 0;
        for (uint256 i = 0; i < tokens.length && totals[i] != 0; ++i) {
            if (tokens[i] == NATIVE) coin = totals[i];
        }
        if (msg.value != coin) revert WrongValue(coin, msg.value);
        for (uint256 i = 0; i < tokens.length && totals[i] != 0; ++i) {
            _takeIn(tokens[i], totals[i]);
        }
    }

    /// @dev Rounds up: a bond stays in the market and protects the buyer.
    function _bond(uint256 amount, uint16 bondBps) internal pure returns (uint256) {
        return Math.mulDiv(amount, bondBps, BPS, Math.Rounding.Ceil);
    }
}
