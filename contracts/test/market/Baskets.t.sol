// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {FalseToken, FeeToken, ReentrantToken} from "../support/Tokens.sol";
import {Town} from "../support/Town.sol";

contract BasketsTest is Town {
    bytes32 internal constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    function test_PlaceOrders_RevertWhen_Paused() external {
        IMarket.Line[] memory lines = _lines(_publish(), 1);
        vm.prank(operator);
        market.pause();
        _expectRefused(lines, abi.encodeWithSelector(PausableUpgradeable.EnforcedPause.selector));
    }

    function test_PlaceOrders_RevertWhen_NoLines() external {
        _expectRefused(new IMarket.Line[](0), abi.encodeWithSelector(IMarket.NothingToDo.selector));
    }

    function test_PlaceOrders_RevertWhen_UnknownOffer() external {
        IMarket.Line[] memory lines = _lines(_publish(), 1);
        lines[0].offerId = 42;
        _expectRefused(lines, abi.encodeWithSelector(IMarket.UnknownOffer.selector, 42));
    }

    function test_PlaceOrders_RevertWhen_StaleTerms() external {
        uint256 id = _publish();
        IMarket.Line[] memory lines = _lines(id, 1);
        vm.prank(seller);
        market.reviseOffer(id, _terms(address(stable), PRICE * 2, SHIPPING), 0);
        _expectRefused(lines, abi.encodeWithSelector(IMarket.StaleTerms.selector, id, 1, 2));
    }

    function test_PlaceOrders_RevertWhen_TermsMismatch() external {
        uint256 id = _publish();
        IMarket.Line[] memory lines = _lines(id, 1);
        lines[0].termsHash = bytes32(uint256(1));
        bytes32 expected = market.termsHash(id);
        _expectRefused(lines, abi.encodeWithSelector(IMarket.TermsMismatch.selector, id, expected, bytes32(uint256(1))));
    }

    function test_PlaceOrders_RevertWhen_ZeroQuantity() external {
        uint256 id = _publish();
        _expectRefused(_lines(id, 0), abi.encodeWithSelector(IMarket.ZeroQuantity.selector, id));
    }

    function test_PlaceOrders_RevertWhen_InsufficientStock() external {
        uint256 id = _publish();
        _expectRefused(_lines(id, 101), abi.encodeWithSelector(IMarket.InsufficientStock.selector, id, 100, 101));
    }

    function test_PlaceOrders_RevertWhen_SelfPurchase() external {
        uint256 id = _publish();
        IMarket.Line[] memory lines = _lines(id, 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.SelfPurchase.selector, id));
        vm.prank(seller);
        market.placeOrders(lines);
    }

    function test_PlaceOrders_RevertWhen_TokenNotAllowed() external {
        uint256 id = _publish();
        vm.prank(operator);
        market.setTokenAllowed(address(stable), false);
        _expectRefused(_lines(id, 1), abi.encodeWithSelector(IMarket.TokenNotAllowed.selector, address(stable)));
    }

    function test_PlaceOrders_RevertWhen_AmountTooLarge() external {
        uint256 id = _publishAs(seller, _terms(address(stable), type(uint128).max, 1));
        _expectRefused(_lines(id, 1), abi.encodeWithSelector(IMarket.AmountTooLarge.selector, id, uint256(1) << 128));
    }

    function test_PlaceOrders_KeepsNothingWhen_OneLineIsBad() external {
        IMarket.Line[] memory lines = new IMarket.Line[](2);
        lines[0] = _line(_publish(), 1);
        lines[1] = _line(_publish(), 1);
        lines[1].quantity = 0;
        uint256 before = stable.balanceOf(buyer);
        _expectRefused(lines, abi.encodeWithSelector(IMarket.ZeroQuantity.selector, 2));
        vm.assertEq(stable.balanceOf(buyer), before);
        vm.assertEq(market.offer(1).stock, 100);
    }

    function test_PlaceOrders_RevertWhen_InsufficientBond() external {
        uint256 id = _publishAs(seller, _terms(address(stable), 400_000e6, 0));
        _expectRefused(
            _lines(id, 1), abi.encodeWithSelector(IMarket.InsufficientBond.selector, id, seller, 20_000e6, 10_000e6)
        );
    }

    function test_PlaceOrders_RevertWhen_WrongValue() external {
        IMarket.Line[] memory lines = _lines(_publishAs(otherSeller, _terms(NATIVE, 1 ether, 0)), 2);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongValue.selector, 2 ether, 1 ether));
        vm.prank(buyer);
        market.placeOrders{value: 1 ether}(lines);
        lines = _lines(_publish(), 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongValue.selector, 0, 1));
        vm.prank(buyer);
        market.placeOrders{value: 1}(lines);
    }

    function test_PlaceOrders_RefusesTransferFee() external {
        FeeToken token = new FeeToken();
        token.mint(buyer, 1_000);
        IMarket.Line[] memory lines = _offerIn(token, 1_000);
        _expectRefused(
            lines, abi.encodeWithSelector(IMarket.TransferAmountMismatch.selector, address(token), 1_000, 990)
        );
    }

    function test_PlaceOrders_RefusesFalseAnswer() external {
        FalseToken token = new FalseToken();
        token.mint(buyer, 1_000);
        IMarket.Line[] memory lines = _offerIn(token, 1_000);
        _expectRefused(lines, abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
    }

    function test_PlaceOrders_RefusesCallBack() external {
        ReentrantToken token = new ReentrantToken(market);
        token.mint(buyer, 1_000);
        IMarket.Line[] memory lines = _offerIn(token, 1_000);
        token.arm(abi.encodeCall(IMarket.placeOrders, (lines)));
        _expectRefused(lines, abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
    }

    function test_PlaceOrders_Emits() external {
        IMarket.Line[] memory lines = _lines(_publish(), 2);
        vm.expectEmit(true, true, true, true, address(market));
        emit IMarket.OrderFunded(
            1,
            buyer,
            seller,
            1,
            1,
            2,
            address(stable),
            _total(),
            _bondOf(_total()),
            200,
            uint64(START + 48 hours),
            keccak256("salted address")
        );
        vm.prank(buyer);
        market.placeOrders(lines);
    }

    function test_PlaceOrders_LocksMoneyAndBond() external {
        uint256 balance = stable.balanceOf(buyer);
        uint256 credit = market.creditOf(seller, address(stable));
        uint256 owed = market.liabilities(address(stable));
        uint256 id = _funded();
        vm.assertEq(stable.balanceOf(buyer), balance - _total());
        vm.assertEq(market.creditOf(seller, address(stable)), credit - _bondOf(_total()));
        vm.assertEq(market.liabilities(address(stable)), owed + _total());
        vm.assertEq(market.offer(1).stock, 98);
        vm.assertEq(market.nextDeadline(id), START + 48 hours);
        IMarket.OrderView memory o = market.order(id);
        vm.assertEq(o.buyer, buyer);
        vm.assertEq(o.seller, seller);
        vm.assertEq(o.token, address(stable));
        vm.assertEq(o.bond, _bondOf(_total()));
    }

    function test_PlaceOrders_TakesSeveralSellersAndTokens() external {
        IMarket.Line[] memory lines = new IMarket.Line[](4);
        lines[0] = _line(_publish(), 1);
        lines[1] = _line(_publishAs(otherSeller, _terms(NATIVE, 1 ether, 0)), 2);
        lines[2] = _line(_publishAs(otherSeller, _terms(address(stable), 5e6, 1e6)), 3);
        lines[3] = _line(_publishAs(otherSeller, _terms(NATIVE, 0, 0)), 1);
        uint256 before = stable.balanceOf(buyer);
        vm.prank(buyer);
        uint256[] memory ids = market.placeOrders{value: 2 ether}(lines);
        vm.assertEq(ids.length, 4);
        vm.assertEq(before - stable.balanceOf(buyer), uint256(PRICE) + SHIPPING + 16e6);
        vm.assertEq(address(market).balance, market.liabilities(NATIVE));
    }

    function test_PlaceOrdersWithPermit_Pays() external {
        IMarket.Line[] memory lines = _lines(_publish(), 2);
        vm.prank(buyer);
        stable.approve(address(market), 0);
        (uint8 v, bytes32 r, bytes32 s) = _permit(_total());
        vm.prank(buyer);
        market.placeOrdersWithPermit(lines, address(stable), _total(), START, v, r, s);
        assertState(1, IMarket.State.Funded);
    }

    function test_PlaceOrdersWithPermit_PaysWhen_PermitWasUsedBySomebodyElse() external {
        IMarket.Line[] memory lines = _lines(_publish(), 2);
        vm.prank(buyer);
        stable.approve(address(market), 0);
        (uint8 v, bytes32 r, bytes32 s) = _permit(_total());
        vm.prank(stranger);
        stable.permit(buyer, address(market), _total(), START, v, r, s);
        vm.prank(buyer);
        market.placeOrdersWithPermit(lines, address(stable), _total(), START, v, r, s);
        assertState(1, IMarket.State.Funded);
    }

    function test_PlaceOrdersWithPermit_RevertWhen_NeitherIsGood() external {
        IMarket.Line[] memory lines = _lines(_publish(), 2);
        vm.prank(buyer);
        stable.approve(address(market), 5);
        (uint8 v, bytes32 r, bytes32 s) = _permit(_total());
        vm.expectRevert(abi.encodeWithSelector(IMarket.PermitFailed.selector, address(stable), _total() + 1, 5));
        vm.prank(buyer);
        market.placeOrdersWithPermit(lines, address(stable), _total() + 1, START, v, r, s);
    }

    function _expectRefused(IMarket.Line[] memory lines, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(buyer);
        market.placeOrders(lines);
    }

    /// @dev A one-piece offer in a token without bonds, so that only the buyer's payment moves it.
    function _offerIn(ERC20 token, uint128 price) private returns (IMarket.Line[] memory) {
        vm.startPrank(operator);
        market.setTokenAllowed(address(token), true);
        market.setFeeSchedule(200, 0);
        vm.stopPrank();
        vm.prank(buyer);
        token.approve(address(market), type(uint256).max);
        return _lines(_publishAs(seller, _terms(address(token), price, 0)), 1);
    }

    function _permit(uint256 value) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 message = keccak256(abi.encode(PERMIT, buyer, address(market), value, stable.nonces(buyer), START));
        return vm.sign(BUYER_KEY, keccak256(abi.encodePacked(hex"1901", stable.DOMAIN_SEPARATOR(), message)));
    }
}
