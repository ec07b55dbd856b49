// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title The roles of the authority
/// @notice The AccessManager knows roles by number; these are the numbers every deployment uses.
library Roles {
    /// @notice Grants and revokes roles. AccessManager fixes this number.
    uint64 internal constant ADMIN = 0;
    /// @notice Sets fees, the token allow-list and the treasury.
    uint64 internal constant OPERATOR = 1;
    /// @notice Stops and resumes new orders.
    uint64 internal constant PAUSER = 2;
    /// @notice Issues and redeems tokens.
    uint64 internal constant MINTER = 3;
    /// @notice Replaces the implementation behind a proxy.
    uint64 internal constant UPGRADER = 4;
    /// @notice Attests that a parcel arrived.
    uint64 internal constant CARRIER = 5;
    /// @notice Certifies arbiters.
    uint64 internal constant CERTIFIER = 7;
    /// @notice Anchors supply-chain events, and binds them to shipments.
    uint64 internal constant ANCHORER = 6;
}
