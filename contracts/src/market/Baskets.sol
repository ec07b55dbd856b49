// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IMarket} from "./IMarket.sol";
import {Offers} from "./Offers.sol";
import {Placement} from "./Placement.sol";

/// @title How orders begin
/// @notice Every line becomes an order first, then each token is collected once for the whole basket.
abstract contract Baskets is Offers, Placement, PausableUpgradeable {
    /// @inheritdoc IMarket
    function placeOrders(Line[] calldata lines) external payable whenNotPaused nonReentrant returns (uint256[] memory) {
        return _place(lines);
    }

    /// @inheritdoc IMarket
    function placeOrdersWithPermit(
        Line[] calldata lines,
        address token,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external payable whenNotPaused nonReentrant returns (uint256[] memory) {
        _requireAllowed(token);
        try IERC20Permit(token).permit(msg.sender, address(this), value, deadline, v, r, s) {}
        catch {
            // Anyone may submit a permit they have seen. What counts is that the allowance is there.
            uint256 allowed = IERC20(token).allowance(msg.sender, address(this));
            if (allowed < value) revert PermitFailed(token, value, allowed);
        }
        return _place(lines);
    }

    function _place(Line[] calldata lines) private returns (uint256[] memory orderIds) {
        uint256 count = lines.length;
        if (count == 0) revert NothingToDo();
        orderIds = new uint256[](count);
        address[] memory tokens = new address[](count);
        uint256[] memory totals = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            Funding memory f = _fund(lines[i]);
            orderIds[i] = f.orderId;
            _addTo(tokens, totals, f.token, f.amount);
        }
        _collect(tokens, totals);
    }
}
