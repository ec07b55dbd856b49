// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ITrace} from "./ITrace.sol";

/// @title The anchor of supply-chain events
contract Trace is ITrace, AccessManagedUpgradeable, UUPSUpgradeable {
    /// @custom:storage-location erc7201:guildhall.trace
    struct Layout {
        uint64 batches;
        uint64 events;
        mapping(bytes32 root => Batch) batch;
        mapping(uint256 orderId => mapping(bytes32 eventHash => bool)) bound;
    }

    // keccak256(abi.encode(uint256(keccak256("guildhall.trace")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant TRACE_SLOT = 0x8dbc92f350d8e942630b408d2711903d7af4048dd854fed0cf17dd16f8c79600;

    constructor() {
        _disableInitializers();
    }

    /// @notice Sets the anchor up behind its proxy.
    function initialize(address authority_) external initializer {
        __AccessManaged_init(authority_);
    }

    /// @inheritdoc ITrace
    function anchor(bytes32 root, uint64 count) external restricted returns (uint64 batchId) {
        if (root == 0) revert EmptyHash();
        if (count == 0) revert EmptyBatch();
        Layout storage $ = _trace();
        batchId = $.batch[root].id;
        if (batchId != 0) revert AlreadyAnchored(root, batchId);
        batchId = ++$.batches;
        uint64 total = $.events += count;
        $.batch[root] = Batch(batchId, count, uint64(block.number), uint64(block.timestamp));
        emit BatchAnchored(batchId, root, count, total, msg.sender);
    }

    /// @inheritdoc ITrace
    function bindShipment(uint256 orderId, bytes32 eventHash, bytes32 root, bytes32[] calldata proof)
        external
        restricted
    {
        if (eventHash == 0) revert EmptyHash();
        Layout storage $ = _trace();
        if ($.batch[root].id == 0) revert NotAnchored(root);
        if (!_leadsTo(eventHash, root, proof)) revert NotIncluded(eventHash, root);
        if ($.bound[orderId][eventHash]) revert AlreadyBound(orderId, eventHash);
        $.bound[orderId][eventHash] = true;
        emit ShipmentBound(orderId, eventHash, root, msg.sender);
    }

    /// @inheritdoc ITrace
    function batch(bytes32 root) external view returns (Batch memory) {
        return _trace().batch[root];
    }

    /// @inheritdoc ITrace
    function counts() external view returns (uint64 batches, uint64 events) {
        Layout storage $ = _trace();
        return ($.batches, $.events);
    }

    /// @inheritdoc ITrace
    function isBound(uint256 orderId, bytes32 eventHash) external view returns (bool) {
        return _trace().bound[orderId][eventHash];
    }

    /// @inheritdoc ITrace
    function isIncluded(bytes32 eventHash, bytes32 root, bytes32[] calldata proof) external view returns (bool) {
        return _trace().batch[root].id != 0 && _leadsTo(eventHash, root, proof);
    }

    function _leadsTo(bytes32 eventHash, bytes32 root, bytes32[] calldata proof) private pure returns (bool) {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(eventHash))));
        return MerkleProof.verifyCalldata(proof, root, leaf);
    }

    function _trace() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := TRACE_SLOT
        }
    }

    function _authorizeUpgrade(address) internal override restricted {}
}
