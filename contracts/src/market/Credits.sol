// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IMarket} from "./IMarket.sol";
import {Money} from "./Money.sol";

/// @title What people have in the market
/// @notice Deposits and withdrawals: the only code that pays a credit out.
abstract contract Credits is IMarket, Money {
    using SafeERC20 for IERC20;

    /// @inheritdoc IMarket
    function depositBond(address token, uint256 amount) external payable nonReentrant {
        if (amount == 0) revert ZeroAmount();
        _requireAllowed(token);
        uint256 needed = token == NATIVE ? amount : 0;
        if (msg.value != needed) revert WrongValue(needed, msg.value);
        _market().credit[msg.sender][token] += amount;
        emit BondDeposited(msg.sender, token, amount);
        _takeIn(token, amount);
    }

    /// @inheritdoc IMarket
    function withdraw(address token) external {
        withdrawTo(token, msg.sender);
    }

    /// @inheritdoc IMarket
    function withdrawTo(address token, address to) public nonReentrant {
        if (to == address(0)) revert ZeroAddress();
        Layout storage $ = _market();
        uint256 amount = $.credit[msg.sender][token];
        if (amount == 0) revert NoCredit(msg.sender, token);
        $.credit[msg.sender][token] = 0;
        $.liabilities[token] -= amount;
        emit Withdrawn(msg.sender, token, amount);
        if (token == NATIVE) Address.sendValue(payable(to), amount);
        else IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IMarket
    function creditOf(address account, address token) external view returns (uint256) {
        return _market().credit[account][token];
    }

    /// @inheritdoc IMarket
    function liabilities(address token) external view returns (uint256) {
        return _market().liabilities[token];
    }

    /// @inheritdoc IMarket
    function tokenAllowed(address token) external view returns (bool) {
        return _market().tokenAllowed[token];
    }
}
