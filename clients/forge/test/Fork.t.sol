// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Grain, Granary} from "../src/Vault.sol";
import {vm} from "../src/Vm.sol";

/// @notice Runs on a fork of the chain that the script deployed to.
contract ForkTest {
    bool public constant IS_TEST = true;

    Grain private grain;
    Granary private granary;
    address private holder;

    function setUp() external {
        string memory path = string.concat("forge/broadcast/Deploy.s.sol/", vm.toString(block.chainid), "/run-latest.json");
        string memory json = vm.readFile(path);
        grain = Grain(vm.parseJsonAddress(json, ".transactions[0].contractAddress"));
        granary = Granary(vm.parseJsonAddress(json, ".transactions[1].contractAddress"));
        holder = vm.parseJsonAddress(json, ".transactions[0].transaction.from");
    }

    function test_WhatWasBroadcastIsThere() external view {
        require(grain.balanceOf(holder) == 900 ether, "the holder kept the rest");
        require(granary.balanceOf(holder) == 100 ether, "shares were minted");
        require(granary.totalAssets() == 100 ether, "assets are in the vault");
    }

    function test_TheForkCanBeUsedAndChangesNothingElsewhere() external {
        vm.prank(holder);
        granary.redeem(40 ether, address(this), holder);
        require(grain.balanceOf(address(this)) == 40 ether, "redeemed");
        require(granary.totalAssets() == 60 ether, "the vault holds less");
    }
}
