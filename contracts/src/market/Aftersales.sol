// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";
import {Escalations} from "./Escalations.sol";
import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";
import {Module} from "./Module.sol";

/// @title The market's second half
/// @notice Contests, returns, disputes and arbitration, run at the market's address.
contract Aftersales is Escalations {
    constructor(address next) Module(next) {}

    /// @inheritdoc IAftersales
    function conclude(uint256[] calldata orderIds) external throughMarket {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            Order storage o = _knownOrder(orderIds[i]);
            Case storage c = _market().cases[orderIds[i]];
            if (o.state != IMarket.State.Ruled || !c.isFinal) _requirePast(orderIds[i], o.deadline);
            _conclude(orderIds[i], o, c);
        }
    }

    /// @inheritdoc IAftersales
    function submitEvidence(uint256 orderId, string calldata evidence) external throughMarket {
        Order storage o = _knownOrder(orderId);
        _side(orderId, o);
        IMarket.State state = o.state;
        if (state != IMarket.State.Disputed && state != IMarket.State.Escalated && state != IMarket.State.Ruled) {
            revert IMarket.WrongState(orderId, state);
        }
        emit Evidence(IArbitrator(_arbitrator(o)), orderId, msg.sender, evidence);
    }

    /// @inheritdoc IAftersales
    function caseOf(uint256 orderId) external view returns (CaseView memory) {
        Case storage c = _market().cases[orderId];
        return CaseView({
            returnStep: c.returnStep,
            claimant: c.claimant,
            awaited: c.awaited,
            escalatedBy: c.escalatedBy,
            appealedBy: c.appealedBy,
            defended: c.defended,
            raised: c.raised,
            isFinal: c.isFinal,
            ruling: c.ruling,
            buyerClaim: c.buyerClaim,
            sellerClaim: c.sellerClaim,
            deposit: c.deposit,
            pot: c.pot,
            disputeId: c.disputeId
        });
    }

    /// @inheritdoc IAftersales
    function rulesOf(uint256 orderId)
        external
        view
        returns (uint8 rules, AfterSales memory afterSales, address arbitrator)
    {
        Order storage o = _knownOrder(orderId);
        if (o.rules != 0) (rules, afterSales, arbitrator) = (o.rules, _afterSales(o), _arbitrator(o));
    }

    /// @inheritdoc IAftersales
    function depositNeeded(uint256 orderId) external view returns (uint256 cost) {
        (, cost) = _cost(_knownOrder(orderId));
    }

    /// @inheritdoc IAftersales
    function orderOfDispute(address arbitrator, uint256 disputeId) external view returns (uint256) {
        return _market().disputeOrder[arbitrator][disputeId];
    }

    function _conclude(uint256 orderId, Order storage o, Case storage c) private {
        IMarket.State state = o.state;
        if (state == IMarket.State.Return) _endReturn(orderId, o);
        else if (state == IMarket.State.Disputed) _endDispute(orderId, o, c);
        else if (state == IMarket.State.Ruled) _endRuled(orderId, o, c);
        else if (state == IMarket.State.Escalated) _endEscalation(orderId, o, c);
        else revert IMarket.WrongState(orderId, state);
    }

    function _endDispute(uint256 orderId, Order storage o, Case storage c) private {
        _settle(orderId, o, SettleReason.Unanswered, _claimOf(c, _other(c.awaited)));
    }

    /// @dev An appeal that nobody answers leaves the ruling as it was; otherwise losing and appealing to a panel that
    /// cannot be filled would be as good as winning.
    function _endEscalation(uint256 orderId, Order storage o, Case storage c) private {
        if (!c.defended) {
            _payPot(orderId, o, c, c.escalatedBy);
            _settle(orderId, o, SettleReason.Undefended, _claimOf(c, c.escalatedBy));
        } else if (c.appealedBy != Side.None) {
            _endRuled(orderId, o, c);
        } else {
            _payPot(orderId, o, c, Side.None);
            _refund(orderId, o, IMarket.RefundReason.ArbiterSilent);
        }
    }

    function _endRuled(uint256 orderId, Order storage o, Case storage c) private {
        _payPot(orderId, o, c, _winner(c));
        _settle(orderId, o, SettleReason.Ruled, _ruledAmount(c));
    }
}
