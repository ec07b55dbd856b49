// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IArbiterPanel} from "../../src/arbitration/IArbiterPanel.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Bench} from "../support/Bench.sol";

contract ArbiterPanelTest is Bench {
    function test_Settings_RevertWhen_NoRole() external {
        bytes[4] memory calls = [
            abi.encodeCall(IArbiterPanel.setPricing, (1, 1)),
            abi.encodeCall(IArbiterPanel.setTokenRate, (address(1), 1)),
            abi.encodeCall(IArbiterPanel.setTreasury, (address(1))),
            abi.encodeCall(panel.upgradeToAndCall, (address(1), ""))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(stranger);
            (bool done, bytes memory answer) = address(panel).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(
                keccak256(answer),
                keccak256(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger))
            );
        }
    }

    function test_SetPricing_RevertWhen_RateTooHigh() external {
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.RateTooHigh.selector, 1_001, 1_000));
        vm.prank(operator);
        panel.setPricing(0, 1_001);
    }

    function test_ArbitrationCost_IsAPartOfTheAmountButNeverBelowTheFloor() external {
        vm.prank(operator);
        panel.setTokenRate(address(stable), 1e30 / 2_000);
        bytes memory extraData = abi.encode(address(stable), uint128(4_000e6), buyer, seller);
        vm.assertEq(panel.arbitrationCost(extraData), 0.1 ether);
        extraData = abi.encode(address(stable), uint128(4e6), buyer, seller);
        vm.assertEq(panel.arbitrationCost(extraData), FLOOR);
        vm.assertEq(panel.arbitrationCost(""), FLOOR);
    }

    function test_CreateDispute_RevertWhen_CheapOrOutOfRange() external {
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.FeeTooLow.selector, FLOOR, 0));
        panel.createDispute(2, "");
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.ChoicesOutOfRange.selector, 9));
        panel.createDispute(9, "");
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.ChoicesOutOfRange.selector, 0));
        panel.createDispute(0, "");
    }

    function test_CreateDispute_RevertWhen_TooFewWithoutTheParties() external {
        for (uint256 i = 0; i < ARBITERS - 4; ++i) {
            vm.prank(arbiters[i]);
            panel.resign();
        }
        bytes memory parties = abi.encode(address(0), 1, arbiters[ARBITERS - 1], arbiters[ARBITERS - 2]);
        vm.deal(address(this), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooFewArbiters.selector, 3, 2));
        panel.createDispute{value: FLOOR}(2, parties);
    }

    function test_Views_RevertWhen_Unknown() external {
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.UnknownDispute.selector, 1));
        panel.currentRuling(1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.UnknownDispute.selector, 1));
        panel.disputeStatus(1);
    }

    /// @dev From a delivered order to the split that seven arbiters made.
    function test_Market_DisputeGoesThroughPanelAndAppeal() external {
        (uint256 id, uint256 disputeId) = _raised();
        _draw(disputeId);
        _vote(disputeId, 1, 1);
        after_.noteRuling(id);
        assertState(id, IMarket.State.Ruled);
        vm.prank(seller);
        after_.appeal{value: 2 * FLOOR}(id);
        _draw(disputeId);
        _vote(disputeId, 2, 3);
        assertState(id, IMarket.State.Ruled);
        _conclude(id);
        assertState(id, IMarket.State.Settled);
        _assertSplit(5);
        vm.assertEq(_coin(seller), FLOOR);
        _assertBacked(0);
    }

    function test_Market_RulingIsDeliveredAndPaid() external {
        (uint256 id, uint256 disputeId) = _raised();
        _draw(disputeId);
        _vote(disputeId, 1, 0);
        vm.warp(block.timestamp + 72 hours + 1);
        panel.execute(disputeId);
        _conclude(id);
        _assertSplit(_total());
        vm.assertEq(_coin(buyer), FLOOR);
    }

    function test_Market_SilentPanelGivesTheFeeBack() external {
        (uint256 id, uint256 disputeId) = _raised();
        _draw(disputeId);
        vm.warp(panel.disputeOf(disputeId).deadline + 1);
        panel.tally(disputeId);
        _pass(id);
        _conclude(id);
        _assertRefunded(id);
        after_.reclaimFee(id);
        vm.assertEq(_coin(buyer) + _coin(seller), 2 * FLOOR - FLOOR / 50);
        vm.assertEq(address(market).balance, market.liabilities(NATIVE));
        _assertBacked(0);
    }

    function test_Market_PartiesWhoAreArbitersNeverSit() external {
        _hire(seller);
        _hire(buyer);
        vm.warp(block.timestamp + 1);
        (, uint256 disputeId) = _raised();
        address[] memory seats = _draw(disputeId);
        for (uint256 i = 0; i < seats.length; ++i) {
            vm.assertTrue(seats[i] != seller && seats[i] != buyer);
        }
    }

    function _raised() private returns (uint256 id, uint256 disputeId) {
        id = _disputed();
        vm.prank(buyer);
        after_.escalate{value: FLOOR}(id, _total());
        vm.prank(seller);
        after_.defend{value: FLOOR}(id, 5);
        disputeId = after_.caseOf(id).disputeId;
    }
}
