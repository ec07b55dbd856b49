// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";
import {Orders} from "./Orders.sol";

/// @title The marketplace
/// @notice Assembles offers, baskets, orders and credits behind one proxy, with the authority's settings. What comes
/// after a sale, coupons and rule sets are modules: code of further contracts that runs here by delegatecall on the
/// same storage. The first one's address is part of this code, and the next one's of that, so that one upgrade moves
/// all together.
contract Market is Orders, UUPSUpgradeable, Proxy {
    /// @dev No operator can set a fee above this.
    uint16 internal constant FEE_BPS_MAX = 500;
    uint16 internal constant BOND_BPS_MAX = 1_000;

    address private immutable AFTERSALES;

    constructor(address aftersales) {
        AFTERSALES = aftersales;
        _disableInitializers();
    }

    /// @dev An arbitrator giving a fee back sends plain coin while the market waits for it.
    receive() external payable {
        if (!_reentrancyGuardEntered()) revert IAftersales.UnexpectedCoin();
    }

    /// @notice Sets the market up behind its proxy.
    function initialize(address authority_, address treasury_, uint16 feeBps, uint16 bondBps) external initializer {
        __AccessManaged_init(authority_);
        __Pausable_init();
        _setTreasury(treasury_);
        _setFeeSchedule(feeBps, bondBps);
    }

    /// @inheritdoc IMarket
    function setFeeSchedule(uint16 feeBps, uint16 bondBps) external restricted returns (uint32) {
        return _setFeeSchedule(feeBps, bondBps);
    }

    /// @inheritdoc IMarket
    function setTokenAllowed(address token, bool allowed) external restricted {
        _market().tokenAllowed[token] = allowed;
        emit TokenAllowed(token, allowed);
    }

    /// @inheritdoc IMarket
    function setTreasury(address treasury_) external restricted {
        _setTreasury(treasury_);
    }

    /// @inheritdoc IMarket
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IMarket
    function unpause() external restricted {
        _unpause();
    }

    /// @inheritdoc IMarket
    function feeSchedule() external view returns (uint32 version, uint16 feeBps, uint16 bondBps) {
        Layout storage $ = _market();
        return ($.feeVersion, $.feeBps, $.bondBps);
    }

    /// @inheritdoc IMarket
    function treasury() external view returns (address) {
        return _market().treasury;
    }

    /// @inheritdoc IMarket
    function counts() external view returns (uint64 offers, uint64 orders) {
        return (_market().offers, _market().orders);
    }

    function _setFeeSchedule(uint16 feeBps, uint16 bondBps) private returns (uint32 version) {
        if (feeBps > FEE_BPS_MAX) revert RateTooHigh(feeBps, FEE_BPS_MAX);
        if (bondBps > BOND_BPS_MAX) revert RateTooHigh(bondBps, BOND_BPS_MAX);
        Layout storage $ = _market();
        version = ++$.feeVersion;
        $.feeBps = feeBps;
        $.bondBps = bondBps;
        emit FeeScheduleSet(version, feeBps, bondBps);
    }

    function _setTreasury(address treasury_) private {
        if (treasury_ == address(0)) revert ZeroAddress();
        _market().treasury = treasury_;
        emit TreasurySet(treasury_);
    }

    function _implementation() internal view override returns (address) {
        return AFTERSALES;
    }

    function _authorizeUpgrade(address) internal override restricted {}
}
