// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Aftersales} from "../../src/market/Aftersales.sol";
import {CouponVault} from "../../src/market/CouponVault.sol";
import {IAftersales} from "../../src/market/IAftersales.sol";
import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {IRuleBook} from "../../src/market/IRuleBook.sol";
import {RuleBook} from "../../src/market/RuleBook.sol";
import {Court} from "../support/Court.sol";

contract RuleBookTest is Court {
    function test_AddRules_RevertWhen_NoRoleOrNoArbitrator() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        book.addRules(_limits(), address(puppet), "", "");
        vm.expectRevert(IMarket.ZeroAddress.selector);
        vm.prank(operator);
        book.addRules(_limits(), address(0), "", "");
    }

    function test_AddRules_OrdersKeepTheirs() external {
        uint256 id = _funded();
        vm.assertEq(_addRules(address(0xBEEF), "court 3"), 2);
        (uint8 rules,, address arbitrator) = after_.rulesOf(id);
        vm.assertEq(rules, 1);
        vm.assertEq(arbitrator, address(puppet));
        (rules,, arbitrator) = after_.rulesOf(_funded());
        vm.assertEq(rules, 2);
        vm.assertEq(arbitrator, address(0xBEEF));
        vm.assertEq(book.rulesCount(), 2);
        (,, bytes memory extraData) = book.ruleSet(2);
        vm.assertEq(string(extraData), "court 3");
    }

    function test_AddRules_ToldWhatTheSetSays() external {
        _addRules(address(puppet), "court 3");
        _defended();
        vm.assertEq(string(puppet.extraData()), "court 3");
    }

    function test_AddRules_EndsAt255() external {
        for (uint256 i = 1; i < 255; ++i) {
            _addRules(address(puppet), "");
        }
        vm.expectRevert(IRuleBook.TooManyRules.selector);
        vm.prank(operator);
        book.addRules(_limits(), address(puppet), "", "");
    }

    function test_PublishOfferWith_HashCoversTheLimits() external {
        IMarket.Terms memory terms = _terms(address(stable), PRICE, SHIPPING);
        IAftersales.AfterSales memory limits = _limits();
        limits.negotiateWithin = 5 days;
        vm.expectEmit(true, true, true, true, address(market));
        emit IRuleBook.AfterSalesSet(1, 1, limits);
        vm.prank(seller);
        uint256 offerId = book.publishOfferWith(terms, limits, 9, "a lamp");
        bytes32 expected =
            keccak256(abi.encode(block.chainid, address(market), offerId, 1, seller, terms, bytes32("a lamp"), limits));
        vm.assertEq(market.termsHash(offerId), expected);
        (, IAftersales.AfterSales memory kept,) = after_.rulesOf(_buy(offerId, 1));
        vm.assertEq(kept.negotiateWithin, 5 days);
    }

    function test_ReviseOfferWith_IsTheSellersAndANewVersion() external {
        uint256 offerId = _publish();
        IMarket.Terms memory terms = _terms(address(stable), PRICE, SHIPPING);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotSeller.selector, offerId, stranger));
        vm.prank(stranger);
        book.reviseOfferWith(offerId, terms, _limits(), 0);
        uint256 before = _buy(offerId, 1);
        IAftersales.AfterSales memory limits = _limits();
        limits.answerWithin = 4 days;
        vm.prank(seller);
        book.reviseOfferWith(offerId, terms, limits, 0);
        (, IAftersales.AfterSales memory kept,) = after_.rulesOf(before);
        vm.assertEq(kept.answerWithin, 72 hours);
        (, kept,) = after_.rulesOf(_buy(offerId, 1));
        vm.assertEq(kept.answerWithin, 4 days);
    }

    function testFuzz_LimitBounds(uint32[7] calldata w) external {
        IAftersales.AfterSales memory a = IAftersales.AfterSales(w[0], w[1], w[2], w[3], w[4], w[5], w[6], true);
        bool good = _in(w[0], 1 days, 14 days) && _in(w[1], 1 days, 14 days) && _in(w[2], 1 days, 30 days)
            && _in(w[3], 1 days, 30 days) && _in(w[4], 1 days, 14 days) && _in(w[5], 1 days, 14 days)
            && _in(w[6], 14 days, 90 days);
        vm.prank(operator);
        (bool done,) = address(market).call(abi.encodeCall(IRuleBook.addRules, (a, address(1), "", "")));
        vm.assertTrue(done == good);
    }

    function test_Modules_DoNothingAtTheirOwnAddress() external {
        address ruleBook = address(new RuleBook());
        address couponVault = address(new CouponVault(ruleBook));
        address aftersales = address(new Aftersales(couponVault));
        _refuses(aftersales, abi.encodeCall(IAftersales.conclude, (one(1))));
        _refuses(aftersales, abi.encodeCall(IRuleBook.rulesCount, ()));
        _refuses(couponVault, abi.encodeCall(ICouponVault.creditLeftover, (1, 1)));
        _refuses(ruleBook, abi.encodeCall(IRuleBook.addRules, (_limits(), address(1), "", "")));
        vm.deal(address(this), 1);
        (bool done,) = aftersales.call{value: 1}("");
        vm.assertFalse(done);
    }

    function test_Market_RefusesWhatNoModuleKnows() external {
        (bool done, bytes memory answer) = address(market).call(abi.encodeWithSignature("makeCoffee()"));
        vm.assertFalse(done);
        vm.assertEq(
            keccak256(answer),
            keccak256(abi.encodeWithSelector(IAftersales.UnknownCall.selector, bytes4(keccak256("makeCoffee()"))))
        );
    }

    function _refuses(address module, bytes memory call_) private {
        (bool done, bytes memory answer) = module.call(call_);
        vm.assertFalse(done);
        vm.assertEq(bytes32(answer), bytes32(IAftersales.OnlyThroughMarket.selector));
    }

    function _in(uint32 given, uint32 least, uint32 most) private pure returns (bool) {
        return given >= least && given <= most;
    }
}
