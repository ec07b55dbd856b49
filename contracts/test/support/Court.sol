// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IArbitrable} from "@kleros/erc-792/contracts/IArbitrable.sol";
import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";
import {IAftersales} from "../../src/market/IAftersales.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Town} from "./Town.sol";

/// @dev An ERC-792 arbitrator that does what it is told.
contract PuppetArbitrator is IArbitrator {
    uint256 public cost = 0.1 ether;
    uint256 public disputes;
    bool public refusing;
    bool public repeating;
    bool public mute;
    uint256 public giveBack;
    mapping(uint256 => DisputeStatus) public override disputeStatus;
    mapping(uint256 => uint256) public override currentRuling;
    mapping(uint256 => uint256) public appealEnd;
    mapping(uint256 => address) public arbitrable;
    bytes public extraData;

    function setCost(uint256 cost_) external {
        cost = cost_;
    }

    function setRefusing(bool refusing_) external {
        refusing = refusing_;
    }

    function setRepeating(bool repeating_) external {
        repeating = repeating_;
    }

    function setMute(bool mute_) external {
        mute = mute_;
    }

    function setGiveBack(uint256 amount) external {
        giveBack = amount;
    }

    function arbitrationCost(bytes calldata) public view returns (uint256) {
        require(!refusing, "refusing");
        return cost;
    }

    function appealCost(uint256, bytes calldata) external view returns (uint256) {
        return 2 * cost;
    }

    function createDispute(uint256, bytes calldata extraData_) external payable returns (uint256 id) {
        require(!refusing && msg.value == cost, "refusing");
        if (mute) {
            assembly {
                return(0, 0)
            }
        }
        id = repeating ? 1 : ++disputes;
        extraData = extraData_;
        arbitrable[id] = msg.sender;
    }

    function propose(uint256 id, uint256 ruling, uint256 end) external {
        (disputeStatus[id], currentRuling[id], appealEnd[id]) = (DisputeStatus.Appealable, ruling, end);
    }

    function give(uint256 id, uint256 ruling) external {
        (disputeStatus[id], currentRuling[id]) = (DisputeStatus.Solved, ruling);
        IArbitrable(arbitrable[id]).rule(id, ruling);
    }

    function solve(uint256 id, uint256 ruling) external {
        (disputeStatus[id], currentRuling[id]) = (DisputeStatus.Solved, ruling);
    }

    function appeal(uint256 id, bytes calldata) external payable {
        require(msg.value == 2 * cost, "cost");
        disputeStatus[id] = DisputeStatus.Waiting;
    }

    function appealPeriod(uint256 id) external view returns (uint256, uint256) {
        return (0, appealEnd[id]);
    }

    function reclaim(uint256) external returns (uint256) {
        (bool done,) = msg.sender.call{value: giveBack}("");
        require(done, "not taken");
        return giveBack;
    }
}

    /// @title A town with a rule set and an arbitrator
    abstract contract Court is Town {
        uint256 internal constant COST = 0.1 ether;
        PuppetArbitrator internal puppet;

        function setUp() public virtual override {
            super.setUp();
            puppet = new PuppetArbitrator();
            _addRules(address(puppet), "");
        }

        function _addRules(address arbitrator, bytes memory extraData) internal returns (uint8) {
            vm.prank(operator);
            return book.addRules(_limits(), arbitrator, extraData, "/evidence/policy.json");
        }

        function _limits() internal pure returns (IAftersales.AfterSales memory) {
            return IAftersales.AfterSales({
                contestWithin: 72 hours,
                answerWithin: 72 hours,
                returnWithin: 7 days,
                confirmWithin: 5 days,
                negotiateWithin: 72 hours,
                appealWithin: 72 hours,
                arbiterWithin: 14 days,
                returnable: true
            });
        }

        /// @dev Delivered, and disputed by the buyer who asks for everything.
        function _disputed() internal returns (uint256 id) {
            id = _delivered();
            vm.prank(buyer);
            after_.dispute(id, _total(), keccak256("broken"));
        }

        /// @dev Escalated by the buyer, who asks for everything.
        function _escalated() internal returns (uint256 id) {
            id = _disputed();
            vm.prank(buyer);
            after_.escalate{value: COST}(id, _total());
        }

        /// @dev Before the arbitrator as its dispute one, with nothing and everything as final offers.
        function _defended() internal returns (uint256 id) {
            id = _escalated();
            vm.prank(seller);
            after_.defend{value: COST}(id, 0);
        }

        function _ruled(uint256 ruling) internal returns (uint256 id) {
            id = _defended();
            uint256 disputeId = after_.caseOf(id).disputeId;
            puppet.propose(disputeId, ruling, block.timestamp + 72 hours);
            after_.noteRuling(id);
        }

        function _conclude(uint256 id) internal {
            vm.prank(stranger);
            after_.conclude(one(id));
        }

        function _expectWrongState(uint256 id, IMarket.State state) internal {
            vm.expectRevert(abi.encodeWithSelector(IMarket.WrongState.selector, id, state));
        }

        function _expectNotPassed(uint256 id) internal {
            vm.expectRevert(abi.encodeWithSelector(IMarket.DeadlineNotPassed.selector, id, market.nextDeadline(id)));
        }

        function _expectPassed(uint256 id) internal {
            vm.expectRevert(abi.encodeWithSelector(IMarket.DeadlinePassed.selector, id, market.nextDeadline(id)));
        }

        function _pass(uint256 id) internal {
            vm.warp(market.nextDeadline(id) + 1);
        }

        function _credit(address who) internal view returns (uint256) {
            return market.creditOf(who, address(stable));
        }

        function _coin(address who) internal view returns (uint256) {
            return market.creditOf(who, NATIVE);
        }

        function _fee(uint256 amount) internal pure returns (uint256) {
            return amount * 200 / 10_000;
        }

        /// @dev Everyone's credit after an order of which the buyer got so much.
        function _assertSplit(uint256 buyerAmount) internal view {
            uint256 rest = _total() - buyerAmount;
            vm.assertEq(_credit(buyer), buyerAmount, "buyer");
            vm.assertEq(_credit(seller), 10_000e6 + rest - _fee(rest), "seller");
            vm.assertEq(_credit(treasury), _fee(rest), "treasury");
            vm.assertEq(stable.balanceOf(address(market)), market.liabilities(address(stable)), "tokens");
            vm.assertEq(address(market).balance, market.liabilities(NATIVE), "coin");
        }

        function _assertRefunded(uint256 id) internal view {
            assertState(id, IMarket.State.Refunded);
            _assertSplit(_total());
        }
    }
