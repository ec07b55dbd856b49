// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "../../src/market/IAftersales.sol";
import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Ghosts} from "./Ghosts.sol";

/// @title People who sell, buy with coupons, save and withdraw
abstract contract Traders is Ghosts {
    uint256 internal constant ISSUER_KEY = 0x1554E7;
    uint256 internal constant ORDERS_MAX = 90;

    address[] public people;
    address[] public tokens;
    uint256[] public offers;
    uint256[] public campaigns;
    address internal operator;
    address internal carrier;

    function publish(uint256 who, uint256 token, uint256 price) public {
        IMarket.Terms memory t = IMarket.Terms({
            token: tokens[token % tokens.length],
            unitPrice: uint128(price % 1e10),
            shippingPrice: uint128(price % 97),
            acceptWithin: 2 days,
            shipWithin: 5 days,
            deliverWithin: 9 days,
            inspectWithin: 7 days,
            digital: false
        });
        vm.prank(_person(who));
        offers.push(MARKET.publishOffer(t, 10_000, 0));
    }

    function launch(uint256 token, uint256 amount, bool stackable) public {
        address t = tokens[token % tokens.length];
        amount = 1 + amount % 1e9;
        ICouponVault.CampaignTerms memory terms_ = ICouponVault.CampaignTerms({
            token: t,
            issuer: vm.addr(ISSUER_KEY),
            percentBps: 2_000,
            amount: 0,
            subsidyMax: 1e9,
            spendMin: 0,
            startsAt: uint64(block.timestamp),
            endsAt: uint64(block.timestamp + 300 days),
            seller: address(0),
            category: 0,
            stackable: stackable
        });
        vm.prank(_person(0));
        uint256 id = _vault().openCampaign{value: t == COIN ? amount : 0}(terms_, amount);
        campaigns.push(id);
        vm.prank(_person(1));
        _vault().fundCampaign{value: t == COIN ? amount / 3 + 1 : 0}(id, amount / 3 + 1);
    }

    function place(uint256 roll) public {
        if (orders.length >= ORDERS_MAX) return;
        address who = _person(roll);
        uint256 offerId = offers[(roll >> 8) % offers.length];
        IMarket.Line[] memory lines = new IMarket.Line[](1);
        uint32 quantity = 1 + uint32((roll >> 16) % 3);
        lines[0] = IMarket.Line(offerId, MARKET.offer(offerId).version, quantity, MARKET.termsHash(offerId), 0);
        ICouponVault.SignedVoucher[][] memory vouchers = new ICouponVault.SignedVoucher[][](1);
        if ((roll >> 24) % 3 != 0) vouchers[0] = _vouchers(who, roll >> 32);
        uint256 value = _price(lines[0], vouchers[0]);
        bool paused = MARKET.paused();
        vm.prank(who);
        try _vault().placeOrdersWith{value: value}(lines, vouchers, AFFILIATE) returns (uint256[] memory ids) {
            if (paused) broken = "an order while paused";
            _placed(ids[0]);
        } catch {
            if (!paused) return;
            vm.prank(operator);
            MARKET.unpause();
        }
    }

    function save(uint256 who, uint256 token, uint256 amount) public {
        address t = tokens[token % tokens.length];
        amount = 1 + amount % 1e12;
        vm.prank(_person(who));
        MARKET.depositBond{value: t == COIN ? amount : 0}(t, amount);
    }

    function withdraw(uint256 who, uint256 token) public {
        address t = tokens[token % tokens.length];
        if (MARKET.creditOf(_person(who), t) == 0) return;
        vm.prank(_person(who));
        MARKET.withdraw(t);
    }

    function leftover(uint256 campaign, uint256 contribution) public {
        if (campaigns.length == 0) return;
        try _vault().creditLeftover(campaigns[campaign % campaigns.length], contribution % 2) {} catch {}
    }

    function settings(uint256 roll) public {
        vm.startPrank(operator);
        if (roll % 4 == 0) MARKET.setFeeSchedule(uint16((roll >> 8) % 501), uint16((roll >> 24) % 1_001));
        else if (roll % 4 == 1) _vault().setAffiliateShare(uint16((roll >> 8) % 5_001));
        else if (MARKET.paused()) MARKET.unpause();
        else if (roll % 8 == 2) MARKET.pause();
        vm.stopPrank();
    }

    /// @dev Few persons, so that the same one tries again.
    function _vouchers(address who, uint256 roll) private view returns (ICouponVault.SignedVoucher[] memory list) {
        if (campaigns.length == 0) return list;
        list = new ICouponVault.SignedVoucher[](1);
        ICouponVault.Voucher memory v = ICouponVault.Voucher({
            campaignId: campaigns[roll % campaigns.length],
            nullifier: keccak256(abi.encode(who, (roll >> 8) % 4)),
            buyer: who,
            offerId: 0,
            category: 0,
            expiresAt: type(uint64).max
        });
        (uint8 sv, bytes32 r, bytes32 s) = vm.sign(ISSUER_KEY, _vault().voucherHash(v));
        list[0] = ICouponVault.SignedVoucher(v, abi.encodePacked(r, s, sv));
    }

    /// @dev The coin a buyer must send, worked out as a buyer would.
    function _price(IMarket.Line memory line, ICouponVault.SignedVoucher[] memory list)
        private
        view
        returns (uint256 amount)
    {
        IMarket.Terms memory t = MARKET.offer(line.offerId).terms;
        if (t.token != COIN) return 0;
        amount = uint256(t.unitPrice) * line.quantity + t.shippingPrice;
        if (list.length == 0) return amount;
        uint256 subsidy = amount * 2_000 / 10_000;
        return amount - (subsidy > 1e9 ? 1e9 : subsidy);
    }

    function _person(uint256 who) internal view returns (address) {
        return people[who % people.length];
    }
}
