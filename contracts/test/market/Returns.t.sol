// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "../../src/market/IAftersales.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Court} from "../support/Court.sol";

contract ReturnsTest is Court {
    function test_Contest_RevertWhen_NotLate() external {
        uint256 id = _shipped();
        vm.warp(START + 21 days);
        _expectNotPassed(id);
        after_.contest(one(id));
    }

    function test_Contest_RevertWhen_NotShipped() external {
        uint256 id = _accepted();
        _expectWrongState(id, IMarket.State.Accepted);
        after_.contest(one(id));
    }

    function test_Contest_GivesSellerTimeToProve() external {
        uint256 id = _contested();
        assertState(id, IMarket.State.Contested);
        vm.assertEq(market.nextDeadline(id), START + 24 days + 1);
        _expectNotPassed(id);
        market.refundExpired(one(id));
    }

    function test_Contest_LateShipmentIsNotRefundedWithoutIt() external {
        uint256 id = _shipped();
        vm.warp(START + 100 days);
        _expectWrongState(id, IMarket.State.Shipped);
        market.refundExpired(one(id));
        vm.prank(carrier);
        market.attestDelivery(one(id));
        assertState(id, IMarket.State.Delivered);
    }

    function test_Contested_DeliveredWhen_CarrierAttests() external {
        uint256 id = _contested();
        vm.warp(START + 24 days + 1);
        vm.prank(carrier);
        market.attestDelivery(one(id));
        assertState(id, IMarket.State.Delivered);
        _pass(id);
        market.release(one(id));
        _assertSplit(0);
    }

    function test_Contested_DeliveredWhen_BuyerConfirms() external {
        uint256 id = _contested();
        vm.prank(buyer);
        market.confirmDelivery(one(id));
        assertState(id, IMarket.State.Delivered);
    }

    function test_Contested_RevertWhen_CarrierIsLate() external {
        uint256 id = _contested();
        _pass(id);
        _expectPassed(id);
        vm.prank(carrier);
        market.attestDelivery(one(id));
    }

    function test_Contested_RefundedWhen_NothingIsProven() external {
        uint256 id = _contested();
        _pass(id);
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OrderRefunded(id, stranger, IMarket.RefundReason.DeliverExpired, _total(), _bondOf(_total()));
        vm.prank(stranger);
        market.refundExpired(one(id));
        _assertRefunded(id);
    }

    function test_RequestReturn_RevertWhen_NotBuyer() external {
        uint256 id = _delivered();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotBuyer.selector, id, seller));
        vm.prank(seller);
        after_.requestReturn(id, 0);
    }

    function test_RequestReturn_RevertWhen_InspectionIsOver() external {
        uint256 id = _delivered();
        _pass(id);
        _expectPassed(id);
        vm.prank(buyer);
        after_.requestReturn(id, 0);
    }

    function test_RequestReturn_RevertWhen_OfferTakesNothingBack() external {
        IAftersales.AfterSales memory limits = _limits();
        limits.returnable = false;
        vm.prank(seller);
        uint256 offer = book.publishOfferWith(_terms(address(stable), PRICE, SHIPPING), limits, 5, 0);
        uint256 id = _buy(offer, 1);
        vm.startPrank(seller);
        market.accept(one(id));
        market.ship(one(id), hashes(0));
        vm.stopPrank();
        vm.startPrank(buyer);
        market.confirmDelivery(one(id));
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotReturnable.selector, id));
        after_.requestReturn(id, 0);
        vm.stopPrank();
    }

    function test_Return_RefundedWhen_SellerIsSilent() external {
        uint256 id = _requested();
        vm.assertEq(market.nextDeadline(id), START + 72 hours);
        _expectNotPassed(id);
        after_.conclude(one(id));
        _pass(id);
        _conclude(id);
        _assertRefunded(id);
    }

    function test_ApproveReturn_RevertWhen_NotSellerOrLate() external {
        uint256 id = _requested();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotOrderSeller.selector, id, buyer));
        vm.prank(buyer);
        after_.approveReturn(id, 0);
        _pass(id);
        _expectPassed(id);
        vm.prank(seller);
        after_.approveReturn(id, 0);
    }

    function test_ApproveReturn_RevertWhen_Twice() external {
        uint256 id = _approved();
        vm.expectRevert(
            abi.encodeWithSelector(IAftersales.WrongReturnStep.selector, id, IAftersales.ReturnStep.Approved)
        );
        vm.prank(seller);
        after_.approveReturn(id, 0);
    }

    function test_Return_ReleasedWhen_BuyerDoesNotSend() external {
        uint256 id = _approved();
        vm.assertEq(market.nextDeadline(id), START + 7 days);
        _pass(id);
        _conclude(id);
        assertState(id, IMarket.State.Released);
        _assertSplit(0);
    }

    function test_SendReturn_RevertWhen_NotBuyerOrLate() external {
        uint256 id = _approved();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotBuyer.selector, id, seller));
        vm.prank(seller);
        after_.sendReturn(id, 0);
        _pass(id);
        _expectPassed(id);
        vm.prank(buyer);
        after_.sendReturn(id, 0);
    }

    function test_ConfirmReturn_Refunds() external {
        uint256 id = _sent();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotOrderSeller.selector, id, buyer));
        vm.prank(buyer);
        after_.confirmReturn(id);
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OrderRefunded(id, seller, IMarket.RefundReason.Returned, _total(), _bondOf(_total()));
        vm.prank(seller);
        after_.confirmReturn(id);
        _assertRefunded(id);
        vm.assertEq(market.offer(1).stock, 98);
    }

    function test_Return_RefundedWhen_SellerDoesNotConfirm() external {
        uint256 id = _sent();
        vm.assertEq(market.nextDeadline(id), START + 5 days);
        _pass(id);
        _conclude(id);
        _assertRefunded(id);
    }

    function test_DropReturn_ReleasesAtAnyStep() external {
        uint256 id = _requested();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotBuyer.selector, id, seller));
        vm.prank(seller);
        after_.dropReturn(id);
        vm.prank(buyer);
        after_.dropReturn(id);
        assertState(id, IMarket.State.Released);
        _assertSplit(0);
    }

    function test_Return_DisputedByEither() external {
        uint256 id = _sent();
        vm.prank(seller);
        after_.dispute(id, 0, keccak256("empty box"));
        assertState(id, IMarket.State.Disputed);
        id = _requested();
        vm.prank(buyer);
        after_.dispute(id, _total(), 0);
        assertState(id, IMarket.State.Disputed);
    }

    function _contested() private returns (uint256 id) {
        id = _shipped();
        _pass(id);
        vm.prank(stranger);
        after_.contest(one(id));
    }

    function _requested() private returns (uint256 id) {
        id = _delivered();
        vm.prank(buyer);
        after_.requestReturn(id, keccak256("too small"));
    }

    function _approved() private returns (uint256 id) {
        id = _requested();
        vm.prank(seller);
        after_.approveReturn(id, keccak256("street"));
    }

    function _sent() private returns (uint256 id) {
        id = _approved();
        vm.prank(buyer);
        after_.sendReturn(id, keccak256("parcel"));
    }
}
