// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "../../src/market/IAftersales.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Court} from "../support/Court.sol";

contract EscalationsTest is Court {
    function test_Escalate_RevertWhen_Late() external {
        uint256 id = _disputed();
        _pass(id);
        _expectPassed(id);
        vm.prank(buyer);
        after_.escalate{value: COST}(id, _total());
    }

    function test_Escalate_RevertWhen_DepositIsShort() external {
        uint256 id = _disputed();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.InsufficientDeposit.selector, id, COST, 1));
        vm.prank(buyer);
        after_.escalate{value: 1}(id, _total());
    }

    function test_Escalate_TakesCreditAndGivesExcess() external {
        uint256 id = _disputed();
        vm.prank(seller);
        market.depositBond{value: COST}(NATIVE, COST);
        vm.prank(seller);
        after_.escalate{value: COST / 4}(id, 0);
        vm.assertEq(_coin(seller), COST / 4);
        vm.prank(buyer);
        after_.defend{value: 2 * COST}(id, _total());
        vm.assertEq(_coin(buyer), COST);
        vm.assertEq(address(market).balance, market.liabilities(NATIVE), "coin");
    }

    function test_Escalate_AtTheLastSecondLeavesTimeToDefend() external {
        uint256 id = _disputed();
        vm.warp(START + 72 hours);
        vm.prank(buyer);
        after_.escalate{value: COST}(id, _total());
        vm.assertEq(market.nextDeadline(id), START + 144 hours);
        vm.warp(START + 144 hours);
        vm.prank(seller);
        after_.defend{value: COST}(id, 5);
        vm.assertTrue(after_.caseOf(id).raised);
    }

    function test_Escalated_UndefendedGivesFinalOfferAndDeposit() external {
        uint256 id = _disputed();
        vm.prank(buyer);
        after_.escalate{value: COST}(id, 30);
        _expectNotPassed(id);
        after_.conclude(one(id));
        _pass(id);
        _conclude(id);
        _assertSplit(30);
        vm.assertEq(_coin(buyer), COST);
    }

    function test_Defend_RevertWhen_OwnEscalationTwiceOrLate() external {
        uint256 id = _escalated();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.AlreadyDeposited.selector, id, IAftersales.Side.Buyer));
        vm.prank(buyer);
        after_.defend{value: COST}(id, _total());
        _pass(id);
        _expectPassed(id);
        vm.prank(seller);
        after_.defend{value: COST}(id, 0);
        id = _defended();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.AlreadyDeposited.selector, id, IAftersales.Side.Seller));
        vm.prank(seller);
        after_.defend{value: COST}(id, 0);
    }

    function test_Defend_RaisesWithPartiesNamed() external {
        uint256 id = _defended();
        vm.assertEq(keccak256(puppet.extraData()), keccak256(abi.encode(address(stable), _total(), buyer, seller)));
        vm.assertEq(after_.orderOfDispute(address(puppet), 1), id);
        vm.assertEq(address(puppet).balance, COST);
        vm.assertEq(after_.caseOf(id).pot, COST);
    }

    function test_Defend_SucceedsWhen_ArbitratorRefuses() external {
        uint256 id = _escalated();
        puppet.setRefusing(true);
        vm.prank(seller);
        after_.defend{value: COST}(id, 0);
        vm.assertFalse(after_.caseOf(id).raised);
        puppet.setRefusing(false);
        after_.raise(id);
        vm.assertTrue(after_.caseOf(id).raised);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.AlreadyRaised.selector, id));
        after_.raise(id);
    }

    function test_Raise_TakesWhatAPriceRiseNeeds() external {
        uint256 id = _escalated();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotDefended.selector, id));
        after_.raise(id);
        puppet.setCost(3 * COST);
        vm.prank(seller);
        after_.defend{value: COST}(id, 0);
        vm.assertFalse(after_.caseOf(id).raised);
        vm.deal(stranger, COST);
        vm.prank(stranger);
        after_.raise{value: COST}(id);
        vm.assertTrue(after_.caseOf(id).raised);
        vm.assertEq(after_.caseOf(id).pot, 0);
        vm.assertEq(address(market).balance, market.liabilities(NATIVE), "coin");
    }

    function test_Escalated_SilentArbiterRefundsAndReturnsDeposits() external {
        uint256 id = _defended();
        vm.assertEq(market.nextDeadline(id), START + 14 days);
        _expectNotPassed(id);
        after_.conclude(one(id));
        _pass(id);
        _conclude(id);
        _assertRefunded(id);
        vm.assertEq(_coin(buyer), COST / 2);
        vm.assertEq(_coin(seller), COST / 2);
    }

    function test_Escalated_ArbitratorThatNeverTookItCostsNothing() external {
        puppet.setRefusing(true);
        uint256 id = _disputed();
        vm.prank(buyer);
        after_.escalate(id, _total());
        vm.prank(seller);
        after_.defend(id, 0);
        _pass(id);
        _conclude(id);
        _assertRefunded(id);
    }

    function test_Escalated_RepeatedNumberIsNotHeard() external {
        uint256 first = _defended();
        puppet.setRepeating(true);
        uint256 second = _defended();
        vm.assertEq(after_.orderOfDispute(address(puppet), 1), first);
        puppet.solve(1, 2);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotRuled.selector, second));
        after_.noteRuling(second);
        _pass(second);
        after_.conclude(one(second));
        assertState(second, IMarket.State.Refunded);
    }

    function test_Escalated_MuteArbitratorIsPaidOnceAndNotHeard() external {
        uint256 id = _escalated();
        puppet.setMute(true);
        vm.prank(seller);
        after_.defend{value: COST}(id, 0);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.AlreadyRaised.selector, id));
        after_.raise(id);
        vm.assertEq(after_.orderOfDispute(address(puppet), 0), 0);
        vm.assertEq(address(puppet).balance, COST);
        vm.assertEq(address(market).balance, market.liabilities(NATIVE), "coin");
        _pass(id);
        _conclude(id);
        _assertRefunded(id);
    }

    function test_Rule_RevertWhen_NotTheArbitrator() external {
        _defended();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.UnknownDispute.selector, stranger, 1));
        vm.prank(stranger);
        (bool done,) = address(market).call(abi.encodeWithSignature("rule(uint256,uint256)", 1, 1));
        done;
    }

    function test_Rule_FinalCanBeConcludedAtOnce() external {
        uint256 id = _defended();
        puppet.give(1, 1);
        assertState(id, IMarket.State.Ruled);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotAppealable.selector, id, IAftersales.Side.Seller));
        vm.prank(seller);
        after_.appeal{value: 2 * COST}(id);
        _conclude(id);
        _assertSplit(_total());
        vm.assertEq(_coin(buyer), COST);
        vm.assertEq(_coin(seller), 0);
    }

    function test_Rule_OutOfRangeIsTheMiddle() external {
        uint256 id = _defended();
        puppet.give(1, 77);
        _conclude(id);
        _assertSplit((_total() + 1) / 2);
        vm.assertEq(_coin(buyer), COST / 2);
        vm.assertEq(_coin(seller), COST / 2);
    }

    function test_Rule_RevertWhen_OrderHasEnded() external {
        uint256 id = _defended();
        _pass(id);
        _conclude(id);
        _expectWrongState(id, IMarket.State.Refunded);
        puppet.give(1, 1);
    }

    function test_NoteRuling_RevertWhen_NotDecided() external {
        uint256 id = _defended();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotRuled.selector, id));
        after_.noteRuling(id);
    }

    function test_NoteRuling_TakesASolvedOneThatWasNotDelivered() external {
        uint256 id = _defended();
        puppet.solve(1, 2);
        after_.noteRuling(id);
        _conclude(id);
        _assertSplit(0);
    }

    function test_NoteRuling_EndsWithAppealPeriodButNeverLater() external {
        uint256 id = _defended();
        puppet.propose(1, 2, block.timestamp + 10 hours);
        after_.noteRuling(id);
        vm.assertEq(market.nextDeadline(id), START + 10 hours);
        id = _defended();
        puppet.propose(2, 2, type(uint256).max);
        after_.noteRuling(id);
        vm.assertEq(market.nextDeadline(id), START + 72 hours);
    }

    function test_Ruled_SettlesWhen_NobodyAppeals() external {
        uint256 id = _ruled(2);
        _expectNotPassed(id);
        after_.conclude(one(id));
        _pass(id);
        _conclude(id);
        _assertSplit(0);
        vm.assertEq(_coin(seller), COST);
    }

    function test_Appeal_RevertWhen_WinnerStrangerOrLate() external {
        uint256 id = _ruled(2);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotAppealable.selector, id, IAftersales.Side.Seller));
        vm.prank(seller);
        after_.appeal{value: 2 * COST}(id);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotParty.selector, id, stranger));
        vm.prank(stranger);
        after_.appeal(id);
        _pass(id);
        _expectPassed(id);
        vm.prank(buyer);
        after_.appeal{value: 2 * COST}(id);
    }

    function test_Appeal_TurnsTheRuling() external {
        uint256 id = _appealed();
        vm.assertEq(market.nextDeadline(id), START + 14 days);
        puppet.propose(1, 1, block.timestamp + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotRuled.selector, id));
        after_.noteRuling(id);
        puppet.give(1, 1);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NotAppealable.selector, id, IAftersales.Side.Seller));
        vm.prank(seller);
        after_.appeal{value: 2 * COST}(id);
        _conclude(id);
        _assertSplit(_total());
        vm.assertEq(_coin(buyer), COST);
    }

    function test_Appeal_UnansweredLeavesTheRuling() external {
        uint256 id = _appealed();
        _pass(id);
        _conclude(id);
        assertState(id, IMarket.State.Settled);
        _assertSplit(0);
        vm.assertEq(_coin(seller), COST);
    }

    function test_ReclaimFee_GoesBackInHalvesOrToTheAppellant() external {
        uint256 id = _defended();
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NothingReclaimed.selector, id));
        after_.reclaimFee(id);
        _pass(id);
        _conclude(id);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NothingReclaimed.selector, id));
        after_.reclaimFee(id);
        puppet.setGiveBack(COST);
        after_.reclaimFee(id);
        vm.assertEq(_coin(buyer), COST);
        vm.assertEq(_coin(seller), COST);
        vm.expectRevert(abi.encodeWithSelector(IAftersales.NothingReclaimed.selector, id));
        after_.reclaimFee(id);
        vm.assertEq(address(market).balance, market.liabilities(NATIVE), "coin");
    }

    function test_ReclaimFee_OfAnAppealIsTheAppellants() external {
        uint256 id = _appealed();
        _pass(id);
        _conclude(id);
        puppet.setGiveBack(2 * COST);
        after_.reclaimFee(id);
        vm.assertEq(_coin(buyer), 2 * COST);
        vm.assertEq(_coin(seller), COST);
    }

    function test_Coin_ComesInByNoOtherWay() external {
        vm.deal(stranger, 1);
        vm.prank(stranger);
        (bool done, bytes memory answer) = address(market).call{value: 1}("");
        vm.assertFalse(done);
        vm.assertEq(bytes32(answer), bytes32(IAftersales.UnexpectedCoin.selector));
    }

    function testFuzz_RulingConservesMoney(uint256 high, uint256 low, uint8 ruling) external {
        uint256 id = _disputed();
        high = bound(high, 1, _total());
        low = bound(low, 0, high - 1);
        vm.prank(buyer);
        after_.escalate{value: COST}(id, high);
        vm.prank(seller);
        after_.defend{value: COST}(id, low);
        puppet.give(1, ruling);
        _conclude(id);
        _assertSplit(ruling == 1 ? high : ruling == 2 ? low : (high + low + 1) / 2);
        vm.assertEq(_coin(buyer) + _coin(seller), COST);
    }

    function _appealed() private returns (uint256 id) {
        id = _ruled(2);
        vm.prank(buyer);
        after_.appeal{value: 2 * COST}(id);
    }
}
