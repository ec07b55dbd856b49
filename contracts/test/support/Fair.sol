// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Court} from "./Court.sol";

/// @title A court with campaigns
abstract contract Fair is Court {
    uint256 internal constant ISSUER_KEY = 0x1554E7;
    address internal issuer = vm.addr(ISSUER_KEY);
    address internal partner = address(0x9A47E7);
    address internal affiliate = address(0xAFF11);

    function setUp() public virtual override {
        super.setUp();
        vm.startPrank(operator);
        vault.setAffiliateShare(2_500);
        stable.mint(partner, 1_000e6);
        stable.mint(stranger, 1_000e6);
        vm.stopPrank();
        vm.prank(partner);
        stable.approve(address(market), type(uint256).max);
        vm.prank(stranger);
        stable.approve(address(market), type(uint256).max);
    }

    /// @dev A tenth of the order, ten dollars at most.
    function _campaignTerms() internal view returns (ICouponVault.CampaignTerms memory) {
        return ICouponVault.CampaignTerms({
            token: address(stable),
            issuer: issuer,
            percentBps: 1_000,
            amount: 0,
            subsidyMax: 10e6,
            spendMin: 1e6,
            startsAt: uint64(START),
            endsAt: uint64(START + 30 days),
            seller: address(0),
            category: 0,
            stackable: false
        });
    }

    function _launch() internal returns (uint256) {
        return _launch(_campaignTerms(), 100e6);
    }

    function _launch(ICouponVault.CampaignTerms memory terms, uint256 amount) internal returns (uint256) {
        vm.prank(partner);
        return vault.openCampaign(terms, amount);
    }

    function _voucher(uint256 campaignId) internal view returns (ICouponVault.Voucher memory) {
        return ICouponVault.Voucher({
            campaignId: campaignId,
            nullifier: keccak256("person"),
            buyer: buyer,
            offerId: 0,
            category: 0,
            expiresAt: uint64(START + 10 days)
        });
    }

    function _sign(ICouponVault.Voucher memory voucher) internal view returns (ICouponVault.SignedVoucher memory) {
        return _signAs(ISSUER_KEY, voucher);
    }

    function _signAs(uint256 key, ICouponVault.Voucher memory voucher)
        internal
        view
        returns (ICouponVault.SignedVoucher memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, vault.voucherHash(voucher));
        return ICouponVault.SignedVoucher(voucher, abi.encodePacked(r, s, v));
    }

    function _lists(ICouponVault.SignedVoucher memory voucher)
        internal
        pure
        returns (ICouponVault.SignedVoucher[][] memory lists)
    {
        lists = new ICouponVault.SignedVoucher[][](1);
        lists[0] = new ICouponVault.SignedVoucher[](1);
        lists[0][0] = voucher;
    }

    function _buyWith(uint256 offerId, ICouponVault.SignedVoucher memory voucher) internal returns (uint256) {
        return _buyWith(offerId, _lists(voucher));
    }

    function _buyWith(uint256 offerId, ICouponVault.SignedVoucher[][] memory lists) internal returns (uint256) {
        IMarket.Line[] memory lines = _lines(offerId, 2);
        vm.prank(buyer);
        return vault.placeOrdersWith(lines, lists, affiliate)[0];
    }

    /// @dev Two lamps with a tenth off.
    function _discounted() internal returns (uint256 campaignId, uint256 id) {
        campaignId = _launch();
        id = _buyWith(_publish(), _sign(_voucher(campaignId)));
    }

    function _deliver(uint256 id) internal {
        vm.startPrank(seller);
        market.accept(one(id));
        market.ship(one(id), hashes(0));
        vm.stopPrank();
        vm.prank(buyer);
        market.confirmDelivery(one(id));
    }

    function _subsidy() internal pure returns (uint256) {
        return _total() / 10;
    }

    function _assertCampaign(uint256 id, uint256 available, uint256 locked, uint256 spent, uint256 withdrawn)
        internal
        view
    {
        ICouponVault.CampaignView memory c = vault.campaign(id);
        vm.assertEq(c.available, available, "available");
        vm.assertEq(c.locked, locked, "locked");
        vm.assertEq(c.spent, spent, "spent");
        vm.assertEq(c.withdrawn, withdrawn, "withdrawn");
        vm.assertEq(c.contributed, available + locked + spent + withdrawn, "contributed");
        vm.assertEq(stable.balanceOf(address(market)), market.liabilities(address(stable)), "tokens");
    }
}
