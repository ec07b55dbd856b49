// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Reenterer, Refuser} from "../support/Tokens.sol";
import {Town} from "../support/Town.sol";

contract CreditsTest is Town {
    function test_DepositBond_RevertWhen_Zero() external {
        vm.expectRevert(IMarket.ZeroAmount.selector);
        market.depositBond(address(stable), 0);
    }

    function test_DepositBond_RevertWhen_TokenNotAllowed() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.TokenNotAllowed.selector, address(guild)));
        market.depositBond(address(guild), 1);
    }

    function test_DepositBond_RevertWhen_WrongValue() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongValue.selector, 2, 1));
        vm.prank(seller);
        market.depositBond{value: 1}(NATIVE, 2);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongValue.selector, 0, 1));
        vm.prank(seller);
        market.depositBond{value: 1}(address(stable), 1);
    }

    function test_DepositBond_Credits() external {
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.BondDeposited(buyer, address(stable), 5);
        vm.prank(buyer);
        market.depositBond(address(stable), 5);
        vm.assertEq(market.creditOf(buyer, address(stable)), 5);
    }

    function test_Withdraw_RevertWhen_NoCredit() external {
        vm.expectRevert(abi.encodeWithSelector(IMarket.NoCredit.selector, stranger, NATIVE));
        vm.prank(stranger);
        market.withdraw(NATIVE);
    }

    function test_Withdraw_PaysNothingWhen_ReceiverCallsBack() external {
        Reenterer attacker = new Reenterer(market);
        vm.deal(address(this), 1 ether);
        attacker.deposit{value: 1 ether}();
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        attacker.withdraw();
        vm.assertEq(market.creditOf(address(attacker), NATIVE), 1 ether);
    }

    function test_Withdraw_PaysWhen_TokenIsOffTheList() external {
        vm.prank(operator);
        market.setTokenAllowed(address(stable), false);
        vm.prank(seller);
        market.withdraw(address(stable));
        vm.assertEq(market.creditOf(seller, address(stable)), 0);
    }

    function test_Withdraw_PaysWholeCreditOnce() external {
        uint256 before = stable.balanceOf(seller);
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.Withdrawn(seller, address(stable), 10_000e6);
        vm.prank(seller);
        market.withdraw(address(stable));
        vm.assertEq(stable.balanceOf(seller), before + 10_000e6);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NoCredit.selector, seller, address(stable)));
        vm.prank(seller);
        market.withdraw(address(stable));
    }

    function test_WithdrawTo_RevertWhen_ReceiverIsZero() external {
        vm.expectRevert(IMarket.ZeroAddress.selector);
        vm.prank(seller);
        market.withdrawTo(address(stable), address(0));
    }

    function test_WithdrawTo_HelpsAnAccountThatRefusesCoin() external {
        Refuser refuser = new Refuser();
        vm.deal(address(refuser), 1 ether);
        refuser.run(address(market), 1 ether, abi.encodeCall(IMarket.depositBond, (NATIVE, 1 ether)));
        vm.expectRevert(Errors.FailedCall.selector);
        vm.prank(address(refuser));
        market.withdraw(NATIVE);
        vm.prank(address(refuser));
        market.withdrawTo(NATIVE, stranger);
        vm.assertEq(stranger.balance, 1 ether);
    }
}
