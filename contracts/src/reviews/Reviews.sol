// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IMarket} from "../market/IMarket.sol";
import {IReviews} from "./IReviews.sol";

/// @title Reviews of finished purchases
/// @notice Reads the market and is not known to it, so nothing here can hold an order up.
contract Reviews is IReviews, AccessManagedUpgradeable, UUPSUpgradeable {
    uint8 internal constant RATING_MAX = 5;

    /// @custom:storage-location erc7201:guildhall.reviews
    struct Layout {
        IMarket market;
        mapping(uint256 orderId => Review) review;
    }

    // keccak256(abi.encode(uint256(keccak256("guildhall.reviews")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant REVIEWS_SLOT = 0x257164b020532ffda13260d1d385694342b6fda3f2355a68f20fb0851e513d00;

    constructor() {
        _disableInitializers();
    }

    /// @notice Sets the reviews of one market up behind their proxy.
    function initialize(address authority_, IMarket market_) external initializer {
        __AccessManaged_init(authority_);
        _reviews().market = market_;
    }

    /// @inheritdoc IReviews
    function review(uint256 orderId, uint8 rating, bytes32 contentHash) external {
        Review storage r = _reviews().review[orderId];
        if (r.rating != 0) revert AlreadyReviewed(orderId);
        if (rating == 0 || rating > RATING_MAX) revert RatingOutOfRange(rating);
        IMarket.OrderView memory o = _reviews().market.order(orderId);
        bool ended = o.state == IMarket.State.Released || o.state == IMarket.State.Settled;
        if (!ended) revert NotReviewable(orderId);
        if (o.buyer != msg.sender) revert NotBuyer(orderId, msg.sender);
        (r.rating, r.writtenAt, r.contentHash) = (rating, uint64(block.timestamp), contentHash);
        emit ReviewWritten(orderId, o.offerId, o.seller, o.buyer, rating, contentHash);
    }

    /// @inheritdoc IReviews
    function reply(uint256 orderId, bytes32 replyHash) external {
        Review storage r = _reviews().review[orderId];
        if (r.rating == 0) revert NotReviewed(orderId);
        if (r.replyHash != 0) revert AlreadyReplied(orderId);
        if (replyHash == 0) revert EmptyReply(orderId);
        if (_reviews().market.order(orderId).seller != msg.sender) revert NotSeller(orderId, msg.sender);
        r.replyHash = replyHash;
        emit ReviewReplied(orderId, msg.sender, replyHash);
    }

    /// @inheritdoc IReviews
    function reviewOf(uint256 orderId) external view returns (Review memory) {
        return _reviews().review[orderId];
    }

    /// @inheritdoc IReviews
    function market() external view returns (address) {
        return address(_reviews().market);
    }

    function _reviews() internal pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := REVIEWS_SLOT
        }
    }

    function _authorizeUpgrade(address) internal override restricted {}
}
