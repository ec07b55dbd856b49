// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "../../src/market/IAftersales.sol";
import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {PuppetArbitrator} from "../support/Court.sol";
import {Town} from "../support/Town.sol";

/// @notice The code that open orders were placed under, taken from its artifact, upgraded to today's.
contract UpgradeTest is Town {
    string internal constant FIRST = "artifacts/market/MarketV1.json";
    bool internal upgraded;

    /// @dev One order in each state, and the credits that ended ones left.
    function _everyState() private returns (uint256[6] memory ids) {
        ids = [_funded(), _accepted(), _shipped(), _delivered(), _released(), _funded()];
        vm.prank(seller);
        market.decline(ids[5]);
    }

    function _implementation() internal override returns (address made) {
        if (upgraded) return super._implementation();
        bytes memory code = vm.parseJsonBytes(vm.readFile(FIRST), ".bytecode");
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
    }

    function _upgrade() private {
        upgraded = true;
        address next = _implementation();
        vm.prank(operator);
        market.upgradeToAndCall(next, "");
    }

    function _addRules() private {
        address arbitrator = address(new PuppetArbitrator());
        IAftersales.AfterSales memory limits =
            IAftersales.AfterSales(3 days, 3 days, 7 days, 5 days, 3 days, 3 days, 14 days, true);
        vm.prank(operator);
        book.addRules(limits, arbitrator, "", "");
    }

    function test_Upgrade_FirstCodeKnowsNothingOfDisputes() external {
        (bool done,) = address(market).call(abi.encodeCall(IAftersales.caseOf, (1)));
        vm.assertFalse(done);
    }

    function test_Upgrade_EveryOrderOfferAndCreditIsTheSame() external {
        uint256[6] memory ids = _everyState();
        bytes32 before = _picture(ids);
        _upgrade();
        vm.assertEq(_picture(ids), before);
        _addRules();
        vm.assertEq(_picture(ids), before);
        _assertSolvent();
    }

    function test_Upgrade_OldOrdersReachEveryEndUnderTheirRules() external {
        uint256[6] memory ids = _everyState();
        _upgrade();
        _addRules();
        _assertOldRules(ids);
        vm.prank(buyer);
        market.cancel(ids[0]);
        assertState(ids[0], IMarket.State.Refunded);
        vm.prank(seller);
        market.ship(one(ids[1]), hashes(0));
        vm.prank(carrier);
        market.attestDelivery(one(ids[1]));
        vm.warp(START + 7 days + 2);
        market.release(one(ids[3]));
        market.release(one(ids[1]));
        vm.warp(START + 21 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.DeadlineNotPassed.selector, ids[2], START + 24 days));
        market.refundExpired(one(ids[2]));
        vm.warp(START + 24 days + 1);
        market.refundExpired(one(ids[2]));
        assertState(ids[2], IMarket.State.Refunded);
        for (uint256 i = 0; i < 6; ++i) {
            vm.assertEq(market.nextDeadline(ids[i]), 0);
        }
        _assertSolvent();
        _withdrawAll();
    }

    function test_Upgrade_OldOrdersTimeOutUnderTheirRules() external {
        uint256[6] memory ids = _everyState();
        _upgrade();
        _addRules();
        vm.warp(START + 48 hours + 1);
        market.refundExpired(one(ids[0]));
        vm.warp(START + 5 days + 1);
        market.refundExpired(one(ids[1]));
        vm.warp(START + 24 days);
        vm.prank(carrier);
        market.attestDelivery(one(ids[2]));
        vm.prank(buyer);
        market.release(one(ids[2]));
        vm.prank(buyer);
        market.release(one(ids[3]));
        _assertSolvent();
        _withdrawAll();
    }

    function test_Upgrade_OldOffersTakeOrdersUnderTheNewRules() external {
        uint256[6] memory ids = _everyState();
        _upgrade();
        uint256 id = _buy(market.order(ids[0]).offerId, 1);
        (uint8 rules,,) = after_.rulesOf(id);
        vm.assertEq(rules, 0);
        _addRules();
        id = _buy(market.order(ids[0]).offerId, 1);
        (rules,,) = after_.rulesOf(id);
        vm.assertEq(rules, 1);
        IMarket.Line[] memory lines = _lines(market.order(ids[0]).offerId, 1);
        vm.prank(buyer);
        id = vault.placeOrdersWith(lines, new ICouponVault.SignedVoucher[][](1), stranger)[0];
        vm.startPrank(seller);
        market.accept(one(id));
        market.ship(one(id), hashes(0));
        vm.stopPrank();
        vm.prank(buyer);
        after_.dispute(id, 1, 0);
        vm.prank(seller);
        after_.acceptSplit(id, 1);
        assertState(id, IMarket.State.Settled);
        _assertSolvent();
    }

    function _assertOldRules(uint256[6] memory ids) private {
        vm.warp(START + 1);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.OldRules.selector, ids[2]));
        vm.prank(buyer);
        after_.dispute(ids[2], 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.OldRules.selector, ids[3]));
        vm.prank(buyer);
        after_.requestReturn(ids[3], 0);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.OldRules.selector, ids[2]));
        after_.contest(one(ids[2]));
    }

    function _withdrawAll() private {
        address[3] memory people = [buyer, seller, treasury];
        for (uint256 i = 0; i < people.length; ++i) {
            if (market.creditOf(people[i], address(stable)) == 0) continue;
            vm.prank(people[i]);
            market.withdraw(address(stable));
        }
        vm.assertEq(stable.balanceOf(address(market)), market.creditOf(otherSeller, address(stable)));
    }

    function _assertSolvent() private view {
        vm.assertEq(stable.balanceOf(address(market)), market.liabilities(address(stable)), "tokens");
        vm.assertEq(address(market).balance, market.liabilities(NATIVE), "coin");
    }

    function _picture(uint256[6] memory ids) private view returns (bytes32 picture) {
        for (uint256 i = 0; i < ids.length; ++i) {
            IMarket.OrderView memory o = market.order(ids[i]);
            picture = keccak256(abi.encode(picture, o, market.offer(o.offerId), market.nextDeadline(ids[i])));
        }
        (uint32 version, uint16 feeBps, uint16 bondBps) = market.feeSchedule();
        (uint64 offers, uint64 orders) = market.counts();
        return keccak256(abi.encode(picture, version, feeBps, bondBps, offers, orders, market.treasury(), _money()));
    }

    function _money() private view returns (uint256[5] memory) {
        return [
            market.creditOf(buyer, address(stable)),
            market.creditOf(seller, address(stable)),
            market.creditOf(otherSeller, NATIVE),
            market.creditOf(treasury, address(stable)),
            market.liabilities(address(stable))
        ];
    }
}
