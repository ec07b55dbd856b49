// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";
import {IEvidence} from "@kleros/erc-792/contracts/erc-1497/IEvidence.sol";
import {Disputes} from "./Disputes.sol";
import {IMarket} from "./IMarket.sol";

/// @title How the market talks to an arbitrator
/// @notice An arbitrator is anybody's code. What must not fail because of it is called so that it cannot: an answer
/// that is missing, short or endless counts as none, and the order's own timeout does the rest.
abstract contract Arbitrators is Disputes, IEvidence {
    /// @dev One for the buyer's final offer, two for the seller's; zero, or anything else, for the middle.
    uint256 internal constant CHOICES = 2;
    uint8 internal constant RULED_BUYER = 1;
    uint8 internal constant RULED_SELLER = 2;

    /// @dev Asks the arbitrator to take the dispute, as long as the pot covers its price.
    function _raise(uint256 orderId, Order storage o, Case storage c) internal {
        address arbitrator = _arbitrator(o);
        (bool priced, uint256 cost) = _cost(o);
        if (!priced || cost > c.pot) return _notRaised(orderId, o, arbitrator);
        (c.raised, c.pot) = (true, c.pot - uint128(cost));
        _market().liabilities[NATIVE] -= cost;
        bytes memory call_ = abi.encodeCall(IArbitrator.createDispute, (CHOICES, _extraData(o)));
        (bool done, bool answered, uint256 disputeId) = _ask(arbitrator, cost, call_);
        if (!done) {
            (c.raised, c.pot) = (false, c.pot + uint128(cost));
            _market().liabilities[NATIVE] += cost;
            return _notRaised(orderId, o, arbitrator);
        }
        c.disputeId = disputeId;
        mapping(uint256 => uint256) storage known = _market().disputeOrder[arbitrator];
        // One that took the coin and gave no number, or a number it gave before, is not heard on this order, which its
        // silence then ends.
        if (answered && known[disputeId] == 0) known[disputeId] = orderId;
        emit DisputeRaised(orderId, arbitrator, disputeId, cost);
        emit Dispute(IArbitrator(arbitrator), disputeId, o.rules, orderId);
    }

    /// @dev No answer, or one no pot can hold, is no price.
    function _cost(Order storage o) internal view returns (bool answered, uint256 cost) {
        bytes memory call_ = abi.encodeCall(IArbitrator.arbitrationCost, (_extraData(o)));
        (answered, cost) = _look(_arbitrator(o), call_);
        if (cost > type(uint96).max) return (false, 0);
    }

    function _status(address arbitrator, uint256 disputeId) internal view returns (IArbitrator.DisputeStatus) {
        (bool done, uint256 status) = _look(arbitrator, abi.encodeCall(IArbitrator.disputeStatus, (disputeId)));
        if (!done || status > uint256(type(IArbitrator.DisputeStatus).max)) return IArbitrator.DisputeStatus.Waiting;
        return IArbitrator.DisputeStatus(status);
    }

    function _arbitrator(Order storage o) internal view returns (address) {
        return _market().ruleSet[o.rules].arbitrator;
    }

    function _extraData(Order storage o) internal view returns (bytes memory extraData) {
        extraData = _market().ruleSet[o.rules].extraData;
        if (extraData.length == 0) extraData = abi.encode(_terms(o).token, o.amount, o.buyer, _seller(o));
    }

    /// @dev A call that did not revert has taken the coin, whatever it answered.
    function _ask(address target, uint256 value, bytes memory call_)
        private
        returns (bool done, bool answered, uint256 answer)
    {
        bytes32 word;
        (done, word,) = LowLevelCall.callReturn64Bytes(target, value, call_);
        answered = done && LowLevelCall.returnDataSize() >= 32;
        if (answered) answer = uint256(word);
    }

    function _look(address target, bytes memory call_) private view returns (bool done, uint256 answer) {
        bytes32 word;
        (done, word,) = LowLevelCall.staticcallReturn64Bytes(target, call_);
        done = done && LowLevelCall.returnDataSize() >= 32;
        answer = done ? uint256(word) : 0;
    }

    function _notRaised(uint256 orderId, Order storage o, address arbitrator) private {
        emit DisputeNotRaised(orderId, arbitrator, o.deadline);
    }
}
