// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IMarket} from "./IMarket.sol";
import {MarketStorage} from "./MarketStorage.sol";

/// @title How money is booked
/// @notice The market and its modules book every movement here. `liabilities` grows with what comes in and shrinks
/// with what goes out; moving money between a lock, a bond, a budget and a credit leaves it alone.
abstract contract Money is MarketStorage, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Credits what left a lock or a bond.
    function _credit(address account, address token, uint256 amount) internal virtual {
        if (amount == 0) return;
        _market().credit[account][token] += amount;
        emit IMarket.Credited(account, token, amount);
    }

    /// @dev Locks a bond out of the seller's credit.
    function _lockBond(uint256 offerId, address seller, address token, uint256 bond) internal {
        if (bond == 0) return;
        mapping(address => uint256) storage credit = _market().credit[seller];
        uint256 available = credit[token];
        if (available < bond) revert IMarket.InsufficientBond(offerId, seller, bond, available);
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
        if (received != amount) revert IMarket.TransferAmountMismatch(token, amount, received);
    }

    function _requireAllowed(address token) internal view {
        if (!_market().tokenAllowed[token]) revert IMarket.TokenNotAllowed(token);
    }
}
