// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IMarket} from "../../src/market/IMarket.sol";
import {Town} from "../support/Town.sol";

contract OrdersFuzzTest is Town {
    /// @dev More than ten per cent of the dearest order below.
    uint256 internal constant BACKING = 1e17;

    /// @dev Whatever price, quantity and rates: what goes in comes out, and the fee never rounds up.
    function testFuzz_ReleaseConservesMoney(
        uint128 price,
        uint128 shipping,
        uint32 quantity,
        uint16 feeBps,
        uint16 bondBps
    ) external {
        (uint256 id, uint256 amount) = _order(price, shipping, quantity, feeBps, bondBps);
        uint256 before = market.liabilities(address(stable));
        _deliver(id);
        vm.prank(buyer);
        market.release(one(id));
        uint256 toSeller = market.creditOf(seller, address(stable));
        uint256 toTreasury = market.creditOf(treasury, address(stable));
        vm.assertEq(toSeller + toTreasury, BACKING + amount);
        vm.assertEq(toTreasury, amount * market.order(id).feeBps / 10_000);
        vm.assertEq(market.liabilities(address(stable)), before);
    }

    /// @dev A refund for a ship-by that passed gives the buyer everything that was locked.
    function testFuzz_ShipExpiryGivesBuyerEverything(uint128 price, uint32 quantity, uint16 bondBps, uint32 late)
        external
    {
        (uint256 id, uint256 amount) = _order(price, 0, quantity, 0, bondBps);
        vm.prank(seller);
        market.accept(one(id));
        vm.warp(START + 5 days + 1 + uint256(late));
        market.refundExpired(one(id));
        uint256 bond = market.order(id).bond;
        vm.assertEq(market.creditOf(buyer, address(stable)), amount + bond);
        vm.assertEq(market.creditOf(seller, address(stable)), BACKING - bond);
    }

    /// @dev Party and public never may act in the same second.
    function testFuzz_AcceptAndRefundExcludeEachOther(uint32 wait) external {
        uint256 id = _funded();
        vm.warp(START + wait);
        uint256[] memory ids = one(id);
        vm.prank(stranger);
        (bool refunded,) = address(market).call(abi.encodeCall(IMarket.refundExpired, (ids)));
        vm.prank(seller);
        (bool accepted,) = address(market).call(abi.encodeCall(IMarket.accept, (ids)));
        vm.assertTrue(refunded != accepted);
    }

    function testFuzz_TermBounds(uint32 acceptWithin, uint32 shipWithin, uint32 deliverWithin, uint32 inspectWithin)
        external
    {
        IMarket.Terms memory terms = _terms(address(stable), 1, 1);
        (terms.acceptWithin, terms.shipWithin) = (acceptWithin, shipWithin);
        (terms.deliverWithin, terms.inspectWithin) = (deliverWithin, inspectWithin);
        bool good = _in(acceptWithin, 7 days) && _in(shipWithin, 30 days) && _in(deliverWithin, 60 days)
            && _in(inspectWithin, 30 days);
        (bool done,) = address(market).call(abi.encodeCall(IMarket.publishOffer, (terms, 1, 0)));
        vm.assertTrue(done == good);
    }

    function _in(uint32 given, uint32 most) private pure returns (bool) {
        return given >= 1 hours && given <= most;
    }

    function _order(uint128 price, uint128 shipping, uint32 quantity, uint16 feeBps, uint16 bondBps)
        private
        returns (uint256 id, uint256 amount)
    {
        price = uint128(bound(price, 0, 1e15));
        shipping = uint128(bound(shipping, 0, 1e15));
        quantity = uint32(bound(quantity, 1, 100));
        amount = uint256(price) * quantity + shipping;
        vm.startPrank(operator);
        market.setFeeSchedule(uint16(bound(feeBps, 0, 500)), uint16(bound(bondBps, 0, 1_000)));
        stable.mint(buyer, amount);
        stable.mint(seller, BACKING);
        vm.stopPrank();
        vm.prank(seller);
        market.withdraw(address(stable));
        vm.prank(seller);
        market.depositBond(address(stable), BACKING);
        id = _buy(_publishAs(seller, _terms(address(stable), price, shipping)), quantity);
    }

    function _deliver(uint256 id) private {
        vm.startPrank(seller);
        market.accept(one(id));
        market.ship(one(id), hashes(0));
        vm.stopPrank();
        vm.prank(buyer);
        market.confirmDelivery(one(id));
    }
}
