// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ArbiterPanel} from "../../src/arbitration/ArbiterPanel.sol";
import {IArbiterPanel} from "../../src/arbitration/IArbiterPanel.sol";
import {IAftersales} from "../../src/market/IAftersales.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Market} from "../../src/market/Market.sol";
import {Ghosts} from "./Ghosts.sol";
import {Judges} from "./Judges.sol";
import {Traders} from "./Traders.sol";

/// @title Everybody doing anything, in any order
/// @notice One entry takes one number, so that a fuzzer and a seeded loop drive the same machine.
contract WholeHandler is Traders, Judges {
    constructor(
        Market market,
        ArbiterPanel panel_,
        address[4] memory roles,
        address[] memory people_,
        address[] memory tokens_
    ) Ghosts(market, roles[2], roles[3]) {
        (panel, people, tokens) = (panel_, people_, tokens_);
        (operator, carrier) = (roles[0], roles[1]);
    }

    function step(uint256 seed) external {
        uint256 roll = uint256(keccak256(abi.encode(seed, "step")));
        uint256 kind = roll % 20;
        roll >>= 8;
        if (kind < 4) place(roll);
        else if (kind < 14) _advanceTwice(_pick(roll), roll >> 16);
        else if (kind == 14) _timeOut(_pick(roll));
        else if (kind == 15) _disturb(_pick(roll), roll >> 16);
        else if (kind == 16) withdraw(roll, roll >> 8);
        else if (kind == 17) save(roll, roll >> 8, 1e12 - 1);
        else if (kind == 18 && roll % 8 == 7 && campaigns.length < 9) launch(roll >> 4, roll >> 8, roll % 16 == 7);
        else if (kind == 18) settings(roll);
        else leftover(roll, roll >> 8);
    }

    function _advanceTwice(uint256 id, uint256 roll) private {
        _advance(id, roll);
        _advance(id, roll >> 64);
    }

    /// @dev Something that the order's state allows to somebody.
    function _advance(uint256 id, uint256 roll) private {
        IMarket.OrderView memory o = MARKET.order(id);
        uint256 way = roll % 6;
        bytes memory call_;
        address by = way % 2 == 0 ? o.buyer : o.seller;
        if (o.state == IMarket.State.Funded) {
            if (way == 0) call_ = abi.encodeCall(IMarket.cancel, (id));
            else (by, call_) = (o.seller, abi.encodeCall(IMarket.accept, (one(id))));
        } else if (o.state == IMarket.State.Accepted) {
            (by, call_) = (o.seller, abi.encodeCall(IMarket.ship, (one(id), hashes(0))));
        } else if (o.state == IMarket.State.Shipped || o.state == IMarket.State.Contested) {
            if (way == 0 && o.state == IMarket.State.Shipped) return _timeOut(id);
            (by, call_) = way < 3
                ? (carrier, abi.encodeCall(IMarket.attestDelivery, (one(id))))
                : (o.buyer, abi.encodeCall(IMarket.confirmDelivery, (one(id))));
        } else if (o.state == IMarket.State.Delivered) {
            if (way == 0) call_ = abi.encodeCall(IMarket.release, (one(id)));
            else if (way == 2) call_ = abi.encodeCall(IAftersales.requestReturn, (id, 0));
            else call_ = abi.encodeCall(IAftersales.dispute, (id, roll % (uint256(o.amount) + 1), 0));
        } else if (o.state == IMarket.State.Return) {
            (by, call_) = _returning(id, o, way);
        } else {
            return _argue(id, o, roll);
        }
        _act(id, by, 0, call_);
    }

    function _returning(uint256 id, IMarket.OrderView memory o, uint256 way)
        private
        view
        returns (address by, bytes memory call_)
    {
        if (way == 0) return (o.buyer, abi.encodeCall(IAftersales.dropReturn, (id)));
        if (way == 1) return (o.seller, abi.encodeCall(IAftersales.dispute, (id, 0, 0)));
        IAftersales.ReturnStep step_ = _after().caseOf(id).returnStep;
        if (step_ == IAftersales.ReturnStep.Requested) {
            return (o.seller, abi.encodeCall(IAftersales.approveReturn, (id, 0)));
        }
        if (step_ == IAftersales.ReturnStep.Approved) {
            return (o.buyer, abi.encodeCall(IAftersales.sendReturn, (id, 0)));
        }
        return (o.seller, abi.encodeCall(IAftersales.confirmReturn, (id)));
    }

    function _argue(uint256 id, IMarket.OrderView memory o, uint256 roll) private {
        IAftersales.CaseView memory c = _after().caseOf(id);
        uint256 claim = c.sellerClaim + (roll >> 8) % (uint256(c.buyerClaim) - c.sellerClaim + 1);
        address by = roll % 2 == 0 ? o.buyer : o.seller;
        uint256 way = (roll >> 4) % 6;
        if (o.state == IMarket.State.Disputed) {
            if (way == 0) _act(id, by, 0, abi.encodeCall(IAftersales.acceptSplit, (id, _others(c, by == o.buyer))));
            else if (way == 1) _act(id, by, 0, abi.encodeCall(IAftersales.propose, (id, claim)));
            else _act(id, by, _after().depositNeeded(id), abi.encodeCall(IAftersales.escalate, (id, claim)));
        } else if (o.state == IMarket.State.Escalated && !c.defended) {
            address other = c.escalatedBy == IAftersales.Side.Buyer ? o.seller : o.buyer;
            _act(id, other, c.deposit, abi.encodeCall(IAftersales.defend, (id, claim)));
        } else if (o.state == IMarket.State.Escalated && c.raised) {
            _judge(c.disputeId, roll >> 16);
            _act(id, by, 0, abi.encodeCall(IAftersales.noteRuling, (id)));
            if (panel.disputeOf(c.disputeId).phase == IArbiterPanel.Phase.Failed) _timeOut(id);
        } else if (_terminal(o.state) && c.raised) {
            _act(id, by, 0, abi.encodeCall(IAftersales.reclaimFee, (id)));
        } else if (o.state == IMarket.State.Ruled) {
            if (way < 3) _act(id, by, 2 * c.deposit, abi.encodeCall(IAftersales.appeal, (id)));
            else _timeOut(id);
        }
    }

    /// @dev Whatever state an order is in: once its deadline has passed, a stranger moves it, paused or not.
    function _timeOut(uint256 id) private {
        IMarket.State state = MARKET.order(id).state;
        if (_terminal(state)) return;
        _until(uint256(MARKET.nextDeadline(id)) + 1);
        bytes memory call_ = abi.encodeCall(IAftersales.conclude, (one(id)));
        if (state < IMarket.State.Shipped || state == IMarket.State.Contested) {
            call_ = abi.encodeCall(IMarket.refundExpired, (one(id)));
        } else if (state == IMarket.State.Shipped) {
            call_ = abi.encodeCall(IAftersales.contest, (one(id)));
        } else if (state == IMarket.State.Delivered) {
            call_ = abi.encodeCall(IMarket.release, (one(id)));
        }
        if (!_act(id, address(0x57A46E7), 0, call_)) broken = "a timeout was refused";
    }

    /// @dev Calls that an ended order must survive, and an open one may refuse.
    function _disturb(uint256 id, uint256 roll) private {
        IMarket.OrderView memory o = MARKET.order(id);
        bytes[8] memory calls = [
            abi.encodeCall(IMarket.cancel, (id)),
            abi.encodeCall(IMarket.release, (one(id))),
            abi.encodeCall(IMarket.refundExpired, (one(id))),
            abi.encodeCall(IAftersales.conclude, (one(id))),
            abi.encodeCall(IAftersales.reclaimFee, (id)),
            abi.encodeCall(IAftersales.raise, (id)),
            abi.encodeCall(IAftersales.dispute, (id, 1, 0)),
            abi.encodeCall(IAftersales.dropReturn, (id))
        ];
        address by = (roll >> 8) % 2 == 0 ? o.buyer : o.seller;
        _act(id, by, 0, calls[roll % 8]);
    }

    function _others(IAftersales.CaseView memory c, bool buyer) private pure returns (uint256) {
        return buyer ? c.sellerClaim : c.buyerClaim;
    }

    /// @dev Mostly one of the newest, so that far states are reached.
    function _pick(uint256 roll) private view returns (uint256) {
        uint256 count = orders.length;
        uint256 last = roll % 4 != 0 && count > 4 ? 4 : count;
        return orders[count - 1 - (roll >> 2) % last];
    }
}
