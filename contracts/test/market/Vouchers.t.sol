// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Fair} from "../support/Fair.sol";

contract VouchersTest is Fair {
    function test_PlaceOrdersWith_BuyerAndCampaignPayTogether() external {
        uint256 before = stable.balanceOf(buyer);
        (uint256 campaignId, uint256 id) = _discounted();
        vm.assertEq(before - stable.balanceOf(buyer), _total() - _subsidy());
        vm.assertEq(market.order(id).amount, _total());
        vm.assertEq(vault.subsidiesOf(id)[0].amount, _subsidy());
        vm.assertTrue(vault.voucherUsed(campaignId, keccak256("person")));
        _assertCampaign(campaignId, 100e6 - _subsidy(), _subsidy(), 0, 0);
    }

    function test_PlaceOrdersWith_Emits() external {
        uint256 campaignId = _launch();
        uint256 offerId = _publish();
        ICouponVault.SignedVoucher memory signed = _sign(_voucher(campaignId));
        vm.expectEmit(true, true, true, true, address(market));
        emit ICouponVault.AffiliateSet(1, affiliate, 2_500);
        vm.expectEmit(true, true, true, true, address(market));
        emit ICouponVault.CouponApplied(1, campaignId, buyer, keccak256("person"), _subsidy());
        _buyWith(offerId, signed);
    }

    function test_PlaceOrdersWith_RevertWhen_ListsDifferEmptyOrPaused() external {
        uint256 offerId = _publish();
        IMarket.Line[] memory lines = _lines(offerId, 1);
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.VoucherListMismatch.selector, 1, 0));
        vault.placeOrdersWith(lines, new ICouponVault.SignedVoucher[][](0), address(0));
        vm.expectRevert(IMarket.NothingToDo.selector);
        vault.placeOrdersWith(new IMarket.Line[](0), new ICouponVault.SignedVoucher[][](0), address(0));
        vm.stopPrank();
        vm.prank(operator);
        market.pause();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        vm.prank(buyer);
        vault.placeOrdersWith(lines, new ICouponVault.SignedVoucher[][](1), address(0));
    }

    function test_Voucher_RevertWhen_SomebodyElseUsesIt() external {
        uint256 campaignId = _launch();
        ICouponVault.SignedVoucher[][] memory lists = _lists(_sign(_voucher(campaignId)));
        IMarket.Line[] memory lines = _lines(_publish(), 1);
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.VoucherNotYours.selector, campaignId, buyer));
        vm.prank(stranger);
        vault.placeOrdersWith(lines, lists, address(0));
    }

    function test_Voucher_RevertWhen_UsedTwice() external {
        (uint256 campaignId,) = _discounted();
        ICouponVault.Voucher memory voucher = _voucher(campaignId);
        _refuse(voucher, abi.encodeWithSelector(ICouponVault.VoucherUsed.selector, campaignId, voucher.nullifier));
    }

    function test_Voucher_RevertWhen_UsedTwiceInOneBasket() external {
        uint256 campaignId = _launch();
        ICouponVault.SignedVoucher memory signed = _sign(_voucher(campaignId));
        ICouponVault.SignedVoucher[][] memory lists = new ICouponVault.SignedVoucher[][](2);
        (lists[0], lists[1]) = (_lists(signed)[0], _lists(signed)[0]);
        uint256 offerId = _publish();
        IMarket.Line[] memory lines = new IMarket.Line[](2);
        (lines[0], lines[1]) = (_line(offerId, 1), _line(offerId, 1));
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.VoucherUsed.selector, campaignId, keccak256("person")));
        vm.prank(buyer);
        vault.placeOrdersWith(lines, lists, address(0));
    }

    function test_Voucher_RevertWhen_NotSignedByTheIssuer() external {
        uint256 campaignId = _launch();
        ICouponVault.SignedVoucher memory signed = _signAs(BUYER_KEY, _voucher(campaignId));
        uint256 offerId = _publish();
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.VoucherNotSigned.selector, campaignId, issuer));
        this.buyWith(offerId, signed);
        signed = _sign(_voucher(campaignId));
        signed.voucher.nullifier = keccak256("another person");
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.VoucherNotSigned.selector, campaignId, issuer));
        this.buyWith(offerId, signed);
    }

    function test_Voucher_RevertWhen_ExpiredOrCampaignNotRunning() external {
        uint256 campaignId = _launch();
        ICouponVault.Voucher memory voucher = _voucher(campaignId);
        voucher.expiresAt = uint64(START - 1);
        _refuse(voucher, abi.encodeWithSelector(ICouponVault.VoucherExpired.selector, campaignId, START - 1));
        bytes memory notRunning =
            abi.encodeWithSelector(ICouponVault.CampaignNotRunning.selector, campaignId, START, START + 30 days);
        vm.warp(START + 30 days + 1);
        _refuse(_voucher(campaignId), notRunning);
        vm.warp(START - 1);
        _refuse(_voucher(campaignId), notRunning);
    }

    function test_Voucher_RevertWhen_OutOfScope() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.seller = otherSeller;
        _refuseScope(_voucher(_launch(t, 10e6)));
        t = _campaignTerms();
        t.token = NATIVE;
        vm.prank(partner);
        _refuseScope(_voucher(vault.openCampaign(t, 0)));
        ICouponVault.Voucher memory voucher = _voucher(_launch());
        voucher.offerId = 77;
        _refuseScope(voucher);
        t = _campaignTerms();
        t.category = keccak256("books");
        voucher = _voucher(_launch(t, 10e6));
        voucher.category = keccak256("books");
        _refuseScope(voucher);
        voucher.category = keccak256("lamps");
        _refuseScope(voucher);
    }

    function test_Voucher_CategoryWithOfferIsInScope() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.category = keccak256("lamps");
        ICouponVault.Voucher memory voucher = _voucher(_launch(t, 10e6));
        (voucher.offerId, voucher.category) = (_publish(), keccak256("lamps"));
        vm.assertEq(vault.subsidiesOf(_buyWith(voucher.offerId, _sign(voucher))).length, 1);
    }

    function test_Voucher_RevertWhen_SpendIsTooLowOrBudgetTooSmall() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.spendMin = uint128(_total() + 1);
        uint256 id = _launch(t, 10e6);
        _refuse(_voucher(id), abi.encodeWithSelector(ICouponVault.SpendTooLow.selector, id, _total(), _total() + 1));
        id = _launch(_campaignTerms(), _subsidy() - 1);
        _refuse(
            _voucher(id),
            abi.encodeWithSelector(ICouponVault.CampaignExhausted.selector, id, _subsidy(), _subsidy() - 1)
        );
    }

    function test_Voucher_RevertWhen_NothingIsLeftToPay() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.spendMin = 0;
        uint256 id = _launch(t, 10e6);
        uint256 offerId = _publishAs(seller, _terms(address(stable), 0, 0));
        ICouponVault.SignedVoucher memory signed = _sign(_voucher(id));
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.NothingToSubsidise.selector, id));
        this.buyWith(offerId, signed);
    }

    function test_Voucher_FixedAmountNeverAboveTheOrder() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        (t.percentBps, t.amount, t.subsidyMax) = (0, 90e6, 95e6);
        uint256 before = stable.balanceOf(buyer);
        uint256 id = _launch(t, 100e6);
        uint256 order = _buyWith(_publish(), _sign(_voucher(id)));
        vm.assertEq(stable.balanceOf(buyer), before);
        vm.assertEq(vault.subsidiesOf(order)[0].amount, _total());
    }

    function test_Stacking_OnlyStackableAndOnlyThree() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.stackable = true;
        uint256[4] memory ids = [_launch(t, 50e6), _launch(t, 50e6), _launch(t, 50e6), _launch(t, 50e6)];
        uint256 lone = _launch();
        uint256 offerId = _publish();
        ICouponVault.SignedVoucher[][] memory lists = new ICouponVault.SignedVoucher[][](1);
        lists[0] = new ICouponVault.SignedVoucher[](2);
        (lists[0][0], lists[0][1]) = (_sign(_voucher(ids[0])), _sign(_voucher(lone)));
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.NotStackable.selector, lone));
        this.buyWithMany(offerId, lists);
        lists[0][1] = _sign(_otherPerson(ids[0]));
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.NotStackable.selector, ids[0]));
        this.buyWithMany(offerId, lists);
        lists[0] = new ICouponVault.SignedVoucher[](4);
        for (uint256 i = 0; i < 4; ++i) {
            lists[0][i] = _sign(_voucher(ids[i]));
        }
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.NotStackable.selector, ids[3]));
        this.buyWithMany(offerId, lists);
        ICouponVault.SignedVoucher[] memory three = new ICouponVault.SignedVoucher[](3);
        (three[0], three[1], three[2]) = (lists[0][0], lists[0][1], lists[0][2]);
        lists[0] = three;
        uint256 order = this.buyWithMany(offerId, lists);
        vm.assertEq(vault.subsidiesOf(order).length, 3);
    }

    function test_Released_SubsidyVestsAndAffiliateIsPaidFromTheFee() external {
        (uint256 campaignId, uint256 id) = _discounted();
        _deliver(id);
        vm.prank(buyer);
        market.release(one(id));
        _assertCampaign(campaignId, 100e6 - _subsidy(), 0, _subsidy(), 0);
        vm.assertEq(_credit(seller), 10_000e6 + _total() - _fee(_total()));
        vm.assertEq(_credit(affiliate), _fee(_total()) / 4);
        vm.assertEq(_credit(treasury), _fee(_total()) - _fee(_total()) / 4);
        vm.assertTrue(vault.voucherUsed(campaignId, keccak256("person")));
    }

    function test_Refunded_EachGetsBackWhatTheyPaidAndTheVoucherIsFree() external {
        (uint256 campaignId, uint256 id) = _discounted();
        vm.prank(buyer);
        market.cancel(id);
        vm.assertEq(_credit(buyer), _total() - _subsidy());
        vm.assertEq(_credit(affiliate), 0);
        _assertCampaign(campaignId, 100e6, 0, 0, 0);
        vm.assertFalse(vault.voucherUsed(campaignId, keccak256("person")));
        id = _buyWith(1, _sign(_voucher(campaignId)));
        vm.prank(seller);
        market.accept(one(id));
        vm.warp(START + 5 days + 1);
        market.refundExpired(one(id));
        vm.assertEq(_credit(buyer), 2 * (_total() - _subsidy()) + _bondOf(_total()));
        _assertCampaign(campaignId, 100e6, 0, 0, 0);
    }

    function testFuzz_Settled_SubsidyVestsInProportion(uint256 buyerAmount) external {
        (uint256 campaignId, uint256 id) = _discounted();
        _deliver(id);
        buyerAmount = bound(buyerAmount, 1, _total());
        vm.prank(buyer);
        after_.dispute(id, buyerAmount, 0);
        vm.prank(seller);
        after_.acceptSplit(id, buyerAmount);
        uint256 returned = _subsidy() * buyerAmount / _total();
        uint256 fee = _fee(_total() - buyerAmount);
        _assertCampaign(campaignId, 100e6 - _subsidy() + returned, 0, _subsidy() - returned, 0);
        vm.assertEq(_credit(buyer), buyerAmount - returned);
        vm.assertEq(_credit(seller), 10_000e6 + _total() - buyerAmount - fee);
        vm.assertEq(_credit(affiliate) + _credit(treasury), fee);
        vm.assertEq(_credit(affiliate), fee / 4);
    }

    function test_Affiliate_RevertWhen_BuyerOrSeller() external {
        IMarket.Line[] memory lines = _lines(_publish(), 1);
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.AffiliateIsParty.selector, buyer));
        vault.placeOrdersWith(lines, new ICouponVault.SignedVoucher[][](1), buyer);
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.AffiliateIsParty.selector, seller));
        vault.placeOrdersWith(lines, new ICouponVault.SignedVoucher[][](1), seller);
        vm.stopPrank();
    }

    function test_AffiliateShare_BoundedAndKeptByTheOrder() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.RateTooHigh.selector, 5_001, 5_000));
        vm.prank(operator);
        vault.setAffiliateShare(5_001);
        (, uint256 id) = _discounted();
        vm.prank(operator);
        vault.setAffiliateShare(0);
        (address who, uint16 shareBps) = vault.affiliateOf(id);
        vm.assertEq(who, affiliate);
        vm.assertEq(shareBps, 2_500);
        vm.assertEq(vault.affiliateShare(), 0);
    }

    /// @dev From outside, so that a refusal is expected of one call.
    function buyWith(uint256 offerId, ICouponVault.SignedVoucher memory voucher) external returns (uint256) {
        return _buyWith(offerId, voucher);
    }

    function buyWithMany(uint256 offerId, ICouponVault.SignedVoucher[][] memory lists) external returns (uint256) {
        return _buyWith(offerId, lists);
    }

    function _refuse(ICouponVault.Voucher memory voucher, bytes memory error_) private {
        uint256 offerId = _publish();
        ICouponVault.SignedVoucher memory signed = _sign(voucher);
        vm.expectRevert(error_);
        this.buyWith(offerId, signed);
    }

    function _refuseScope(ICouponVault.Voucher memory voucher) private {
        (uint64 offers,) = market.counts();
        _refuse(
            voucher, abi.encodeWithSelector(ICouponVault.VoucherOutOfScope.selector, voucher.campaignId, offers + 1)
        );
    }

    function _otherPerson(uint256 campaignId) private view returns (ICouponVault.Voucher memory voucher) {
        voucher = _voucher(campaignId);
        voucher.nullifier = keccak256("another person");
    }
}
