// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {IReviews} from "../../src/reviews/IReviews.sol";
import {Reviews} from "../../src/reviews/Reviews.sol";
import {Court} from "../support/Court.sol";

contract ReviewsTest is Court {
    Reviews internal reviews;

    function setUp() public override {
        super.setUp();
        reviews =
            Reviews(_proxy(address(new Reviews()), abi.encodeCall(Reviews.initialize, (address(authority), market))));
    }

    function test_Review_RevertWhen_OrderHasNotEndedInASale() external {
        uint256 id = _delivered();
        vm.expectRevert(abi.encodeWithSelector(IReviews.NotReviewable.selector, id));
        vm.prank(buyer);
        reviews.review(id, 5, 0);
        id = _funded();
        vm.startPrank(buyer);
        market.cancel(id);
        vm.expectRevert(abi.encodeWithSelector(IReviews.NotReviewable.selector, id));
        reviews.review(id, 5, 0);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IMarket.UnknownOrder.selector, 99));
        reviews.review(99, 5, 0);
    }

    function test_Review_RevertWhen_NotBuyerOrOutOfRange() external {
        uint256 id = _released();
        vm.expectRevert(abi.encodeWithSelector(IReviews.NotBuyer.selector, id, seller));
        vm.prank(seller);
        reviews.review(id, 5, 0);
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IReviews.RatingOutOfRange.selector, 0));
        reviews.review(id, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IReviews.RatingOutOfRange.selector, 6));
        reviews.review(id, 6, 0);
        vm.stopPrank();
    }

    function test_Review_OncePerOrder() external {
        uint256 id = _released();
        vm.expectEmit(true, true, true, true, address(reviews));
        emit IReviews.ReviewWritten(id, 1, seller, buyer, 4, "bright");
        vm.startPrank(buyer);
        reviews.review(id, 4, "bright");
        vm.expectRevert(abi.encodeWithSelector(IReviews.AlreadyReviewed.selector, id));
        reviews.review(id, 1, "changed my mind");
        vm.stopPrank();
        vm.assertEq(reviews.reviewOf(id).rating, 4);
        vm.assertEq(reviews.reviewOf(id).writtenAt, block.timestamp);
        vm.assertEq(reviews.market(), address(market));
    }

    function test_Review_OfASettledOrder() external {
        uint256 id = _disputed();
        _pass(id);
        _conclude(id);
        vm.prank(buyer);
        reviews.review(id, 1, "broken");
    }

    function test_Reply_OnceByTheSeller() external {
        uint256 id = _released();
        vm.expectRevert(abi.encodeWithSelector(IReviews.NotReviewed.selector, id));
        vm.prank(seller);
        reviews.reply(id, "thanks");
        vm.prank(buyer);
        reviews.review(id, 4, "bright");
        vm.expectRevert(abi.encodeWithSelector(IReviews.NotSeller.selector, id, stranger));
        vm.prank(stranger);
        reviews.reply(id, "thanks");
        vm.startPrank(seller);
        vm.expectRevert(abi.encodeWithSelector(IReviews.EmptyReply.selector, id));
        reviews.reply(id, 0);
        vm.expectEmit(true, true, true, true, address(reviews));
        emit IReviews.ReviewReplied(id, seller, "thanks");
        reviews.reply(id, "thanks");
        vm.expectRevert(abi.encodeWithSelector(IReviews.AlreadyReplied.selector, id));
        reviews.reply(id, "really");
        vm.stopPrank();
    }

    function test_Upgrade_RevertWhen_NoUpgrader() external {
        address next = address(new Reviews());
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        reviews.upgradeToAndCall(next, "");
    }
}
