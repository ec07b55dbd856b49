// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title Reviews that only a finished purchase can write
/// @notice One review an order, by its buyer, once the order was Released or Settled, and one reply by its seller. The
/// texts stay off chain under their hashes; weighting and hiding are the reader's business.
interface IReviews {
    /// @notice A review as it stands; rating zero is none.
    struct Review {
        uint8 rating;
        uint64 writtenAt;
        bytes32 contentHash;
        bytes32 replyHash;
    }

    event ReviewWritten(
        uint256 indexed orderId,
        uint256 indexed offerId,
        address indexed seller,
        address buyer,
        uint8 rating,
        bytes32 contentHash
    );
    event ReviewReplied(uint256 indexed orderId, address indexed seller, bytes32 replyHash);

    /// @notice Only an order that was released or settled can be reviewed.
    error NotReviewable(uint256 orderId);
    /// @notice Only the order's buyer may review it.
    error NotBuyer(uint256 orderId, address caller);
    /// @notice Only the order's seller may reply.
    error NotSeller(uint256 orderId, address caller);
    /// @notice A rating is one to five.
    error RatingOutOfRange(uint8 rating);
    /// @notice The order has its review.
    error AlreadyReviewed(uint256 orderId);
    /// @notice The order has no review to reply to.
    error NotReviewed(uint256 orderId);
    /// @notice The review has its reply.
    error AlreadyReplied(uint256 orderId);
    /// @notice The zero hash is no reply.
    error EmptyReply(uint256 orderId);

    /// @notice The buyer reviews an order.
    function review(uint256 orderId, uint8 rating, bytes32 contentHash) external;
    /// @notice The seller replies to the review of an order.
    function reply(uint256 orderId, bytes32 replyHash) external;
    /// @notice The review of an order.
    function reviewOf(uint256 orderId) external view returns (Review memory);
    /// @notice The market whose orders are reviewed.
    function market() external view returns (address);
}
