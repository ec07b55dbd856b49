// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IArbiterPanel} from "../../src/arbitration/IArbiterPanel.sol";
import {Bench} from "../support/Bench.sol";

contract ArbitersTest is Bench {
    function test_SetCertified_RevertWhen_NoCertifier() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        panel.setCertified(stranger, true);
    }

    function test_SetCertified_TakesSomebodyOutOfTheDraw() external {
        vm.prank(operator);
        panel.setCertified(arbiters[0], false);
        vm.assertEq(panel.activeArbiters(), ARBITERS - 1);
        uint256 id = _open();
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NotEligible.selector, id, arbiters[0]));
        vm.prank(arbiters[0]);
        panel.commitSeed(id, "x");
    }

    function test_Stake_RevertWhen_NotCertifiedOrTooLittle() external {
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NotCertified.selector, stranger));
        vm.prank(stranger);
        panel.stake(STAKE);
        vm.prank(operator);
        panel.setCertified(stranger, true);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.StakeTooLow.selector, stranger, 1, STAKE));
        vm.prank(stranger);
        panel.stake(1);
    }

    function test_Stake_Counts() external view {
        vm.assertEq(panel.activeArbiters(), ARBITERS);
        vm.assertEq(panel.arbiter(arbiters[0]).stake, STAKE);
        _assertBacked(0);
    }

    function test_Stake_LatecomerCannotTouchAnOpenRound() external {
        uint256 id = _open();
        vm.warp(block.timestamp + 1);
        _hire(stranger);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NotEligible.selector, id, stranger));
        vm.prank(stranger);
        panel.commitSeed(id, "x");
    }

    function test_WithdrawStake_RevertWhen_NotLeavingOrCoolingDown() external {
        vm.startPrank(arbiters[0]);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NotLeaving.selector, arbiters[0]));
        panel.withdrawStake();
        panel.resign();
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.AlreadyLeaving.selector, arbiters[0]));
        panel.resign();
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.AlreadyLeaving.selector, arbiters[0]));
        panel.stake(STAKE);
        vm.expectRevert(
            abi.encodeWithSelector(IArbiterPanel.CoolingDown.selector, arbiters[0], block.timestamp + 21 days)
        );
        panel.withdrawStake();
        vm.stopPrank();
    }

    function test_WithdrawStake_RevertWhen_Engaged() external {
        uint256 id = _open();
        _seed(id, 0, arbiters[0], "one");
        vm.startPrank(arbiters[0]);
        panel.resign();
        vm.warp(block.timestamp + 22 days);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.Engaged.selector, arbiters[0], 1));
        panel.withdrawStake();
        vm.stopPrank();
        panel.forfeitSeed(id, 0, arbiters[0]);
        vm.prank(arbiters[0]);
        panel.withdrawStake();
        vm.assertEq(guild.balanceOf(arbiters[0]), STAKE - SLICE);
        vm.assertEq(guild.balanceOf(treasury), SLICE);
        _assertBacked(FLOOR);
    }

    function test_WithdrawStake_PaysAndFreesThePlace() external {
        vm.prank(arbiters[3]);
        panel.resign();
        vm.assertEq(panel.activeArbiters(), ARBITERS - 1);
        vm.warp(block.timestamp + 21 days + 1);
        vm.prank(arbiters[3]);
        panel.withdrawStake();
        vm.assertEq(guild.balanceOf(arbiters[3]), STAKE);
        _hire(stranger);
        vm.assertEq(panel.activeArbiters(), ARBITERS);
        _assertBacked(0);
    }

    function test_Resign_StillServesWhatWasOpen() external {
        uint256 id = _open();
        vm.warp(block.timestamp + 1);
        vm.prank(arbiters[0]);
        panel.resign();
        _seed(id, 0, arbiters[0], "still here");
    }
}
