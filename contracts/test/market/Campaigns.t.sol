// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Fair} from "../support/Fair.sol";
import {FeeToken} from "../support/Tokens.sol";

contract CampaignsTest is Fair {
    function test_OpenCampaign_RevertWhen_Unsound() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.issuer = address(0);
        _expectUnsound(t);
        t = _campaignTerms();
        t.endsAt = t.startsAt;
        _expectUnsound(t);
        t = _campaignTerms();
        (t.startsAt, t.endsAt) = (uint64(START - 10), uint64(START));
        _expectUnsound(t);
        t = _campaignTerms();
        t.endsAt = uint64(START + 731 days);
        _expectUnsound(t);
        t = _campaignTerms();
        t.amount = 1;
        _expectUnsound(t);
        t = _campaignTerms();
        t.percentBps = 0;
        _expectUnsound(t);
        t = _campaignTerms();
        t.percentBps = 10_001;
        _expectUnsound(t);
        t = _campaignTerms();
        t.subsidyMax = 0;
        _expectUnsound(t);
    }

    function test_OpenCampaign_RevertWhen_TokenNotAllowedOrWrongValue() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.token = address(guild);
        vm.expectRevert(abi.encodeWithSelector(IMarket.TokenNotAllowed.selector, address(guild)));
        vault.openCampaign(t, 1);
        vm.deal(partner, 2);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongValue.selector, 0, 1));
        vm.prank(partner);
        vault.openCampaign{value: 1}(_campaignTerms(), 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongValue.selector, 0, 1));
        vm.prank(partner);
        vault.openCampaign{value: 1}(_campaignTerms(), 5);
    }

    function test_OpenCampaign_LocksTheBudget() external {
        ICouponVault.CampaignTerms memory terms = _campaignTerms();
        vm.expectEmit(true, true, true, true, address(market));
        emit ICouponVault.CampaignOpened(1, partner, terms);
        vm.expectEmit(true, true, true, true, address(market));
        emit ICouponVault.CampaignFunded(1, partner, 0, 100e6, 100e6);
        vm.prank(partner);
        vault.openCampaign(terms, 100e6);
        _assertCampaign(1, 100e6, 0, 0, 0);
    }

    function test_FundCampaign_RevertWhen_UnknownZeroOrOver() external {
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.UnknownCampaign.selector, 3));
        vault.fundCampaign(3, 1);
        uint256 id = _launch();
        vm.expectRevert(IMarket.ZeroAmount.selector);
        vault.fundCampaign(id, 0);
        vm.warp(START + 30 days + 1);
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.CampaignNotRunning.selector, id, START, START + 30 days));
        vm.prank(partner);
        vault.fundCampaign(id, 1);
    }

    function test_FundCampaign_InCoin() external {
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.token = NATIVE;
        vm.deal(partner, 3 ether);
        vm.prank(partner);
        uint256 id = vault.openCampaign{value: 1 ether}(t, 1 ether);
        vm.prank(partner);
        vm.assertEq(vault.fundCampaign{value: 2 ether}(id, 2 ether), 1);
        vm.assertEq(vault.campaign(id).available, 3 ether);
        vm.assertEq(address(market).balance, market.liabilities(NATIVE));
    }

    function test_FundCampaign_RevertWhen_TokenTakesAFee() external {
        FeeToken token = new FeeToken();
        token.mint(partner, 1_000);
        vm.prank(operator);
        market.setTokenAllowed(address(token), true);
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.token = address(token);
        vm.startPrank(partner);
        token.approve(address(market), 1_000);
        vm.expectRevert(abi.encodeWithSelector(IMarket.TransferAmountMismatch.selector, address(token), 1_000, 990));
        vault.openCampaign(t, 1_000);
        vm.stopPrank();
    }

    function test_CreditLeftover_RevertWhen_RunningUnknownOrNothing() external {
        uint256 id = _launch();
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.CampaignRunning.selector, id, START + 30 days));
        vault.creditLeftover(id, 0);
        vm.warp(START + 30 days + 1);
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.UnknownContribution.selector, id, 1));
        vault.creditLeftover(id, 1);
        vault.creditLeftover(id, 0);
        vm.expectRevert(abi.encodeWithSelector(ICouponVault.NoLeftover.selector, id, 0));
        vault.creditLeftover(id, 0);
        vm.assertEq(_credit(partner), 100e6);
        _assertCampaign(id, 0, 0, 0, 100e6);
    }

    function test_CreditLeftover_GivesWhatComesBackLater() external {
        (uint256 id, uint256 order) = _discounted();
        vm.prank(seller);
        market.accept(one(order));
        vm.warp(START + 31 days);
        vault.creditLeftover(id, 0);
        vm.assertEq(_credit(partner), 100e6 - _subsidy());
        market.refundExpired(one(order));
        vault.creditLeftover(id, 0);
        vm.assertEq(_credit(partner), 100e6);
        _assertCampaign(id, 0, 0, 0, 100e6);
    }

    /// @dev However three share, and whatever is used: they get everything that is left, to the last unit, in shares
    /// that are off by one unit at most.
    function testFuzz_LeftoverIsSharedToTheLastUnit(uint64 a, uint64 b, uint64 c, uint16 percentBps) external {
        uint256[3] memory parts = [bound(a, 1, 300e6), bound(b, 1, 300e6), bound(c, 1, 300e6)];
        ICouponVault.CampaignTerms memory t = _campaignTerms();
        t.percentBps = uint16(bound(percentBps, 1, 10_000));
        uint256 id = _launch(t, parts[0]);
        vm.startPrank(stranger);
        vault.fundCampaign(id, parts[1]);
        vault.fundCampaign(id, parts[2]);
        vm.stopPrank();
        uint256 order = _tryBuy(id);
        vm.warp(START + 31 days);
        uint256 whole = vault.campaign(id).available;
        for (uint256 i = 0; i < 3; ++i) {
            _tryLeftover(id, i);
        }
        _assertShares(id, parts, whole);
        if (order != 0) market.refundExpired(one(order));
        for (uint256 i = 0; i < 3; ++i) {
            _tryLeftover(id, 2 - i);
        }
        vm.assertEq(vault.campaign(id).available, 0, "all given back");
        vm.assertEq(_credit(partner) + _credit(stranger), parts[0] + parts[1] + parts[2], "all of it");
    }

    function _assertShares(uint256 id, uint256[3] memory parts, uint256 whole) private view {
        uint256 sum = parts[0] + parts[1] + parts[2];
        for (uint256 i = 0; i < 3; ++i) {
            (,, uint256 withdrawn) = vault.contributionOf(id, i);
            vm.assertLe(withdrawn, whole * parts[i] / sum + 1);
            vm.assertGe(withdrawn + 1, whole * parts[i] / sum, "share");
        }
    }

    function _tryBuy(uint256 id) private returns (uint256) {
        uint256 offerId = _publish();
        IMarket.Line[] memory lines = _lines(offerId, 2);
        ICouponVault.SignedVoucher[][] memory lists = _lists(_sign(_voucher(id)));
        vm.prank(buyer);
        try vault.placeOrdersWith(lines, lists, address(0)) returns (uint256[] memory ids) {
            return ids[0];
        } catch {
            return 0;
        }
    }

    function _tryLeftover(uint256 id, uint256 contribution) private {
        try vault.creditLeftover(id, contribution) {} catch {}
    }

    function _expectUnsound(ICouponVault.CampaignTerms memory terms) private {
        vm.expectRevert(ICouponVault.InvalidCampaign.selector);
        vault.openCampaign(terms, 0);
    }
}
