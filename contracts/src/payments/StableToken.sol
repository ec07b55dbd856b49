// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {
    ERC20PermitUpgradeable
} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20PermitUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// @title The guild's money of account
/// @notice ERC-20 with permit and 6 decimals. The issuer mints to anyone and burns only what it holds itself, so
/// redeeming needs the holder to hand the tokens in and nobody's balance can be taken.
contract StableToken is ERC20PermitUpgradeable, AccessManagedUpgradeable, UUPSUpgradeable {
    /// @notice The two lists of a batch differ in length.
    error LengthMismatch(uint256 receivers, uint256 amounts);

    constructor() {
        _disableInitializers();
    }

    /// @notice Sets the token up behind its proxy.
    function initialize(address authority_) external initializer {
        __ERC20_init("Guildhall Dollar", "gUSD");
        __ERC20Permit_init("Guildhall Dollar");
        __AccessManaged_init(authority_);
    }

    /// @notice Issues tokens to one holder.
    function mint(address to, uint256 amount) external restricted {
        _mint(to, amount);
    }

    /// @notice Issues tokens to many holders, `amount[i]` to `to[i]`.
    function mintBatch(address[] calldata to, uint256[] calldata amount) external restricted {
        if (to.length != amount.length) revert LengthMismatch(to.length, amount.length);
        for (uint256 i = 0; i < to.length; ++i) {
            _mint(to[i], amount[i]);
        }
    }

    /// @notice Redeems tokens the caller holds.
    function burn(uint256 amount) external restricted {
        _burn(msg.sender, amount);
    }

    /// @notice Cents of cents: one token is 1,000,000 units.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _authorizeUpgrade(address) internal override restricted {}
}
