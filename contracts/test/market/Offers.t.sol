// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IMarket} from "../../src/market/IMarket.sol";
import {Town} from "../support/Town.sol";

contract OffersTest is Town {
    function test_PublishOffer_RevertWhen_TokenNotAllowed() external {
        IMarket.Terms memory terms = _terms(address(guild), PRICE, SHIPPING);
        vm.expectRevert(abi.encodeWithSelector(IMarket.TokenNotAllowed.selector, address(guild)));
        market.publishOffer(terms, 1, 0);
    }

    function test_PublishOffer_RevertWhen_TimeLimitOutOfBounds() external {
        IMarket.Terms memory terms = _terms(address(stable), PRICE, SHIPPING);
        terms.shipWithin = 30 days + 1;
        _expectOutOfBounds(30 days + 1, 30 days);
        market.publishOffer(terms, 1, 0);
        terms.shipWithin = 30 days;
        terms.acceptWithin = 1 hours - 1;
        _expectOutOfBounds(1 hours - 1, 7 days);
        market.publishOffer(terms, 1, 0);
        terms.acceptWithin = 1 hours;
        terms.deliverWithin = 60 days + 1;
        _expectOutOfBounds(60 days + 1, 60 days);
        market.publishOffer(terms, 1, 0);
        terms.deliverWithin = 60 days;
        terms.inspectWithin = 30 days + 1;
        _expectOutOfBounds(30 days + 1, 30 days);
        market.publishOffer(terms, 1, 0);
    }

    function test_PublishOffer_EmitsAndNumbersFromOne() external {
        IMarket.Terms memory terms = _terms(address(stable), PRICE, SHIPPING);
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OfferPublished(1, seller, 1, terms, 7, keccak256("lamp"));
        vm.prank(seller);
        vm.assertEq(market.publishOffer(terms, 7, keccak256("lamp")), 1);
        vm.assertEq(_publish(), 2);
        IMarket.OfferView memory o = market.offer(1);
        vm.assertEq(o.seller, seller);
        vm.assertEq(o.version, 1);
        vm.assertEq(o.stock, 7);
        vm.assertTrue(o.active);
        vm.assertEq(o.termsHash, market.termsHash(1));
        vm.assertEq(o.terms.unitPrice, PRICE);
        (uint64 offers,) = market.counts();
        vm.assertEq(offers, 2);
    }

    function test_PublishOffer_TakesPriceOfZero() external {
        uint256 id = _buy(_publishAs(seller, _terms(address(stable), 0, 0)), 1);
        vm.assertEq(market.order(id).amount, 0);
        vm.assertEq(market.order(id).bond, 0);
    }

    function test_ReviseOffer_RevertWhen_NotSeller() external {
        uint256 id = _publish();
        IMarket.Terms memory terms = _terms(address(stable), 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotSeller.selector, id, stranger));
        vm.prank(stranger);
        market.reviseOffer(id, terms, 0);
    }

    function test_ReviseOffer_RevertWhen_Unknown() external {
        IMarket.Terms memory terms = _terms(address(stable), 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.UnknownOffer.selector, 9));
        market.reviseOffer(9, terms, 0);
    }

    function test_ReviseOffer_MakesNewVersion() external {
        uint256 id = _publish();
        bytes32 before = market.termsHash(id);
        vm.prank(seller);
        market.reviseOffer(id, _terms(address(stable), PRICE + 1, 0), 0);
        vm.assertEq(market.offer(id).version, 2);
        vm.assertTrue(before != market.termsHash(id));
    }

    function test_ReviseOffer_LeavesPlacedOrdersAlone() external {
        uint256 id = _funded();
        IMarket.OrderView memory before = market.order(id);
        vm.prank(seller);
        market.reviseOffer(1, _terms(NATIVE, PRICE + 1, 0), 0);
        vm.assertEq(keccak256(abi.encode(market.order(id))), keccak256(abi.encode(before)));
    }

    function test_SetStock_RevertWhen_NotSeller() external {
        uint256 id = _publish();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotSeller.selector, id, stranger));
        vm.prank(stranger);
        market.setStock(id, 1);
    }

    function test_SetStock_Sets() external {
        uint256 id = _publish();
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OfferStockSet(id, 3);
        vm.prank(seller);
        market.setStock(id, 3);
        vm.assertEq(market.offer(id).stock, 3);
    }

    function test_SetOfferActive_RevertWhen_NotSeller() external {
        uint256 id = _publish();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotSeller.selector, id, stranger));
        vm.prank(stranger);
        market.setOfferActive(id, false);
    }

    function test_SetOfferActive_TakesOffAndPutsBack() external {
        uint256 id = _publish();
        vm.prank(seller);
        market.setOfferActive(id, false);
        IMarket.Line[] memory lines = _lines(id, 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.OfferNotActive.selector, id));
        vm.prank(buyer);
        market.placeOrders(lines);
        vm.prank(seller);
        market.setOfferActive(id, true);
        _buy(id, 1);
    }

    function _expectOutOfBounds(uint256 given, uint256 most) private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.TermOutOfBounds.selector, given, 1 hours, most));
    }
}
