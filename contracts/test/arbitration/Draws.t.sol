// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IArbiterPanel} from "../../src/arbitration/IArbiterPanel.sol";
import {Bench} from "../support/Bench.sol";

contract DrawsTest is Bench {
    function test_CommitSeed_RevertWhen_LateTwiceOrParty() external {
        uint256 id = _open();
        _seed(id, 0, arbiters[0], "one");
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.SeedTaken.selector, id, arbiters[0]));
        vm.prank(arbiters[0]);
        panel.commitSeed(id, "again");
        uint256 other = panel.createDispute{value: FLOOR}(2, abi.encode(address(0), 1, arbiters[1], arbiters[2]));
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.NotEligible.selector, other, arbiters[2]));
        vm.prank(arbiters[2]);
        panel.commitSeed(other, "mine");
        vm.warp(block.timestamp + 36 hours + 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooLate.selector, id, block.timestamp - 1));
        vm.prank(arbiters[3]);
        panel.commitSeed(id, "late");
    }

    function test_SetBeacon_WaitsForSecretsAndForTheBlock() external {
        uint256 id = _open();
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooEarly.selector, id, block.timestamp + 36 hours + 1));
        panel.setBeacon(id);
        vm.warp(block.timestamp + 36 hours + 1);
        panel.setBeacon(id);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.BeaconNotReady.selector, id, block.number));
        panel.setBeacon(id);
        vm.roll(block.number + 1);
        panel.setBeacon(id);
        vm.assertTrue(panel.disputeOf(id).entropy != 0);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.BeaconNotReady.selector, id, block.number - 1));
        panel.setBeacon(id);
    }

    function test_SetBeacon_FixesAnewWhen_Missed() external {
        uint256 id = _open();
        vm.warp(block.timestamp + 36 hours + 1);
        panel.setBeacon(id);
        vm.roll(block.number + 300);
        panel.setBeacon(id);
        vm.assertEq(panel.disputeOf(id).beaconBlock, block.number);
        vm.assertEq(panel.disputeOf(id).entropy, bytes32(0));
    }

    function test_RevealSeed_RevertWhen_NoBeaconOrAnotherSecret() external {
        uint256 id = _open();
        _seed(id, 0, arbiters[0], "one");
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.BeaconNotReady.selector, id, 0));
        vm.prank(arbiters[0]);
        panel.revealSeed(id, "one");
        vm.warp(block.timestamp + 36 hours + 1);
        _beacon(id);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.SeedMismatch.selector, id, arbiters[0]));
        vm.prank(arbiters[0]);
        panel.revealSeed(id, "two");
    }

    function test_RevealSeed_FreesTheSliceAndPays() external {
        uint256 id = _open();
        _seed(id, 0, arbiters[0], "one");
        vm.assertEq(panel.arbiter(arbiters[0]).locked, SLICE);
        vm.warp(block.timestamp + 36 hours + 1);
        _beacon(id);
        vm.prank(arbiters[0]);
        panel.revealSeed(id, "one");
        vm.assertEq(panel.arbiter(arbiters[0]).locked, 0);
        vm.assertEq(panel.feesOf(arbiters[0]), FLOOR / 100);
        vm.assertEq(panel.disputeOf(id).fee, FLOOR - FLOOR / 100);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.SeedMismatch.selector, id, arbiters[0]));
        vm.prank(arbiters[0]);
        panel.revealSeed(id, "one");
    }

    function test_RevealSeed_OrderDoesNotMatter() external {
        uint256 id = _open();
        _seed(id, 0, arbiters[0], "one");
        _seed(id, 0, arbiters[1], "two");
        vm.warp(block.timestamp + 36 hours + 1);
        _beacon(id);
        bytes32 beacon = panel.disputeOf(id).entropy;
        vm.prank(arbiters[1]);
        panel.revealSeed(id, "two");
        vm.prank(arbiters[0]);
        panel.revealSeed(id, "one");
        bytes32 expected = beacon ^ keccak256(abi.encode(arbiters[0], bytes32("one")))
            ^ keccak256(abi.encode(arbiters[1], bytes32("two")));
        vm.assertEq(panel.disputeOf(id).entropy, expected);
    }

    function test_ForfeitSeed_RevertWhen_EarlyOrOpened() external {
        uint256 id = _open();
        _seed(id, 0, arbiters[0], "one");
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooEarly.selector, id, block.timestamp + 72 hours + 1));
        panel.forfeitSeed(id, 0, arbiters[0]);
        vm.warp(block.timestamp + 72 hours + 1);
        panel.forfeitSeed(id, 0, arbiters[0]);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.SeedMismatch.selector, id, arbiters[0]));
        panel.forfeitSeed(id, 0, arbiters[0]);
        vm.assertEq(panel.arbiter(arbiters[0]).stake, STAKE - SLICE);
    }

    function test_Draw_RevertWhen_EvidenceRunsOrNoBeacon() external {
        uint256 id = _open();
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooEarly.selector, id, block.timestamp + 72 hours + 1));
        panel.draw(id);
        vm.warp(block.timestamp + 72 hours + 1);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.BeaconNotReady.selector, id, 0));
        panel.draw(id);
        _beacon(id);
        panel.draw(id);
        assertPhase(id, IArbiterPanel.Phase.Voting);
    }

    function test_Draw_SeatsThreeDifferentArbiters() external {
        uint256 id = _open();
        address[] memory seats = _draw(id);
        vm.assertEq(seats.length, 3);
        vm.assertTrue(seats[0] != seats[1] && seats[1] != seats[2] && seats[0] != seats[2]);
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertEq(panel.arbiter(seats[i]).locked, SLICE);
        }
    }

    function test_Fail_RevertWhen_ThereIsTimeToDraw() external {
        uint256 id = _open();
        vm.warp(block.timestamp + 10 days);
        vm.expectRevert(abi.encodeWithSelector(IArbiterPanel.TooEarly.selector, id, block.timestamp + 1));
        panel.fail(id);
        vm.warp(block.timestamp + 1);
        panel.fail(id);
        assertPhase(id, IArbiterPanel.Phase.Failed);
    }

    /// @dev Whatever the secrets: no party sits, nobody twice, and nobody who came later.
    function testFuzz_Draw_NeverSeatsAParty(bytes32 secret, uint8 first, uint8 second) external {
        address a = arbiters[first % ARBITERS];
        address b = arbiters[second % ARBITERS];
        vm.deal(address(this), 1 ether);
        uint256 id = panel.createDispute{value: FLOOR}(2, abi.encode(address(0), 0, a, b));
        vm.warp(block.timestamp + 1);
        _hire(stranger);
        address seeder = arbiters[0] != a && arbiters[0] != b ? arbiters[0] : arbiters[1];
        if (seeder == a || seeder == b) seeder = arbiters[2];
        _seed(id, 0, seeder, secret);
        vm.warp(block.timestamp + 36 hours + 1);
        _beacon(id);
        vm.prank(seeder);
        panel.revealSeed(id, secret);
        vm.warp(block.timestamp + 36 hours + 1);
        panel.draw(id);
        address[] memory seats = panel.disputeOf(id).panel;
        for (uint256 i = 0; i < seats.length; ++i) {
            vm.assertTrue(seats[i] != a && seats[i] != b && seats[i] != stranger);
            for (uint256 j = 0; j < i; ++j) {
                vm.assertTrue(seats[i] != seats[j]);
            }
        }
    }
}
