// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @notice Counts. The contract that the examples deploy; `tally.json` is what the compiler made of it.
contract Tally {
    uint256 public total;

    event Added(address indexed by, uint256 amount, uint256 total);

    error NothingToAdd();

    function add(uint256 amount) external {
        if (amount == 0) revert NothingToAdd();
        total += amount;
        emit Added(msg.sender, amount, total);
    }
}
