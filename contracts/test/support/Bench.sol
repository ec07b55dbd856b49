// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Roles} from "../../src/governance/Roles.sol";
import {ArbiterPanel} from "../../src/arbitration/ArbiterPanel.sol";
import {IArbiterPanel} from "../../src/arbitration/IArbiterPanel.sol";
import {Court} from "./Court.sol";

/// @title A court whose arbitrator is the guild's panel
abstract contract Bench is Court {
    uint128 internal constant STAKE = 1_000 ether;
    uint128 internal constant SLICE = 100 ether;
    uint256 internal constant FLOOR = 0.05 ether;
    uint256 internal constant ARBITERS = 12;

    ArbiterPanel internal panel;
    address[] internal arbiters;

    function setUp() public virtual override {
        super.setUp();
        panel = ArbiterPanel(_proxy(_panelCode(), _panelSetUp()));
        vm.startPrank(operator);
        authority.grantRole(Roles.CERTIFIER, operator, 0);
        _assign(address(panel), IArbiterPanel.setCertified.selector, Roles.CERTIFIER);
        _assign(address(panel), IArbiterPanel.setPricing.selector, Roles.OPERATOR);
        _assign(address(panel), IArbiterPanel.setTokenRate.selector, Roles.OPERATOR);
        _assign(address(panel), IArbiterPanel.setTreasury.selector, Roles.OPERATOR);
        _assign(address(panel), panel.upgradeToAndCall.selector, Roles.UPGRADER);
        vm.stopPrank();
        for (uint256 i = 0; i < ARBITERS; ++i) {
            _hire(address(uint160(0xA4B0 + i)));
        }
        _addRules(address(panel), "");
        vm.warp(START + 1);
    }

    function _panelCode() internal virtual returns (address) {
        return address(new ArbiterPanel());
    }

    function _panelSetUp() internal view returns (bytes memory) {
        return abi.encodeCall(ArbiterPanel.initialize, (address(authority), guild, STAKE, treasury, FLOOR));
    }

    function _hire(address who) internal {
        arbiters.push(who);
        vm.prank(operator);
        panel.setCertified(who, true);
        vm.prank(operator);
        guild.transfer(who, STAKE);
        vm.startPrank(who);
        guild.approve(address(panel), STAKE);
        panel.stake(STAKE);
        vm.stopPrank();
    }

    /// @dev A dispute at the panel that is not the market's.
    function _open() internal returns (uint256 id) {
        vm.deal(address(this), 1 ether);
        return panel.createDispute{value: FLOOR}(2, "");
    }

    function _seed(uint256 id, uint8 round, address who, bytes32 secret) internal {
        bytes32 commitment = keccak256(abi.encode(id, round, who, secret));
        vm.prank(who);
        panel.commitSeed(id, commitment);
    }

    function _beacon(uint256 id) internal {
        panel.setBeacon(id);
        vm.roll(block.number + 1);
        panel.setBeacon(id);
    }

    /// @dev Seeds by two arbiters, beacon and draw, from the round's first second on.
    function _draw(uint256 id) internal returns (address[] memory) {
        uint8 round = panel.disputeOf(id).round;
        uint256 openedAt = panel.disputeOf(id).openedAt;
        _seed(id, round, arbiters[0], "one");
        _seed(id, round, arbiters[1], "two");
        vm.warp(openedAt + 36 hours + 1);
        _beacon(id);
        vm.prank(arbiters[1]);
        panel.revealSeed(id, "two");
        vm.prank(arbiters[0]);
        panel.revealSeed(id, "one");
        vm.warp(openedAt + 72 hours + 1);
        panel.draw(id);
        return panel.disputeOf(id).panel;
    }

    function _commitVote(uint256 id, address who, uint8 choice) internal {
        bytes32 commitment = keccak256(abi.encode(id, panel.disputeOf(id).round, who, choice, bytes32("salt")));
        vm.prank(who);
        panel.commitVote(id, commitment);
    }

    function _revealVote(uint256 id, address who, uint8 choice) internal {
        vm.prank(who);
        panel.revealVote(id, choice, "salt");
    }

    /// @dev Everyone votes for the same, but for as many dissenters from the end as are asked for.
    function _vote(uint256 id, uint8 choice, uint256 dissenters) internal {
        address[] memory seats = panel.disputeOf(id).panel;
        for (uint256 i = 0; i < seats.length; ++i) {
            _commitVote(id, seats[i], i + dissenters < seats.length ? choice : 3 - choice);
        }
        for (uint256 i = 0; i < seats.length; ++i) {
            _revealVote(id, seats[i], i + dissenters < seats.length ? choice : 3 - choice);
        }
        panel.tally(id);
    }

    function _phase(uint256 id) internal view returns (IArbiterPanel.Phase) {
        return panel.disputeOf(id).phase;
    }

    function assertPhase(uint256 id, IArbiterPanel.Phase expected) internal view {
        vm.assertEq(uint256(_phase(id)), uint256(expected));
    }

    /// @dev All stake and fees are there, and nothing else.
    function _assertBacked(uint256 openFees) internal view {
        uint256 stakes = 0;
        uint256 fees = panel.feesOf(treasury);
        for (uint256 i = 0; i < arbiters.length; ++i) {
            stakes += panel.arbiter(arbiters[i]).stake;
            fees += panel.feesOf(arbiters[i]);
        }
        vm.assertEq(guild.balanceOf(address(panel)), stakes, "stakes");
        vm.assertEq(address(panel).balance, fees + openFees, "fees");
    }

    function _assertNobodyEngaged() internal view {
        for (uint256 i = 0; i < arbiters.length; ++i) {
            vm.assertEq(panel.arbiter(arbiters[i]).engagements, 0, "engaged");
            vm.assertEq(panel.arbiter(arbiters[i]).locked, 0, "locked");
        }
    }
}
