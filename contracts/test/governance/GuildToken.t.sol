// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Town} from "../support/Town.sol";

contract GuildTokenTest is Town {
    function test_Initialize_GivesFirstSupply() external view {
        vm.assertEq(guild.symbol(), "GUILD");
        vm.assertEq(guild.decimals(), 18);
        vm.assertEq(guild.totalSupply(), 1_000_000 ether);
        vm.assertEq(guild.balanceOf(operator), 1_000_000 ether);
    }

    function test_Mint_RevertWhen_NoMinter() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        guild.mint(stranger, 1);
    }

    function test_Mint_Issues() external {
        vm.prank(operator);
        guild.mint(stranger, 7);
        vm.assertEq(guild.balanceOf(stranger), 7);
    }

    function test_Votes_CountDelegatedByTimeAndFollowTransfers() external {
        vm.assertEq(guild.CLOCK_MODE(), "mode=timestamp");
        vm.assertEq(guild.clock(), START);
        vm.assertEq(guild.getVotes(operator), 0);
        vm.startPrank(operator);
        guild.delegate(operator);
        vm.warp(START + 10);
        guild.transfer(stranger, 1 ether);
        vm.stopPrank();
        vm.warp(START + 20);
        vm.assertEq(guild.getPastVotes(operator, START + 9), 1_000_000 ether);
        vm.assertEq(guild.getVotes(operator), 999_999 ether);
        vm.assertEq(guild.getVotes(stranger), 0);
    }
}
