// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Credits} from "./Credits.sol";
import {IMarket} from "./IMarket.sol";
import {OfferBook} from "./OfferBook.sol";

/// @title What sellers put on the market
abstract contract Offers is Credits, OfferBook {
    /// @inheritdoc IMarket
    function publishOffer(Terms calldata terms, uint64 stock, bytes32 metadata) external returns (uint256 offerId) {
        offerId = _publish(terms, stock, metadata);
        _bindTerms(offerId, 1, terms, metadata);
    }

    /// @inheritdoc IMarket
    function reviseOffer(uint256 offerId, Terms calldata terms, bytes32 metadata) external {
        uint24 version = _revise(offerId, terms, metadata);
        _bindTerms(offerId, version, terms, metadata);
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
}
