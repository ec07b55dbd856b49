// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {StableToken} from "../../src/payments/StableToken.sol";
import {Town} from "../support/Town.sol";

contract StableTokenTest is Town {
    function test_Metadata() external view {
        vm.assertEq(stable.symbol(), "gUSD");
        vm.assertEq(stable.decimals(), 6);
    }

    function test_Mint_RevertWhen_NoMinter() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        stable.mint(stranger, 1);
    }

    function test_Mint_Issues() external {
        vm.prank(operator);
        stable.mint(stranger, 7);
        vm.assertEq(stable.balanceOf(stranger), 7);
    }

    function test_MintBatch_RevertWhen_LengthsDiffer() external {
        vm.expectRevert(abi.encodeWithSelector(StableToken.LengthMismatch.selector, 2, 1));
        vm.prank(operator);
        stable.mintBatch(new address[](2), new uint256[](1));
    }

    function test_MintBatch_IssuesToEach() external {
        address[] memory to = new address[](2);
        uint256[] memory amount = new uint256[](2);
        (to[0], to[1]) = (stranger, carrier);
        (amount[0], amount[1]) = (3, 4);
        vm.prank(operator);
        stable.mintBatch(to, amount);
        vm.assertEq(stable.balanceOf(stranger), 3);
        vm.assertEq(stable.balanceOf(carrier), 4);
    }

    function test_Burn_RevertWhen_NoMinter() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, buyer));
        vm.prank(buyer);
        stable.burn(1);
    }

    function test_Burn_RedeemsOwnOnly() external {
        vm.startPrank(operator);
        stable.mint(operator, 5);
        stable.burn(5);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, operator, 0, 1));
        stable.burn(1);
    }

    function test_Permit_ApprovesOnce() external {
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                buyer,
                stranger,
                9,
                0,
                START
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", stable.DOMAIN_SEPARATOR(), message));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(BUYER_KEY, digest);
        stable.permit(buyer, stranger, 9, START, v, r, s);
        vm.assertEq(stable.allowance(buyer, stranger), 9);
        (bool done,) = address(stable).call(abi.encodeCall(stable.permit, (buyer, stranger, 9, START, v, r, s)));
        vm.assertFalse(done);
    }
}
