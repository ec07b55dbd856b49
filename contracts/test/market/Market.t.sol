// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Market} from "../../src/market/Market.sol";
import {Town} from "../support/Town.sol";

contract MarketTest is Town {
    function test_Settings_RevertWhen_NoRole() external {
        bytes[5] memory calls = [
            abi.encodeCall(IMarket.setFeeSchedule, (1, 1)),
            abi.encodeCall(IMarket.setTokenAllowed, (address(1), true)),
            abi.encodeCall(IMarket.setTreasury, (address(1))),
            abi.encodeCall(IMarket.pause, ()),
            abi.encodeCall(IMarket.unpause, ())
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(stranger);
            (bool done, bytes memory answer) = address(market).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(
                keccak256(answer),
                keccak256(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger))
            );
        }
    }

    function test_Settings_RevertWhen_RateTooHigh() external {
        vm.startPrank(operator);
        vm.expectRevert(abi.encodeWithSelector(IMarket.RateTooHigh.selector, 501, 500));
        market.setFeeSchedule(501, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.RateTooHigh.selector, 1_001, 1_000));
        market.setFeeSchedule(0, 1_001);
    }

    function test_Settings_RevertWhen_TreasuryIsZero() external {
        vm.expectRevert(IMarket.ZeroAddress.selector);
        vm.prank(operator);
        market.setTreasury(address(0));
    }

    function test_Settings_CountFeeVersionsUp() external {
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.FeeScheduleSet(2, 500, 1_000);
        vm.prank(operator);
        vm.assertEq(market.setFeeSchedule(500, 1_000), 2);
        (uint32 version, uint16 feeBps, uint16 bondBps) = market.feeSchedule();
        vm.assertEq(version, 2);
        vm.assertEq(feeBps, 500);
        vm.assertEq(bondBps, 1_000);
    }

    function test_Settings_LeavePlacedOrdersAlone() external {
        uint256 id = _delivered();
        vm.prank(operator);
        market.setFeeSchedule(500, 1_000);
        vm.prank(buyer);
        market.release(one(id));
        vm.assertEq(market.creditOf(treasury, address(stable)), _total() * 200 / 10_000);
        vm.assertEq(market.creditOf(seller, address(stable)), 10_000e6 + _total() - _total() * 200 / 10_000);
    }

    function test_Settings_SetTreasury() external {
        uint256 id = _delivered();
        vm.prank(operator);
        market.setTreasury(stranger);
        vm.assertEq(market.treasury(), stranger);
        vm.prank(buyer);
        market.release(one(id));
        vm.assertEq(market.creditOf(stranger, address(stable)), _total() * 200 / 10_000);
    }

    function test_Pause_StopsNewOrdersAndNothingElse() external {
        uint256 first = _funded();
        uint256 second = _shipped();
        uint256 third = _delivered();
        vm.prank(operator);
        market.pause();
        vm.prank(seller);
        market.accept(one(first));
        vm.prank(seller);
        market.ship(one(first), hashes(0));
        vm.prank(buyer);
        market.confirmDelivery(one(second));
        vm.prank(buyer);
        market.release(one(third));
        _publish();
        vm.prank(seller);
        market.depositBond(address(stable), 1);
        vm.prank(seller);
        market.withdraw(address(stable));
        vm.warp(START + 365 days);
        market.refundExpired(one(first));
        market.release(one(second));
        vm.prank(operator);
        market.unpause();
        vm.prank(seller);
        market.depositBond(address(stable), 10e6);
        _buy(1, 1);
    }

    function test_Initialize_CannotBeRepeated() external {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        market.initialize(address(authority), treasury, 1, 1);
        Market implementation = Market(payable(_implementation()));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(address(authority), treasury, 1, 1);
    }

    function test_Upgrade_RevertWhen_NoUpgrader() external {
        address next = _implementation();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        market.upgradeToAndCall(next, "");
    }

    function test_Upgrade_KeepsEveryOrder() external {
        uint256 id = _shipped();
        bytes32 before = keccak256(abi.encode(market.order(id), market.offer(1)));
        address next = _implementation();
        vm.prank(operator);
        market.upgradeToAndCall(next, "");
        vm.assertEq(keccak256(abi.encode(market.order(id), market.offer(1))), before);
    }

    function test_Storage_SlotIsTheNamespace() external view {
        bytes32 slot = keccak256(abi.encode(uint256(keccak256("guildhall.market")) - 1)) & ~bytes32(uint256(0xff));
        vm.assertTrue(vm.load(address(market), bytes32(uint256(slot) + 1)) != bytes32(0));
    }
}
