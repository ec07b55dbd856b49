// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {FuzzSelector} from "../support/Test.sol";
import {World} from "./World.sol";

/// @notice The nine invariants over orders, returns, disputes, arbiters and coupons together. The handler itself sees
/// 3 (an end is left or pays again), 5 (a timeout is refused), 6 (an order while paused), 7 (a person redeems twice)
/// and 9 (a fee without a sale).
contract WholeInvariantTest is World {
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = handler.step.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    function invariant_NineHold() external view {
        vm.assertEq(checkAll(), "");
    }
}
