// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title A price that somebody publishes, and one that a small pool makes
/// @notice For drills on a fork only. Prices are in thousandths.
contract PostedPrice {
    uint256 public price;

    constructor(uint256 price_) {
        price = price_;
    }
}

/// @title A pool whose price is what it holds of each side
contract Pool {
    using SafeERC20 for IERC20;

    IERC20 private immutable TOKEN;
    uint256 private cash;
    uint256 private goods;

    constructor(IERC20 token, uint256 cash_, uint256 goods_) {
        TOKEN = token;
        cash = cash_;
        goods = goods_;
    }

    /// @notice Thousandths of a token for one unit of goods.
    function price() external view returns (uint256) {
        return cash * 1_000 / goods;
    }

    /// @notice Buys goods for tokens, along the curve of a constant product.
    function buy(uint256 amount) external {
        uint256 product = cash * goods;
        cash += amount;
        goods = product / cash;
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }
}

/// @title A lender that believes the pool
/// @notice The mechanics of price manipulations such as Mango's of October 2022: collateral counts at a price that
/// one trade moves.
contract Lender {
    using SafeERC20 for IERC20;

    error NotGuardian();
    error EnforcedPause();
    error Uncovered(uint256 debt, uint256 worth);

    IERC20 private immutable TOKEN;
    Pool private immutable POOL;
    address private immutable GUARDIAN;
    mapping(address account => uint256) private collateral;
    mapping(address account => uint256) private debt;
    bool public paused;

    constructor(IERC20 token, Pool pool, address guardian) {
        TOKEN = token;
        POOL = pool;
        GUARDIAN = guardian;
    }

    /// @notice Puts up units of goods. They are counted, not moved: the drill is about their price.
    function pledge(uint256 units) external {
        collateral[msg.sender] += units;
    }

    function borrow(uint256 amount) external {
        if (paused) revert EnforcedPause();
        uint256 worth = collateral[msg.sender] * POOL.price() / 1_000;
        debt[msg.sender] += amount;
        if (debt[msg.sender] > worth) revert Uncovered(debt[msg.sender], worth);
        TOKEN.safeTransfer(msg.sender, amount);
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
