// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IMarket} from "./IMarket.sol";
import {MarketStorage} from "./MarketStorage.sol";

/// @title The money in the market
/// @notice The only code that takes tokens in or pays them out. `liabilities` grows with what comes in and shrinks
/// with what goes out; moving money between a lock, a bond and a credit leaves it alone.
abstract contract Credits is IMarket, MarketStorage, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev The native coin's place in the token mappings.
    address internal constant NATIVE = address(0);

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

    /// @dev Credits what left a lock or a bond.
    function _credit(address account, address token, uint256 amount) internal {
        if (amount == 0) return;
        _market().credit[account][token] += amount;
        emit Credited(account, token, amount);
    }

    /// @dev Locks a bond out of the seller's credit.
    function _lockBond(uint256 offerId, address seller, address token, uint256 bond) internal {
        if (bond == 0) return;
        mapping(address => uint256) storage credit = _market().credit[seller];
        uint256 available = credit[token];
        if (available < bond) revert InsufficientBond(offerId, seller, bond, available);
        unchecked {
            credit[token] = available - bond;
        }
    }

    /// @dev Books money in and collects it from the caller. Native coin arrived with the call and was checked there.
    function _takeIn(address token, uint256 amount) internal {
        if (amount == 0) return;
        _market().liabilities[token] += amount;
        if (token == NATIVE) return;
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert TransferAmountMismatch(token, amount, received);
    }

    function _requireAllowed(address token) internal view {
        if (!_market().tokenAllowed[token]) revert TokenNotAllowed(token);
    }
}
