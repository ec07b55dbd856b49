// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICouponVault} from "./ICouponVault.sol";
import {IMarket} from "./IMarket.sol";
import {Module} from "./Module.sol";
import {Vouchers} from "./Vouchers.sol";

/// @title Baskets with vouchers and affiliates
/// @notice The market's third part, run at the market's address.
contract CouponVault is Vouchers, PausableUpgradeable, AccessManagedUpgradeable {
    /// @dev No operator can give affiliates more than half of the fee.
    uint16 internal constant AFFILIATE_BPS_MAX = 5_000;

    constructor(address next) Module(next) EIP712("Guildhall Market", "1") {}

    /// @inheritdoc ICouponVault
    function placeOrdersWith(IMarket.Line[] calldata lines, SignedVoucher[][] calldata vouchers, address affiliate)
        external
        payable
        throughMarket
        whenNotPaused
        nonReentrant
        returns (uint256[] memory orderIds)
    {
        uint256 count = lines.length;
        if (count == 0) revert IMarket.NothingToDo();
        if (count != vouchers.length) revert VoucherListMismatch(count, vouchers.length);
        orderIds = new uint256[](count);
        address[] memory tokens = new address[](count);
        uint256[] memory totals = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            Funding memory f = _placeLine(lines[i], vouchers[i], affiliate);
            orderIds[i] = f.orderId;
            _addTo(tokens, totals, f.token, f.amount);
        }
        _collect(tokens, totals);
    }

    /// @inheritdoc ICouponVault
    function setAffiliateShare(uint16 shareBps) external throughMarket restricted {
        if (shareBps > AFFILIATE_BPS_MAX) revert IMarket.RateTooHigh(shareBps, AFFILIATE_BPS_MAX);
        _market().affiliateShareBps = shareBps;
        emit AffiliateShareSet(shareBps);
    }

    /// @inheritdoc ICouponVault
    function affiliateOf(uint256 orderId) external view returns (address affiliate, uint16 shareBps) {
        Affiliate storage a = _market().affiliate[orderId];
        return (a.account, a.shareBps);
    }

    /// @inheritdoc ICouponVault
    function affiliateShare() external view returns (uint16 shareBps) {
        return _market().affiliateShareBps;
    }

    /// @dev What comes back asks the buyer for what the vouchers leave.
    function _placeLine(IMarket.Line calldata line, SignedVoucher[] calldata vouchers, address affiliate)
        private
        returns (Funding memory f)
    {
        f = _fund(line);
        _setAffiliate(f, affiliate);
        f.amount -= _applyVouchers(f, line.offerId, vouchers);
    }

    function _setAffiliate(Funding memory f, address affiliate) private {
        if (affiliate == address(0)) return;
        if (affiliate == msg.sender || affiliate == f.seller) revert AffiliateIsParty(affiliate);
        uint16 shareBps = _market().affiliateShareBps;
        _market().affiliate[f.orderId] = Affiliate(affiliate, shareBps);
        _market().order[f.orderId].extras |= HAS_AFFILIATE;
        emit AffiliateSet(f.orderId, affiliate, shareBps);
    }
}
