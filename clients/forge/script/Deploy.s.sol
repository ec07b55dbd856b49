// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Grain, Granary} from "../src/Vault.sol";
import {vm} from "../src/Vm.sol";

/// @notice Deploys a token and a vault, and stores some of the token there.
contract Deploy {
    bool public constant IS_SCRIPT = true;

    function run() external {
        vm.startBroadcast();
        Grain grain = new Grain(msg.sender);
        Granary granary = new Granary(grain);
        grain.approve(address(granary), 100 ether);
        granary.deposit(100 ether, msg.sender);
        vm.stopBroadcast();
        require(granary.totalAssets() == 100 ether, "the deposit is there");
    }
}
