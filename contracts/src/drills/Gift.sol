// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title A gift of one portion a wallet
/// @notice For drills on a fork only. Wallets cost nothing, so one person may have a thousand.
contract Gift {
    using SafeERC20 for IERC20;

    error NotGuardian();
    error EnforcedPause();
    error ClaimedAlready();

    event Claimed(address indexed account, uint256 amount);

    IERC20 private immutable TOKEN;
    uint256 private immutable PORTION;
    address private immutable GUARDIAN;
    mapping(address account => bool) private claimed;
    bool public paused;

    constructor(IERC20 token, uint256 portion, address guardian) {
        TOKEN = token;
        PORTION = portion;
        GUARDIAN = guardian;
    }

    function claim(address to) external {
        if (paused) revert EnforcedPause();
        if (claimed[msg.sender]) revert ClaimedAlready();
        claimed[msg.sender] = true;
        emit Claimed(msg.sender, PORTION);
        TOKEN.safeTransfer(to, PORTION);
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
