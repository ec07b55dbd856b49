// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "../../src/market/IAftersales.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Court} from "../support/Court.sol";

contract DisputesTest is Court {
    function test_Dispute_RevertWhen_NotParty() external {
        uint256 id = _delivered();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotParty.selector, id, stranger));
        vm.prank(stranger);
        after_.dispute(id, 1, 0);
    }

    function test_Dispute_RevertWhen_NeitherShippedDeliveredNorReturning() external {
        uint256 id = _accepted();
        _expectWrongState(id, IMarket.State.Accepted);
        vm.prank(buyer);
        after_.dispute(id, 1, 0);
    }

    function test_Dispute_RevertWhen_InspectionIsOver() external {
        uint256 id = _delivered();
        _pass(id);
        _expectPassed(id);
        vm.prank(buyer);
        after_.dispute(id, 1, 0);
    }

    function test_Dispute_RevertWhen_SellerDoesNotWaitForTheParcel() external {
        uint256 id = _shipped();
        _expectNotPassed(id);
        vm.prank(seller);
        after_.dispute(id, 0, 0);
        _pass(id);
        vm.prank(seller);
        after_.dispute(id, 0, 0);
        assertState(id, IMarket.State.Disputed);
    }

    function test_Dispute_RevertWhen_NothingIsClaimed() external {
        uint256 id = _delivered();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.ProposalOutOfRange.selector, id, 0, 0, _total()));
        vm.prank(buyer);
        after_.dispute(id, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.ProposalOutOfRange.selector, id, _total() + 1, 0, _total()));
        vm.prank(buyer);
        after_.dispute(id, _total() + 1, 0);
    }

    function test_Dispute_RevertWhen_OrderWasFree() external {
        uint256 id = _buy(_publishAs(seller, _terms(address(stable), 0, 0)), 1);
        vm.startPrank(seller);
        market.accept(one(id));
        market.ship(one(id), hashes(0));
        vm.stopPrank();
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.ProposalOutOfRange.selector, id, 0, 0, 0));
        after_.dispute(id, 0, 0);
        market.confirmDelivery(one(id));
        after_.requestReturn(id, 0);
        vm.stopPrank();
        _pass(id);
        _conclude(id);
        assertState(id, IMarket.State.Refunded);
    }

    function test_Dispute_BuyerOfShippedOrderNeedNotWait() external {
        uint256 id = _shipped();
        vm.expectEmit(true, true, true, true, address(market));
        emit IAftersales.OrderDisputed(id, IAftersales.Side.Buyer, 9, keccak256("?"), uint64(START + 72 hours));
        vm.prank(buyer);
        after_.dispute(id, 9, keccak256("?"));
    }

    function test_Disputed_ResponderSilentGivesClaim() external {
        uint256 id = _disputed();
        _expectNotPassed(id);
        after_.conclude(one(id));
        _pass(id);
        _conclude(id);
        assertState(id, IMarket.State.Settled);
        _assertSplit(_total());
    }

    function test_Disputed_ClaimantSilentGivesAnswer() external {
        uint256 id = _disputed();
        vm.warp(START + 72 hours);
        vm.prank(seller);
        after_.propose(id, 7);
        vm.assertEq(market.nextDeadline(id), START + 144 hours);
        _pass(id);
        _conclude(id);
        _assertSplit(7);
    }

    function test_Propose_RevertWhen_Late() external {
        uint256 id = _disputed();
        _pass(id);
        _expectPassed(id);
        vm.prank(seller);
        after_.propose(id, 7);
    }

    function test_Propose_RevertWhen_ItTakesBack() external {
        uint256 id = _disputed();
        vm.startPrank(buyer);
        after_.propose(id, 50);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.ProposalOutOfRange.selector, id, 51, 0, 50));
        after_.propose(id, 51);
        vm.stopPrank();
        vm.startPrank(seller);
        after_.propose(id, 20);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.ProposalOutOfRange.selector, id, 19, 20, 50));
        after_.propose(id, 19);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.ProposalOutOfRange.selector, id, 50, 20, 50));
        after_.propose(id, 50);
        vm.stopPrank();
    }

    function test_Propose_ExtendsOnce() external {
        uint256 id = _disputed();
        vm.warp(START + 1 hours);
        vm.prank(seller);
        after_.propose(id, 1);
        vm.warp(START + 2 hours);
        vm.prank(seller);
        after_.propose(id, 2);
        vm.prank(buyer);
        after_.propose(id, 5);
        vm.assertEq(market.nextDeadline(id), START + 73 hours);
        vm.assertEq(uint256(after_.caseOf(id).awaited), uint256(IAftersales.Side.Buyer));
    }

    function test_Propose_ClaimantAloneDoesNotExtend() external {
        uint256 id = _disputed();
        vm.warp(START + 72 hours);
        vm.prank(buyer);
        after_.propose(id, 5);
        _pass(id);
        _conclude(id);
        _assertSplit(5);
    }

    function test_AcceptSplit_RevertWhen_OtherThanMeant() external {
        uint256 id = _disputed();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.ProposalMismatch.selector, id, _total(), 5));
        vm.prank(seller);
        after_.acceptSplit(id, 5);
    }

    function test_AcceptSplit_Settles() external {
        uint256 id = _disputed();
        vm.prank(seller);
        after_.propose(id, 1_000_001);
        uint256 rest = _total() - 1_000_001;
        vm.expectEmit(true, true, true, true, address(market));
        emit IAftersales.OrderSettled(
            id, buyer, IAftersales.SettleReason.Agreed, 1_000_001, rest - _fee(rest), _fee(rest), _bondOf(_total())
        );
        vm.prank(buyer);
        after_.acceptSplit(id, 1_000_001);
        assertState(id, IMarket.State.Settled);
        _assertSplit(1_000_001);
    }

    function test_AcceptSplit_GivesUpBeforeAnAnswer() external {
        uint256 id = _disputed();
        vm.prank(buyer);
        after_.acceptSplit(id, 0);
        _assertSplit(0);
    }

    function test_AcceptSplit_ReturnsDepositOfEscalation() external {
        uint256 id = _escalated();
        vm.prank(seller);
        after_.acceptSplit(id, _total());
        _assertSplit(_total());
        vm.assertEq(_coin(buyer), COST);
    }

    function test_AcceptSplit_RevertWhen_BeforeTheArbiters() external {
        uint256 id = _defended();
        _expectWrongState(id, IMarket.State.Escalated);
        vm.prank(seller);
        after_.acceptSplit(id, _total());
    }

    function test_SubmitEvidence_NamesOrderAndParty() external {
        uint256 id = _disputed();
        vm.prank(seller);
        after_.submitEvidence(id, "/evidence/photo.json");
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotParty.selector, id, stranger));
        vm.prank(stranger);
        after_.submitEvidence(id, "");
        id = _delivered();
        _expectWrongState(id, IMarket.State.Delivered);
        vm.prank(buyer);
        after_.submitEvidence(id, "");
    }

    function testFuzz_SplitConservesMoney(uint256 first, uint256 answer) external {
        uint256 id = _delivered();
        first = bound(first, 1, _total());
        answer = bound(answer, 0, first - 1);
        vm.prank(buyer);
        after_.dispute(id, first, 0);
        vm.prank(seller);
        after_.propose(id, answer);
        vm.prank(buyer);
        after_.acceptSplit(id, answer);
        _assertSplit(answer);
    }
}
