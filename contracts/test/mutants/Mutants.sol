// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ArbiterPanel} from "../../src/arbitration/ArbiterPanel.sol";
import {Aftersales} from "../../src/market/Aftersales.sol";
import {CouponVault} from "../../src/market/CouponVault.sol";
import {IAftersales} from "../../src/market/IAftersales.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Market} from "../../src/market/Market.sol";

/// @dev Pays the seller twice. Invariant 1 catches it: the parts are more than the liabilities.
contract DoublePayout is Market {
    constructor(address aftersales) Market(aftersales) {}

    function _release(uint256 orderId, Order storage o) internal override {
        super._release(orderId, o);
        _credit(_seller(o), _terms(o).token, o.amount);
    }
}

/// @dev Takes the fee out of a refund. Invariant 9 catches it: the money adds up, but nothing was sold.
contract FeeOnRefund is Market {
    constructor(address aftersales) Market(aftersales) {}

    function _refund(uint256 orderId, Order storage o, IMarket.RefundReason reason) internal override {
        super._refund(orderId, o, reason);
        address token = _terms(o).token;
        uint256 fee = Math.min(uint256(o.amount) * o.feeBps / BPS, _market().credit[o.buyer][token]);
        _market().credit[o.buyer][token] -= fee;
        _credit(_market().treasury, token, fee);
    }
}

/// @dev Lets a voucher take more than the campaign has. Invariant 7 catches it: the campaign's parts are more than
/// was contributed.
contract CouponOverBudget is CouponVault {
    constructor(address next) CouponVault(next) {}

    function _applyVoucher(Campaign storage c, Voucher calldata v, Funding memory f, uint256 unpaid)
        internal
        override
        returns (uint256 amount)
    {
        amount = Math.min(_worth(c, f.amount), unpaid);
        if (c.available < amount) c.available = uint128(amount);
        _book(c, v, f.orderId, amount);
    }
}

/// @dev Draws anyone, parties too. Invariant 8 catches it.
contract PartyOnPanel is ArbiterPanel {
    function _eligible(Dispute storage, Round storage r, address account) internal view override returns (bool) {
        Member storage m = _panel().member[account];
        return m.certified && m.joinedAt < r.openedAt && m.stake - m.locked >= _panel().slice;
    }
}

/// @dev Opens a settled order again. Invariant 3 catches it: the order is not where it ended.
contract TerminalStateLeft is Aftersales {
    constructor(address next) Aftersales(next) {}

    function _settle(uint256 orderId, Order storage o, IAftersales.SettleReason reason, uint256 buyerAmount)
        internal
        override
    {
        super._settle(orderId, o, reason, buyerAmount);
        _move(o, IMarket.State.Disputed, 1 days);
    }
}
