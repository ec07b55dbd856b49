// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";
import {IArbiterPanel} from "../../src/arbitration/IArbiterPanel.sol";
import {Bench} from "../support/Bench.sol";

contract VotesTest is Bench {
    uint256 internal ruledId;
    uint256 internal ruledAs = 99;

    /// @dev This contract is the arbitrable of the disputes below.
    function rule(uint256 id, uint256 ruling) external {
        (ruledId, ruledAs) = (id, ruling);
    }

    receive() external payable {}

    function test_CommitVote_RevertWhen_NotDrawnTwiceOrLate() external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NotOnPanel.selector, id, stranger));
        vm.prank(stranger);
        panel.commitVote(id, "x");
        _commitVote(id, seats[0], 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.VoteTaken.selector, id, seats[0]));
        vm.prank(seats[0]);
        panel.commitVote(id, "x");
        vm.warp(panel.disputeOf(id).commitBy + 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooLate.selector, id, block.timestamp - 1));
        vm.prank(seats[1]);
        panel.commitVote(id, "x");
    }

    function test_RevealVote_RevertWhen_OthersMayStillCommit() external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        _commitVote(id, seats[0], 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooEarly.selector, id, panel.disputeOf(id).commitBy + 1));
        vm.prank(seats[0]);
        panel.revealVote(id, 1, "salt");
    }

    function test_RevealVote_RevertWhen_OtherVoteOutOfRangeOrLate() external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        for (uint256 i = 0; i < 3; ++i) {
            _commitVote(id, seats[i], 1);
        }
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.VoteMismatch.selector, id, seats[0]));
        vm.prank(seats[0]);
        panel.revealVote(id, 2, "salt");
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.ChoicesOutOfRange.selector, 3));
        vm.prank(seats[0]);
        panel.revealVote(id, 3, "salt");
        _revealVote(id, seats[0], 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.VoteMismatch.selector, id, seats[0]));
        vm.prank(seats[0]);
        panel.revealVote(id, 1, "salt");
        vm.warp(panel.disputeOf(id).deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooLate.selector, id, block.timestamp - 1));
        vm.prank(seats[1]);
        panel.revealVote(id, 1, "salt");
    }

    function test_Tally_RevertWhen_VotesAreOut() external {
        uint256 id = _open();
        _draw(id);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooEarly.selector, id, panel.disputeOf(id).deadline + 1));
        panel.tally(id);
    }

    function test_Tally_MajorityIsAppealable() external {
        uint256 id = _open();
        _draw(id);
        _vote(id, 2, 1);
        assertPhase(id, IArbiterPanel.Phase.Appealable);
        vm.assertEq(panel.currentRuling(id), 2);
        vm.assertEq(uint256(panel.disputeStatus(id)), uint256(IArbitrator.DisputeStatus.Appealable));
        (uint256 start, uint256 end) = panel.appealPeriod(id);
        vm.assertEq(start, block.timestamp);
        vm.assertEq(end, block.timestamp + 72 hours);
    }

    function test_Execute_PaysTheRightOnesAndDelivers() external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        _vote(id, 2, 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooEarly.selector, id, block.timestamp + 72 hours + 1));
        panel.execute(id);
        vm.warp(block.timestamp + 72 hours + 1);
        uint256 before = panel.feesOf(seats[0]);
        panel.execute(id);
        vm.assertEq(ruledAs, 2);
        vm.assertEq(panel.feesOf(seats[0]) - before, (FLOOR - FLOOR / 50) / 2);
        vm.assertEq(panel.arbiter(seats[0]).stake, STAKE + SLICE / 2);
        vm.assertEq(panel.arbiter(seats[2]).stake, STAKE - SLICE);
        _assertNobodyEngaged();
        _assertBacked(0);
    }

    function test_Tally_TieBlamesNobodyWhoVoted() external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        _commitVote(id, seats[0], 1);
        _commitVote(id, seats[1], 2);
        vm.warp(panel.disputeOf(id).commitBy + 1);
        _revealVote(id, seats[0], 1);
        _revealVote(id, seats[1], 2);
        vm.warp(panel.disputeOf(id).deadline + 1);
        panel.tally(id);
        vm.assertEq(panel.currentRuling(id), 0);
        vm.warp(block.timestamp + 72 hours + 1);
        panel.execute(id);
        vm.assertEq(ruledAs, 0);
        vm.assertEq(panel.arbiter(seats[0]).stake, STAKE + SLICE / 2);
        vm.assertEq(panel.arbiter(seats[1]).stake, STAKE + SLICE / 2);
        vm.assertEq(panel.arbiter(seats[2]).stake, STAKE - SLICE);
        _assertBacked(0);
    }

    function test_Tally_FailsWithoutMajorityAndGivesTheFeeBack() external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        _commitVote(id, seats[0], 1);
        vm.warp(panel.disputeOf(id).commitBy + 1);
        _revealVote(id, seats[0], 1);
        vm.warp(panel.disputeOf(id).deadline + 1);
        panel.tally(id);
        assertPhase(id, IArbiterPanel.Phase.Failed);
        vm.assertEq(uint256(panel.disputeStatus(id)), uint256(IArbitrator.DisputeStatus.Waiting));
        vm.assertEq(panel.arbiter(seats[0]).stake, STAKE + 2 * SLICE);
        uint256 before = address(this).balance;
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NotArbitrable.selector, id, stranger));
        vm.prank(stranger);
        panel.reclaim(id);
        panel.reclaim(id);
        vm.assertEq(address(this).balance - before, FLOOR - FLOOR / 50);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NothingToPay.selector, address(this)));
        panel.reclaim(id);
        _assertBacked(0);
        _assertNobodyEngaged();
    }

    function test_Tally_AllSilentSlicesAreTheTreasurys() external {
        uint256 id = _open();
        _draw(id);
        vm.warp(panel.disputeOf(id).deadline + 1);
        panel.tally(id);
        vm.assertEq(guild.balanceOf(treasury), 3 * SLICE);
        _assertNobodyEngaged();
    }

    function test_Appeal_RevertWhen_NotArbitrableLateOrCheap() external {
        uint256 id = _open();
        _draw(id);
        _vote(id, 1, 0);
        vm.deal(stranger, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NotArbitrable.selector, id, stranger));
        vm.prank(stranger);
        panel.appeal{value: 2 * FLOOR}(id, "");
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.FeeTooLow.selector, 2 * FLOOR, FLOOR));
        panel.appeal{value: FLOOR}(id, "");
        vm.warp(block.timestamp + 72 hours + 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooLate.selector, id, block.timestamp - 1));
        panel.appeal{value: 2 * FLOOR}(id, "");
    }

    function test_Appeal_SevenDecideAndTheFirstThreeAreMeasuredByIt() external {
        uint256 id = _open();
        address[] memory first = _draw(id);
        _vote(id, 1, 0);
        panel.appeal{value: 2 * FLOOR}(id, "");
        address[] memory second = _draw(id);
        vm.assertEq(second.length, 7);
        uint256 slashed = guild.balanceOf(treasury);
        _vote(id, 2, 2);
        assertPhase(id, IArbiterPanel.Phase.Solved);
        vm.assertEq(ruledAs, 2);
        vm.assertEq(guild.balanceOf(treasury), slashed + first.length * SLICE);
        vm.assertEq(panel.feesOf(treasury), FLOOR - FLOOR / 50);
        _assertNobodyEngaged();
        _assertBacked(0);
    }

    function test_Appeal_ThatFailsLeavesTheRuling() external {
        uint256 id = _open();
        _draw(id);
        _vote(id, 1, 0);
        panel.appeal{value: 2 * FLOOR}(id, "");
        vm.warp(block.timestamp + 10 days + 1);
        panel.fail(id);
        assertPhase(id, IArbiterPanel.Phase.Solved);
        vm.assertEq(ruledAs, 1);
        uint256 before = address(this).balance;
        panel.reclaim(id);
        vm.assertEq(address(this).balance - before, 2 * FLOOR);
        _assertBacked(0);
    }

    function test_Tally_IsFinalWhen_ThereAreNotSevenForAnAppeal() external {
        for (uint256 i = 0; i < 6; ++i) {
            vm.prank(arbiters[ARBITERS - 1 - i]);
            panel.resign();
        }
        vm.warp(block.timestamp + 1);
        uint256 id = _open();
        _draw(id);
        _vote(id, 1, 0);
        assertPhase(id, IArbiterPanel.Phase.Solved);
        vm.assertEq(ruledAs, 1);
    }

    function test_Deliver_AgainWhen_Refused() external {
        vm.deal(stranger, 1 ether);
        vm.prank(stranger);
        uint256 id = panel.createDispute{value: FLOOR}(2, "");
        _draw(id);
        _vote(id, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.WrongPhase.selector, id, IArbiterPanel.Phase.Appealable));
        panel.deliver(id);
        vm.warp(block.timestamp + 72 hours + 1);
        panel.execute(id);
        panel.deliver(id);
        assertPhase(id, IArbiterPanel.Phase.Solved);
    }

    function test_WithdrawFees_PaysOnce() external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        _vote(id, 1, 0);
        vm.warp(block.timestamp + 72 hours + 1);
        panel.execute(id);
        uint256 fees = panel.feesOf(seats[0]);
        vm.prank(seats[0]);
        panel.withdrawFees(stranger);
        vm.assertEq(stranger.balance, fees);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NothingToPay.selector, seats[0]));
        vm.prank(seats[0]);
        panel.withdrawFees(stranger);
        vm.expectRevert(IArbiterPanel.ZeroAddress.selector);
        panel.withdrawFees(address(0));
    }

    /// @dev However many vote, and whatever: stake and fees stay whole and nobody stays engaged.
    function testFuzz_RoundConservesStakeAndFees(uint8[3] calldata choices, uint8 silent) external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        for (uint256 i = 0; i < 3; ++i) {
            if (silent & (1 << i) == 0) _commitVote(id, seats[i], choices[i] % 3);
        }
        vm.warp(panel.disputeOf(id).commitBy + 1);
        for (uint256 i = 0; i < 3; ++i) {
            if (silent & (1 << i) == 0) _revealVote(id, seats[i], choices[i] % 3);
        }
        vm.warp(panel.disputeOf(id).deadline + 1);
        panel.tally(id);
        if (_phase(id) == IArbiterPanel.Phase.Appealable) {
            vm.warp(block.timestamp + 72 hours + 1);
            panel.execute(id);
        } else {
            panel.reclaim(id);
        }
        _assertNobodyEngaged();
        _assertBacked(0);
    }
}
