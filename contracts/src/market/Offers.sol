// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Credits} from "./Credits.sol";
import {IMarket} from "./IMarket.sol";

/// @title What sellers put on the market
abstract contract Offers is Credits {
    /// @dev The shortest time any party is given.
    uint32 internal constant WINDOW_MIN = 1 hours;
    uint32 internal constant ACCEPT_MAX = 7 days;
    uint32 internal constant SHIP_MAX = 30 days;
    uint32 internal constant DELIVER_MAX = 60 days;
    uint32 internal constant INSPECT_MAX = 30 days;

    /// @inheritdoc IMarket
    function publishOffer(Terms calldata terms, uint64 stock, bytes32 metadata) external returns (uint256 offerId) {
        offerId = ++_market().offers;
        _market().offer[offerId] = Offer({seller: msg.sender, version: 1, active: true, stock: stock});
        _writeTerms(offerId, 1, terms, metadata);
        emit OfferPublished(offerId, msg.sender, 1, terms, stock, metadata);
    }

    /// @inheritdoc IMarket
    function reviseOffer(uint256 offerId, Terms calldata terms, bytes32 metadata) external {
        Offer storage o = _ownOffer(offerId);
        uint24 version = ++o.version;
        _writeTerms(offerId, version, terms, metadata);
        emit OfferRevised(offerId, msg.sender, version, terms, o.stock, metadata);
    }

    /// @inheritdoc IMarket
    function setStock(uint256 offerId, uint64 stock) external {
        _ownOffer(offerId).stock = stock;
        emit OfferStockSet(offerId, stock);
    }

    /// @inheritdoc IMarket
    function setOfferActive(uint256 offerId, bool active) external {
        _ownOffer(offerId).active = active;
        emit OfferActiveSet(offerId, active);
    }

    /// @inheritdoc IMarket
    function offer(uint256 offerId) external view returns (OfferView memory) {
        Offer storage o = _knownOffer(offerId);
        uint24 version = o.version;
        return OfferView({
            seller: o.seller,
            version: version,
            active: o.active,
            stock: o.stock,
            terms: _market().terms[offerId][version],
            termsHash: _market().termsHash[offerId][version]
        });
    }

    /// @inheritdoc IMarket
    function termsHash(uint256 offerId) external view returns (bytes32) {
        return _market().termsHash[offerId][_knownOffer(offerId).version];
    }

    /// @dev The hash binds the terms to this market on this chain, to the offer and to the seller's description.
    function _writeTerms(uint256 offerId, uint256 version, Terms calldata terms, bytes32 metadata) private {
        _requireAllowed(terms.token);
        _requireWithin(terms.acceptWithin, ACCEPT_MAX);
        _requireWithin(terms.shipWithin, SHIP_MAX);
        _requireWithin(terms.deliverWithin, DELIVER_MAX);
        _requireWithin(terms.inspectWithin, INSPECT_MAX);
        _market().terms[offerId][version] = terms;
        _market().termsHash[offerId][version] =
            keccak256(abi.encode(block.chainid, address(this), offerId, version, msg.sender, terms, metadata));
    }

    function _requireWithin(uint32 given, uint32 most) private pure {
        if (given < WINDOW_MIN || given > most) revert TermOutOfBounds(given, WINDOW_MIN, most);
    }

    function _ownOffer(uint256 offerId) private view returns (Offer storage o) {
        o = _knownOffer(offerId);
        if (o.seller != msg.sender) revert NotSeller(offerId, msg.sender);
    }

    function _knownOffer(uint256 offerId) internal view returns (Offer storage o) {
        o = _market().offer[offerId];
        if (o.seller == address(0)) revert UnknownOffer(offerId);
    }
}
