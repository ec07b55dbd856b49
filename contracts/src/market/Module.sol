// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {IAftersales} from "./IAftersales.sol";

/// @title Code that runs at the market's address only
/// @notice The market's code does not fit into one contract, so parts of it are reached by delegatecall, each passing
/// what it does not know on to the next. A module's own address has no storage worth anything, and refuses to do
/// anything there.
abstract contract Module is Proxy {
    address private immutable SELF = address(this);
    address private immutable NEXT;

    modifier throughMarket() {
        _requireThroughMarket();
        _;
    }

    /// @dev The last of the chain has no next, and a call that none knows fails there.
    constructor(address next) {
        NEXT = next;
    }

    receive() external payable {
        revert IAftersales.UnexpectedCoin();
    }

    function _implementation() internal view override returns (address) {
        _requireThroughMarket();
        if (NEXT == address(0)) revert IAftersales.UnknownCall(msg.sig);
        return NEXT;
    }

    function _requireThroughMarket() private view {
        if (address(this) == SELF) revert IAftersales.OnlyThroughMarket();
    }
}
