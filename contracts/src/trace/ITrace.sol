// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title What the guild can prove about where goods have been
/// @notice Hashes of supply-chain events (EPCIS 2.0, hashed after CBV 2.0) are gathered into Merkle trees, and the
/// root of each tree is anchored here. Whoever holds an event can then prove that it was known by that block, and
/// that it has not been changed since. It proves nothing about whether the event was true.
interface ITrace {
    /// @notice An anchored tree.
    struct Batch {
        uint64 id;
        uint64 count;
        uint64 blockNumber;
        uint64 timestamp;
    }

    /// @notice The root of a tree of event hashes was anchored.
    /// @param batchId Its running number, from one.
    /// @param root The root.
    /// @param count How many event hashes are in the tree.
    /// @param total How many are in all trees so far.
    /// @param by Who anchored it.
    event BatchAnchored(uint64 indexed batchId, bytes32 indexed root, uint64 count, uint64 total, address indexed by);

    /// @notice An event was bound to the shipment of an order.
    /// @param orderId The market's number of the order.
    /// @param eventHash The event's hash.
    /// @param root The root that proves it.
    /// @param by Who bound it.
    event ShipmentBound(uint256 indexed orderId, bytes32 indexed eventHash, bytes32 root, address indexed by);

    /// @notice A root or an event hash is zero.
    error EmptyHash();
    /// @notice A tree without event hashes.
    error EmptyBatch();
    /// @notice The root is anchored already.
    error AlreadyAnchored(bytes32 root, uint64 batchId);
    /// @notice The root was never anchored.
    error NotAnchored(bytes32 root);
    /// @notice The proof does not lead from the event hash to the root.
    error NotIncluded(bytes32 eventHash, bytes32 root);
    /// @notice The event is bound to the order already.
    error AlreadyBound(uint256 orderId, bytes32 eventHash);

    /// @notice Anchors the root of a tree of `count` event hashes, once.
    function anchor(bytes32 root, uint64 count) external returns (uint64 batchId);

    /// @notice Binds an anchored event to the shipment of an order.
    function bindShipment(uint256 orderId, bytes32 eventHash, bytes32 root, bytes32[] calldata proof) external;

    /// @notice The tree anchored under a root. All zero where there is none.
    function batch(bytes32 root) external view returns (Batch memory);

    /// @notice How many trees were anchored, and how many event hashes are in them.
    function counts() external view returns (uint64 batches, uint64 events);

    /// @notice Whether an event was bound to the shipment of an order.
    function isBound(uint256 orderId, bytes32 eventHash) external view returns (bool);

    /// @notice Whether an event hash is in the tree anchored under a root. Leaves are hashed twice, and the two
    /// children of a node are hashed in ascending order, as in OpenZeppelin's StandardMerkleTree of `["bytes32"]`.
    function isIncluded(bytes32 eventHash, bytes32 root, bytes32[] calldata proof) external view returns (bool);
}
