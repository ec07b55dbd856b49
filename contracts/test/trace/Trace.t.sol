// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Roles} from "../../src/governance/Roles.sol";
import {ITrace} from "../../src/trace/ITrace.sol";
import {Trace} from "../../src/trace/Trace.sol";
import {Town} from "../support/Town.sol";

contract TraceTest is Town {
    bytes32 internal constant FIRST = keccak256("first");
    bytes32 internal constant SECOND = keccak256("second");

    address internal anchorer = address(0xA2C402);
    Trace internal trace;

    function setUp() public override {
        super.setUp();
        trace = Trace(_proxy(address(new Trace()), abi.encodeCall(Trace.initialize, (address(authority)))));
        bytes4[] memory selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (Trace.anchor.selector, Trace.bindShipment.selector);
        bytes4[] memory upgrade = new bytes4[](1);
        upgrade[0] = trace.upgradeToAndCall.selector;
        vm.startPrank(operator);
        authority.grantRole(Roles.ANCHORER, anchorer, 0);
        authority.setTargetFunctionRole(address(trace), selectors, Roles.ANCHORER);
        authority.setTargetFunctionRole(address(trace), upgrade, Roles.UPGRADER);
        vm.stopPrank();
    }

    function test_Initialize_RevertWhen_Again() external {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        trace.initialize(address(authority));
    }

    function test_Anchor_RevertWhen_NoAnchorer() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
        vm.prank(operator);
        trace.anchor(FIRST, 1);
    }

    function test_Anchor_RevertWhen_RootIsZero() external {
        vm.expectRevert(ITrace.EmptyHash.selector);
        vm.prank(anchorer);
        trace.anchor(0, 1);
    }

    function test_Anchor_RevertWhen_NothingIsInIt() external {
        vm.expectRevert(ITrace.EmptyBatch.selector);
        vm.prank(anchorer);
        trace.anchor(FIRST, 0);
    }

    function test_Anchor_RevertWhen_AnchoredAlready() external {
        vm.startPrank(anchorer);
        trace.anchor(FIRST, 3);
        vm.expectRevert(abi.encodeWithSelector(ITrace.AlreadyAnchored.selector, FIRST, 1));
        trace.anchor(FIRST, 3);
        vm.stopPrank();
    }

    function test_Anchor_NumbersCountsAndTells() external {
        vm.startPrank(anchorer);
        trace.anchor(FIRST, 3);
        vm.expectEmit(true, true, true, true, address(trace));
        emit ITrace.BatchAnchored(2, SECOND, 4, 7, anchorer);
        vm.assertEq(trace.anchor(SECOND, 4), 2);
        vm.stopPrank();
        (uint64 batches, uint64 events) = trace.counts();
        vm.assertEq(batches, 2);
        vm.assertEq(events, 7);
        ITrace.Batch memory batch = trace.batch(SECOND);
        vm.assertEq(batch.id, 2);
        vm.assertEq(batch.count, 4);
        vm.assertEq(batch.blockNumber, block.number);
        vm.assertEq(batch.timestamp, START);
        vm.assertEq(trace.batch(keccak256("none")).id, 0);
    }

    function test_IsIncluded_OnlyUnderAnAnchoredRootThatTheProofLeadsTo() external {
        (bytes32 root, bytes32[] memory proof) = _pair();
        vm.assertFalse(trace.isIncluded(FIRST, root, proof));
        vm.prank(anchorer);
        trace.anchor(root, 2);
        vm.assertTrue(trace.isIncluded(FIRST, root, proof));
        vm.assertFalse(trace.isIncluded(keccak256("forged"), root, proof));
        vm.assertFalse(trace.isIncluded(FIRST, root, new bytes32[](0)));
    }

    function test_BindShipment_RevertWhen_NoAnchorer() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, seller));
        vm.prank(seller);
        trace.bindShipment(7, FIRST, SECOND, new bytes32[](0));
    }

    function test_BindShipment_RevertWhen_HashIsZero() external {
        vm.expectRevert(ITrace.EmptyHash.selector);
        vm.prank(anchorer);
        trace.bindShipment(7, 0, SECOND, new bytes32[](0));
    }

    function test_BindShipment_RevertWhen_NotAnchored() external {
        (bytes32 root, bytes32[] memory proof) = _pair();
        vm.expectRevert(abi.encodeWithSelector(ITrace.NotAnchored.selector, root));
        vm.prank(anchorer);
        trace.bindShipment(7, FIRST, root, proof);
    }

    function test_BindShipment_RevertWhen_NotIncluded() external {
        (bytes32 root, bytes32[] memory proof) = _pair();
        vm.startPrank(anchorer);
        trace.anchor(root, 2);
        vm.expectRevert(abi.encodeWithSelector(ITrace.NotIncluded.selector, SECOND, root));
        trace.bindShipment(7, SECOND, root, proof);
        vm.stopPrank();
    }

    function test_BindShipment_BindsOnce() external {
        (bytes32 root, bytes32[] memory proof) = _pair();
        vm.startPrank(anchorer);
        trace.anchor(root, 2);
        vm.expectEmit(true, true, true, true, address(trace));
        emit ITrace.ShipmentBound(7, FIRST, root, anchorer);
        trace.bindShipment(7, FIRST, root, proof);
        vm.assertTrue(trace.isBound(7, FIRST));
        vm.assertFalse(trace.isBound(8, FIRST));
        vm.expectRevert(abi.encodeWithSelector(ITrace.AlreadyBound.selector, 7, FIRST));
        trace.bindShipment(7, FIRST, root, proof);
        vm.stopPrank();
    }

    function test_Upgrade_RevertWhen_NoUpgrader() external {
        address next = address(new Trace());
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anchorer));
        vm.prank(anchorer);
        trace.upgradeToAndCall(next, "");
    }

    function test_Upgrade_KeepsWhatWasAnchored() external {
        vm.prank(anchorer);
        trace.anchor(FIRST, 3);
        address next = address(new Trace());
        vm.prank(operator);
        trace.upgradeToAndCall(next, "");
        vm.assertEq(trace.batch(FIRST).count, 3);
    }

    function _pair() private pure returns (bytes32 root, bytes32[] memory proof) {
        (bytes32 a, bytes32 b) = (_leaf(FIRST), _leaf(SECOND));
        root = a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
        proof = hashes(b);
    }

    function _leaf(bytes32 eventHash) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(eventHash))));
    }
}
