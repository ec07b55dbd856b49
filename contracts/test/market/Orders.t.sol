// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Town} from "../support/Town.sol";

contract OrdersTest is Town {
    function test_Cancel_RevertWhen_NotBuyer() external {
        uint256 id = _funded();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotBuyer.selector, id, seller));
        vm.prank(seller);
        market.cancel(id);
    }

    function test_Cancel_RevertWhen_Accepted() external {
        uint256 id = _accepted();
        _expectWrongState(id, IMarket.State.Accepted);
        vm.prank(buyer);
        market.cancel(id);
    }

    function test_Cancel_RefundsEvenAfterDeadline() external {
        uint256 id = _funded();
        vm.warp(START + 49 hours);
        vm.prank(buyer);
        _expectRefund(id, buyer, IMarket.RefundReason.Cancelled, _total(), _bondOf(_total()));
        market.cancel(id);
        _assertRefundedWithBondBack(id);
        vm.assertEq(market.offer(1).stock, 100);
    }

    function test_Decline_RevertWhen_NotSeller() external {
        uint256 id = _funded();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotOrderSeller.selector, id, buyer));
        vm.prank(buyer);
        market.decline(id);
    }

    function test_Decline_Refunds() external {
        uint256 id = _funded();
        _expectRefund(id, seller, IMarket.RefundReason.Declined, _total(), _bondOf(_total()));
        vm.prank(seller);
        market.decline(id);
        _assertRefundedWithBondBack(id);
    }

    function test_Accept_RevertWhen_NotSeller() external {
        uint256 id = _funded();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotOrderSeller.selector, id, otherSeller));
        vm.prank(otherSeller);
        market.accept(one(id));
    }

    function test_Accept_RevertWhen_DeadlinePassed() external {
        uint256 id = _funded();
        vm.warp(START + 48 hours + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.DeadlinePassed.selector, id, START + 48 hours));
        vm.prank(seller);
        market.accept(one(id));
    }

    function test_Accept_IsAcceptedUntilShipBy() external {
        uint256 id = _funded();
        vm.warp(START + 48 hours);
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OrderAccepted(id, uint64(START + 48 hours + 5 days));
        vm.prank(seller);
        market.accept(one(id));
        assertState(id, IMarket.State.Accepted);
        vm.assertEq(market.nextDeadline(id), START + 48 hours + 5 days);
    }

    function test_Ship_RevertWhen_LengthsDiffer() external {
        uint256 id = _accepted();
        vm.expectRevert(abi.encodeWithSelector(IMarket.LengthMismatch.selector, 1, 0));
        vm.prank(seller);
        market.ship(one(id), new bytes32[](0));
    }

    function test_Ship_RevertWhen_DeadlinePassed() external {
        uint256 id = _accepted();
        vm.warp(START + 5 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.DeadlinePassed.selector, id, START + 5 days));
        vm.prank(seller);
        market.ship(one(id), hashes(0));
    }

    function test_Ship_IsShippedUntilDeliverBy() external {
        uint256 id = _accepted();
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OrderShipped(id, keccak256("t"), uint64(START + 21 days));
        vm.prank(seller);
        market.ship(one(id), hashes(keccak256("t")));
        vm.assertEq(market.nextDeadline(id), START + 21 days + 72 hours);
    }

    function test_ConfirmDelivery_RevertWhen_NotBuyer() external {
        uint256 id = _shipped();
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotBuyer.selector, id, seller));
        vm.prank(seller);
        market.confirmDelivery(one(id));
    }

    function test_ConfirmDelivery_IsDeliveredUntilInspectBy() external {
        uint256 id = _shipped();
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OrderDelivered(id, buyer, uint64(START + 7 days));
        vm.prank(buyer);
        market.confirmDelivery(one(id));
        vm.assertEq(market.nextDeadline(id), START + 7 days);
    }

    function test_AttestDelivery_RevertWhen_NoCarrier() external {
        uint256 id = _shipped();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, seller));
        vm.prank(seller);
        market.attestDelivery(one(id));
    }

    function test_AttestDelivery_RevertWhen_GraceIsOver() external {
        uint256 id = _shipped();
        vm.warp(START + 24 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.DeadlinePassed.selector, id, START + 24 days));
        vm.prank(carrier);
        market.attestDelivery(one(id));
    }

    function test_AttestDelivery_IsDeliveredWithinGrace() external {
        uint256 id = _shipped();
        vm.warp(START + 24 days);
        vm.prank(carrier);
        market.attestDelivery(one(id));
        assertState(id, IMarket.State.Delivered);
    }

    function test_Release_RevertWhen_NotDelivered() external {
        uint256 id = _shipped();
        _expectWrongState(id, IMarket.State.Shipped);
        vm.prank(buyer);
        market.release(one(id));
    }

    function test_Release_RevertWhen_StrangerDuringInspection() external {
        uint256 id = _delivered();
        vm.warp(START + 7 days);
        vm.expectRevert(abi.encodeWithSelector(IMarket.DeadlineNotPassed.selector, id, START + 7 days));
        vm.prank(seller);
        market.release(one(id));
    }

    function test_Release_PaysWhen_BuyerCalls() external {
        uint256 id = _delivered();
        uint256 credit = market.creditOf(seller, address(stable));
        uint256 fee = _total() * 200 / 10_000;
        uint256 bond = _bondOf(_total());
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OrderReleased(id, buyer, _total() - fee, fee, bond);
        vm.prank(buyer);
        market.release(one(id));
        vm.assertEq(market.creditOf(seller, address(stable)), credit + _total() - fee + bond);
        vm.assertEq(market.creditOf(treasury, address(stable)), fee);
        vm.assertEq(market.nextDeadline(id), 0);
    }

    function test_Release_PaysWhen_InspectionIsOver() external {
        uint256 id = _delivered();
        vm.warp(START + 7 days + 1);
        vm.prank(stranger);
        market.release(one(id));
        assertState(id, IMarket.State.Released);
    }

    function test_RefundExpired_RevertWhen_Unknown() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.UnknownOrder.selector, 5));
        market.refundExpired(one(5));
    }

    function test_RefundExpired_RevertWhen_NotPassed() external {
        uint256 id = _funded();
        _expectNotPassed(id, START + 48 hours);
        id = _accepted();
        _expectNotPassed(id, START + 5 days);
        id = _shipped();
        _expectNotPassed(id, START + 24 days);
    }

    function test_RefundExpired_WhenSellerDidNotAccept() external {
        uint256 id = _funded();
        vm.warp(START + 48 hours + 1);
        _expectRefund(id, stranger, IMarket.RefundReason.AcceptExpired, _total(), _bondOf(_total()));
        vm.prank(stranger);
        market.refundExpired(one(id));
        _assertRefundedWithBondBack(id);
    }

    function test_RefundExpired_WhenSellerDidNotShip() external {
        uint256 id = _accepted();
        vm.warp(START + 5 days + 1);
        uint256 all = _total() + _bondOf(_total());
        _expectRefund(id, stranger, IMarket.RefundReason.ShipExpired, all, 0);
        vm.prank(stranger);
        market.refundExpired(one(id));
        vm.assertEq(market.creditOf(buyer, address(stable)), all);
        vm.assertEq(market.creditOf(seller, address(stable)), 10_000e6 - _bondOf(_total()));
        vm.assertEq(market.offer(1).stock, 100);
    }

    function test_RefundExpired_WhenNothingWasDelivered() external {
        uint256 id = _shipped();
        vm.warp(START + 24 days + 1);
        _expectRefund(id, stranger, IMarket.RefundReason.DeliverExpired, _total(), _bondOf(_total()));
        vm.prank(stranger);
        market.refundExpired(one(id));
        _assertRefundedWithBondBack(id);
        vm.assertEq(market.offer(1).stock, 98);
    }

    function test_RefundExpired_RevertWhen_Delivered() external {
        uint256 id = _delivered();
        vm.warp(START + 365 days);
        _expectWrongState(id, IMarket.State.Delivered);
        market.refundExpired(one(id));
    }

    function test_RefundExpired_RestockSaturates() external {
        uint256 id = _funded();
        vm.prank(seller);
        market.setStock(1, type(uint64).max);
        vm.prank(buyer);
        market.cancel(id);
        vm.assertEq(market.offer(1).stock, type(uint64).max);
    }

    function test_TerminalStates_Absorb() external {
        _assertAbsorbed(_released(), IMarket.State.Released);
        uint256 id = _funded();
        vm.prank(buyer);
        market.cancel(id);
        _assertAbsorbed(id, IMarket.State.Refunded);
    }

    function _assertAbsorbed(uint256 id, IMarket.State state) private {
        vm.warp(block.timestamp + 365 days);
        bytes[9] memory calls = [
            abi.encodeCall(IMarket.cancel, (id)),
            abi.encodeCall(IMarket.decline, (id)),
            abi.encodeCall(IMarket.accept, (one(id))),
            abi.encodeCall(IMarket.ship, (one(id), hashes(0))),
            abi.encodeCall(IMarket.confirmDelivery, (one(id))),
            abi.encodeCall(IMarket.attestDelivery, (one(id))),
            abi.encodeCall(IMarket.release, (one(id))),
            abi.encodeCall(IMarket.refundExpired, (one(id))),
            abi.encodeCall(IMarket.refundExpired, (one(id)))
        ];
        address[4] memory callers = [buyer, seller, carrier, stranger];
        for (uint256 i = 0; i < calls.length; ++i) {
            for (uint256 j = 0; j < callers.length; ++j) {
                vm.prank(callers[j]);
                (bool done,) = address(market).call(calls[i]);
                vm.assertFalse(done);
            }
        }
        assertState(id, state);
    }

    function _assertRefundedWithBondBack(uint256 id) private view {
        assertState(id, IMarket.State.Refunded);
        vm.assertEq(market.creditOf(buyer, address(stable)), _total());
        vm.assertEq(market.creditOf(seller, address(stable)), 10_000e6);
        vm.assertEq(market.creditOf(treasury, address(stable)), 0);
    }

    function _expectRefund(uint256 id, address by, IMarket.RefundReason reason, uint256 toBuyer, uint256 toSeller)
        private
    {
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OrderRefunded(id, by, reason, toBuyer, toSeller);
    }

    function _expectWrongState(uint256 id, IMarket.State state) private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongState.selector, id, state));
    }

    function _expectNotPassed(uint256 id, uint256 deadline) private {
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IMarket.DeadlineNotPassed.selector, id, deadline));
        market.refundExpired(one(id));
        vm.warp(START);
    }
}
