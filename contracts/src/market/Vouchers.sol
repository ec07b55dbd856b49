// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Campaigns} from "./Campaigns.sol";
import {ICouponVault} from "./ICouponVault.sol";
import {Placement} from "./Placement.sol";

/// @title How vouchers move a budget into an order
/// @notice A voucher names its buyer, so nobody gains by seeing it first, and its person's nullifier is marked before
/// any money moves.
abstract contract Vouchers is Campaigns, Placement, EIP712 {
    /// @dev No order carries more subsidies, so ending one is always cheap.
    uint256 internal constant COUPONS_MAX = 3;
    bytes32 internal constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(uint256 campaignId,bytes32 nullifier,address buyer,uint256 offerId,bytes32 category,uint64 expiresAt)"
    );

    /// @inheritdoc ICouponVault
    function voucherUsed(uint256 campaignId, bytes32 nullifier) external view returns (bool) {
        return _market().nullifierUsed[campaignId][nullifier];
    }

    /// @inheritdoc ICouponVault
    function voucherHash(Voucher calldata voucher) external view returns (bytes32) {
        return _voucherHash(voucher);
    }

    /// @inheritdoc ICouponVault
    function subsidiesOf(uint256 orderId) external view returns (Subsidy[] memory) {
        return _market().subsidies[orderId];
    }

    /// @dev Applies a line's vouchers in their order and returns what the buyer need not pay.
    function _applyVouchers(Funding memory f, uint256 offerId, SignedVoucher[] calldata vouchers)
        internal
        returns (uint256 sum)
    {
        uint256 count = vouchers.length;
        if (count == 0) return 0;
        if (count > COUPONS_MAX) revert NotStackable(vouchers[COUPONS_MAX].voucher.campaignId);
        _market().order[f.orderId].extras |= HAS_COUPONS;
        for (uint256 i = 0; i < count; ++i) {
            Voucher calldata v = vouchers[i].voucher;
            Campaign storage c = _knownCampaign(v.campaignId);
            _requireStackable(f.orderId, v.campaignId, count == 1 || c.terms.stackable);
            _requireValid(c, vouchers[i]);
            _requireInScope(c, v, f, offerId);
            sum += _applyVoucher(c, v, f, f.amount - sum);
        }
    }

    function _applyVoucher(Campaign storage c, Voucher calldata v, Funding memory f, uint256 unpaid)
        internal
        virtual
        returns (uint256 amount)
    {
        amount = Math.min(_worth(c, f.amount), unpaid);
        if (amount == 0) revert NothingToSubsidise(v.campaignId);
        if (c.available < amount) revert CampaignExhausted(v.campaignId, amount, c.available);
        _book(c, v, f.orderId, amount);
    }

    function _book(Campaign storage c, Voucher calldata v, uint256 orderId, uint256 amount) internal {
        _market().nullifierUsed[v.campaignId][v.nullifier] = true;
        c.available -= uint128(amount);
        c.locked += uint128(amount);
        _market().subsidies[orderId].push(Subsidy(uint64(v.campaignId), uint128(amount), v.nullifier));
        emit CouponApplied(orderId, v.campaignId, msg.sender, v.nullifier, amount);
    }

    /// @dev Percentages round down: the budget is never asked for more than was promised.
    function _worth(Campaign storage c, uint256 amount) internal view returns (uint256) {
        uint256 percentBps = c.terms.percentBps;
        uint256 promised = percentBps == 0 ? c.terms.amount : Math.mulDiv(amount, percentBps, BPS);
        return Math.min(promised, c.terms.subsidyMax);
    }

    function _voucherHash(Voucher calldata voucher) private view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, voucher)));
    }

    function _requireValid(Campaign storage c, SignedVoucher calldata signed) private view {
        Voucher calldata v = signed.voucher;
        (uint64 startsAt, uint64 endsAt) = (c.terms.startsAt, c.terms.endsAt);
        if (block.timestamp < startsAt || block.timestamp > endsAt) {
            revert CampaignNotRunning(v.campaignId, startsAt, endsAt);
        }
        if (v.buyer != msg.sender) revert VoucherNotYours(v.campaignId, v.buyer);
        if (block.timestamp > v.expiresAt) revert VoucherExpired(v.campaignId, v.expiresAt);
        if (_market().nullifierUsed[v.campaignId][v.nullifier]) revert VoucherUsed(v.campaignId, v.nullifier);
        address issuer = c.terms.issuer;
        if (!SignatureChecker.isValidSignatureNowCalldata(issuer, _voucherHash(v), signed.signature)) {
            revert VoucherNotSigned(v.campaignId, issuer);
        }
    }

    /// @dev A category needs the offer named, since only the issuer's word ties the two together.
    function _requireInScope(Campaign storage c, Voucher calldata v, Funding memory f, uint256 offerId) private view {
        bool offer = v.offerId == offerId || (v.offerId == 0 && c.terms.category == 0);
        bool seller = c.terms.seller == address(0) || c.terms.seller == f.seller;
        bool category = c.terms.category == 0 || c.terms.category == v.category;
        if (!offer || !seller || !category || c.terms.token != f.token) {
            revert VoucherOutOfScope(v.campaignId, offerId);
        }
        if (f.amount < c.terms.spendMin) revert SpendTooLow(v.campaignId, f.amount, c.terms.spendMin);
    }

    function _requireStackable(uint256 orderId, uint256 campaignId, bool stackable) private view {
        Subsidy[] storage before = _market().subsidies[orderId];
        for (uint256 i = 0; i < before.length; ++i) {
            if (before[i].campaignId == campaignId) stackable = false;
        }
        if (!stackable) revert NotStackable(campaignId);
    }
}
