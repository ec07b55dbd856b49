// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";
import {IArbitrable} from "@kleros/erc-792/contracts/IArbitrable.sol";
import {Arbitrators} from "./Arbitrators.sol";
import {IAftersales} from "./IAftersales.sol";
import {IArbiterPanel} from "../arbitration/IArbiterPanel.sol";
import {IMarket} from "./IMarket.sol";

/// @title How arbiters decide between two final offers
/// @notice Each side puts the arbiters' price in, and who wins gets what is left of both. Everything is written before
/// the arbitrator is called.
abstract contract Escalations is Arbitrators, IArbitrable {
    /// @inheritdoc IAftersales
    function escalate(uint256 orderId, uint256 buyerAmount) external payable throughMarket nonReentrant {
        Order storage o = _inState(orderId, IMarket.State.Disputed);
        _requireBefore(orderId, o.deadline);
        Side side = _side(orderId, o);
        Case storage c = _market().cases[orderId];
        _claim(orderId, c, side, buyerAmount);
        (, uint256 needed) = _cost(o);
        _collectDeposit(orderId, needed);
        (c.escalatedBy, c.awaited) = (side, _other(side));
        (c.deposit, c.pot) = (uint128(needed), uint128(needed));
        uint40 defendBy = _move(o, IMarket.State.Escalated, _afterSales(o).negotiateWithin);
        emit OrderEscalated(orderId, side, buyerAmount, needed, defendBy);
    }

    /// @inheritdoc IAftersales
    function defend(uint256 orderId, uint256 buyerAmount) external payable throughMarket nonReentrant {
        Order storage o = _inState(orderId, IMarket.State.Escalated);
        _requireBefore(orderId, o.deadline);
        Side side = _side(orderId, o);
        Case storage c = _market().cases[orderId];
        if (c.defended || side == c.escalatedBy) revert AlreadyDeposited(orderId, side);
        _claim(orderId, c, side, buyerAmount);
        uint256 needed = c.deposit;
        _collectDeposit(orderId, needed);
        (c.defended, c.awaited) = (true, Side.None);
        c.pot += uint128(needed);
        uint40 ruleBy = _move(o, IMarket.State.Escalated, _afterSales(o).arbiterWithin);
        emit EscalationDefended(orderId, side, buyerAmount, needed, ruleBy);
        _raise(orderId, o, c);
    }

    /// @inheritdoc IAftersales
    function raise(uint256 orderId) external payable throughMarket nonReentrant {
        Order storage o = _inState(orderId, IMarket.State.Escalated);
        Case storage c = _market().cases[orderId];
        if (!c.defended) revert NotDefended(orderId);
        if (c.raised) revert AlreadyRaised(orderId);
        _requireBefore(orderId, o.deadline);
        if (msg.value != 0) {
            _takeIn(NATIVE, msg.value);
            c.pot += uint128(msg.value);
            emit PotToppedUp(orderId, msg.sender, msg.value);
        }
        _raise(orderId, o, c);
    }

    /// @inheritdoc IAftersales
    function noteRuling(uint256 orderId) external throughMarket nonReentrant {
        Order storage o = _inState(orderId, IMarket.State.Escalated);
        Case storage c = _market().cases[orderId];
        IArbitrator arbitrator = IArbitrator(_arbitrator(o));
        if (_market().disputeOrder[address(arbitrator)][c.disputeId] != orderId) revert NotRuled(orderId);
        IArbitrator.DisputeStatus status = _status(address(arbitrator), c.disputeId);
        bool isFinal = status == IArbitrator.DisputeStatus.Solved;
        bool open = status == IArbitrator.DisputeStatus.Appealable && c.appealedBy == Side.None;
        if (!isFinal && !open) revert NotRuled(orderId);
        (, uint256 appealEnd) = isFinal ? (0, block.timestamp) : arbitrator.appealPeriod(c.disputeId);
        _rule(orderId, o, c, arbitrator.currentRuling(c.disputeId), isFinal, appealEnd);
    }

    /// @inheritdoc IArbitrable
    function rule(uint256 disputeId, uint256 ruling) external override throughMarket nonReentrant {
        uint256 orderId = _market().disputeOrder[msg.sender][disputeId];
        if (orderId == 0) revert UnknownDispute(msg.sender, disputeId);
        Order storage o = _knownOrder(orderId);
        Case storage c = _market().cases[orderId];
        bool open = o.state == IMarket.State.Escalated || (o.state == IMarket.State.Ruled && !c.isFinal);
        if (!open) revert IMarket.WrongState(orderId, o.state);
        emit Ruling(IArbitrator(msg.sender), disputeId, ruling);
        _rule(orderId, o, c, ruling, true, block.timestamp);
    }

    /// @inheritdoc IAftersales
    function appeal(uint256 orderId) external payable throughMarket nonReentrant {
        Order storage o = _inState(orderId, IMarket.State.Ruled);
        _requireBefore(orderId, o.deadline);
        Side side = _side(orderId, o);
        Case storage c = _market().cases[orderId];
        if (c.isFinal || c.appealedBy != Side.None || side == _winner(c)) revert NotAppealable(orderId, side);
        IArbitrator arbitrator = IArbitrator(_arbitrator(o));
        bytes memory extraData = _extraData(o);
        uint256 cost = arbitrator.appealCost(c.disputeId, extraData);
        _collectDeposit(orderId, cost);
        _market().liabilities[NATIVE] -= cost;
        c.appealedBy = side;
        uint40 ruleBy = _move(o, IMarket.State.Escalated, _afterSales(o).arbiterWithin);
        emit OrderAppealed(orderId, side, cost, ruleBy);
        arbitrator.appeal{value: cost}(c.disputeId, extraData);
    }

    /// @inheritdoc IAftersales
    function reclaimFee(uint256 orderId) external throughMarket nonReentrant {
        Order storage o = _knownOrder(orderId);
        Case storage c = _market().cases[orderId];
        if (o.deadline != 0 || !c.raised || c.reclaimed) revert NothingReclaimed(orderId);
        c.reclaimed = true;
        uint256 before = address(this).balance;
        LowLevelCall.callNoReturn(_arbitrator(o), abi.encodeCall(IArbiterPanel.reclaim, (c.disputeId)));
        uint256 back = address(this).balance - before;
        if (back == 0) revert NothingReclaimed(orderId);
        _market().liabilities[NATIVE] += back;
        Side payer = c.appealedBy;
        uint256 toSeller = payer == Side.Seller ? back : payer == Side.Buyer ? 0 : back / 2;
        emit ArbitrationFeeReclaimed(orderId, back - toSeller, toSeller);
        _credit(o.buyer, NATIVE, back - toSeller);
        _credit(_seller(o), NATIVE, toSeller);
    }

    /// @dev The middle rounds up, to the buyer.
    function _ruledAmount(Case storage c) internal view returns (uint256) {
        if (c.ruling == RULED_BUYER) return c.buyerClaim;
        if (c.ruling == RULED_SELLER) return c.sellerClaim;
        return (uint256(c.buyerClaim) + c.sellerClaim + 1) / 2;
    }

    function _winner(Case storage c) internal view returns (Side) {
        return c.ruling == RULED_BUYER ? Side.Buyer : c.ruling == RULED_SELLER ? Side.Seller : Side.None;
    }

    /// @dev The arbitrator's own end of the appeal counts, but never past what the parties signed for.
    function _rule(uint256 orderId, Order storage o, Case storage c, uint256 ruling, bool isFinal, uint256 appealEnd)
        private
    {
        c.ruling = ruling > CHOICES ? 0 : uint8(ruling);
        c.isFinal = isFinal;
        uint256 within = isFinal || appealEnd <= block.timestamp ? 0 : appealEnd - block.timestamp;
        uint40 appealBy = _move(o, IMarket.State.Ruled, uint32(Math.min(within, _afterSales(o).appealWithin)));
        emit OrderRuled(orderId, c.ruling, isFinal, _ruledAmount(c), appealBy);
    }

    /// @dev Coin sent counts first and the rest comes out of the caller's credit; what is too much becomes credit.
    function _collectDeposit(uint256 orderId, uint256 needed) private {
        _takeIn(NATIVE, msg.value);
        if (msg.value >= needed) return _credit(msg.sender, NATIVE, msg.value - needed);
        mapping(address => uint256) storage credit = _market().credit[msg.sender];
        uint256 short = needed - msg.value;
        if (credit[NATIVE] < short) revert InsufficientDeposit(orderId, needed, msg.value + credit[NATIVE]);
        credit[NATIVE] -= short;
        emit CreditSpent(msg.sender, NATIVE, short);
    }
}
