// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ArbiterPanel} from "../../src/arbitration/ArbiterPanel.sol";
import {Aftersales} from "../../src/market/Aftersales.sol";
import {CouponVault} from "../../src/market/CouponVault.sol";
import {IAftersales} from "../../src/market/IAftersales.sol";
import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Market} from "../../src/market/Market.sol";
import {RuleBook} from "../../src/market/RuleBook.sol";
import {World} from "../invariant/World.sol";
import {CouponOverBudget, DoublePayout, FeeOnRefund, PartyOnPanel, TerminalStateLeft} from "./Mutants.sol";

/// @title Proof that the checks see what they are there for
/// @notice The machine that the invariants fuzz is driven here by fixed seeds, over the true code and over five broken
/// ones. A mutant that nobody notices fails the build.
abstract contract Drive is World {
    uint256 internal constant STEPS = 900;
    uint256 internal constant EVERY = 6;

    /// @dev The first thing that is wrong, or nothing after all steps.
    function _drive() internal returns (string memory wrong) {
        for (uint256 i = 0; i < STEPS && bytes(wrong).length == 0; ++i) {
            try handler.step(i) {}
            catch {
                return "a step failed";
            }
            // From outside, so that its memory is gone afterwards.
            if (i % EVERY == 0) wrong = this.look();
        }
    }

    function look() external view returns (string memory) {
        return checkAll();
    }

    function _expect(string memory expected) internal {
        vm.assertEq(_drive(), expected);
    }
}

contract TrueCodeTest is Drive {
    /// @dev And not for want of looking: the same steps reach every part of the machine.
    function test_Drive_FindsNothing() external {
        _expect("");
        bytes32[12] memory events = [
            IMarket.OrderReleased.selector,
            IMarket.OrderRefunded.selector,
            IAftersales.OrderSettled.selector,
            IAftersales.OrderContested.selector,
            IAftersales.ReturnSent.selector,
            IAftersales.SplitProposed.selector,
            IAftersales.DisputeRaised.selector,
            IAftersales.OrderRuled.selector,
            IAftersales.OrderAppealed.selector,
            IAftersales.ArbitrationFeeReclaimed.selector,
            ICouponVault.CouponSettled.selector,
            ICouponVault.AffiliatePaid.selector
        ];
        for (uint256 i = 0; i < events.length; ++i) {
            vm.assertGe(handler.seen(events[i]), 1, "not reached");
        }
    }
}

contract DoublePayoutTest is Drive {
    function _implementation() internal override returns (address) {
        address couponVault = address(new CouponVault(address(new RuleBook())));
        return address(new DoublePayout(address(new Aftersales(couponVault))));
    }

    function test_Mutant_IsCaught() external {
        _expect("1: parts");
    }
}

contract FeeOnRefundTest is Drive {
    function _implementation() internal override returns (address) {
        address couponVault = address(new CouponVault(address(new RuleBook())));
        return address(new FeeOnRefund(address(new Aftersales(couponVault))));
    }

    function test_Mutant_IsCaught() external {
        string memory wrong = _drive();
        bool fee = keccak256(bytes(wrong)) == keccak256("a fee without a sale");
        vm.assertTrue(fee || keccak256(bytes(wrong)) == keccak256("2: in is not out"), wrong);
        vm.assertEq(handler.broken(), "a fee without a sale");
    }
}

contract CouponOverBudgetTest is Drive {
    function _implementation() internal override returns (address) {
        address couponVault = address(new CouponOverBudget(address(new RuleBook())));
        return address(new Market(address(new Aftersales(couponVault))));
    }

    function test_Mutant_IsCaught() external {
        // The sum of the parts sees the same money, and is looked at first.
        vm.assertEq(_drive(), "1: parts");
        vm.assertEq(checkCoupons(), "7: over budget");
    }
}

contract PartyOnPanelTest is Drive {
    function _panelCode() internal override returns (address) {
        return address(new PartyOnPanel());
    }

    function test_Mutant_IsCaught() external {
        _expect("8: a party sits on the panel");
    }
}

contract TerminalStateLeftTest is Drive {
    function _implementation() internal override returns (address) {
        address couponVault = address(new CouponVault(address(new RuleBook())));
        return address(new Market(address(new TerminalStateLeft(couponVault))));
    }

    function test_Mutant_IsCaught() external {
        // Money that left an open order is missed by the sum of the parts first.
        vm.assertEq(_drive(), "1: parts");
        string memory wrong = checkOrders();
        bool early = keccak256(bytes(wrong)) == keccak256("2: paid before the end");
        vm.assertTrue(early || keccak256(bytes(wrong)) == keccak256("3: a terminal state was left"), wrong);
    }
}
