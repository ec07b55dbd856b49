// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// @notice A token for the vault.
contract Grain is ERC20, ERC20Permit {
    constructor(address holder) ERC20("Grain", "GRAIN") ERC20Permit("Grain") {
        _mint(holder, 1_000 ether);
    }
}

/// @notice OpenZeppelin's ERC-4626 vault as it is.
contract Granary is ERC4626 {
    constructor(Grain grain) ERC20("Granary share", "gGRAIN") ERC4626(grain) {}
}
