// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";
import {Money} from "./Money.sol";

/// @title How offers are kept
/// @notice Terms are bounded and hashed here, whichever call they come by.
abstract contract OfferBook is Money {
    /// @dev The shortest time any party is given.
    uint32 internal constant WINDOW_MIN = 1 hours;
    uint32 internal constant ACCEPT_MAX = 7 days;
    uint32 internal constant SHIP_MAX = 30 days;
    uint32 internal constant DELIVER_MAX = 60 days;
    uint32 internal constant INSPECT_MAX = 30 days;

    /// @dev The shortest time in which silence may cost a party anything.
    uint32 internal constant ANSWER_MIN = 1 days;
    uint32 internal constant ANSWER_MAX = 14 days;
    uint32 internal constant RETURN_MAX = 30 days;
    uint32 internal constant ARBITER_MIN = 14 days;
    uint32 internal constant ARBITER_MAX = 90 days;

    function _publish(IMarket.Terms calldata terms, uint64 stock, bytes32 metadata) internal returns (uint256 offerId) {
        offerId = ++_market().offers;
        _market().offer[offerId] = Offer({seller: msg.sender, version: 1, active: true, stock: stock});
        _writeTerms(offerId, 1, terms);
        emit IMarket.OfferPublished(offerId, msg.sender, 1, terms, stock, metadata);
    }

    function _revise(uint256 offerId, IMarket.Terms calldata terms, bytes32 metadata)
        internal
        returns (uint24 version)
    {
        Offer storage o = _ownOffer(offerId);
        version = ++o.version;
        _writeTerms(offerId, version, terms);
        emit IMarket.OfferRevised(offerId, msg.sender, version, terms, o.stock, metadata);
    }

    /// @dev The hash binds the terms to this market on this chain, to the offer and to the seller's description.
    function _bindTerms(uint256 offerId, uint256 version, IMarket.Terms calldata terms, bytes32 metadata) internal {
        _market().termsHash[offerId][version] =
            keccak256(abi.encode(block.chainid, address(this), offerId, version, msg.sender, terms, metadata));
    }

    /// @dev The same, and the limits after the sale beside it.
    function _bindTermsWith(
        uint256 offerId,
        uint256 version,
        IMarket.Terms calldata terms,
        IAftersales.AfterSales calldata afterSales,
        bytes32 metadata
    ) internal {
        _market().termsHash[offerId][version] = keccak256(
            abi.encode(block.chainid, address(this), offerId, version, msg.sender, terms, metadata, afterSales)
        );
    }

    function _requireAfterSales(IAftersales.AfterSales calldata a) internal pure {
        _requireBetween(a.contestWithin, ANSWER_MIN, ANSWER_MAX);
        _requireBetween(a.answerWithin, ANSWER_MIN, ANSWER_MAX);
        _requireBetween(a.returnWithin, ANSWER_MIN, RETURN_MAX);
        _requireBetween(a.confirmWithin, ANSWER_MIN, RETURN_MAX);
        _requireBetween(a.negotiateWithin, ANSWER_MIN, ANSWER_MAX);
        _requireBetween(a.appealWithin, ANSWER_MIN, ANSWER_MAX);
        _requireBetween(a.arbiterWithin, ARBITER_MIN, ARBITER_MAX);
    }

    function _ownOffer(uint256 offerId) internal view returns (Offer storage o) {
        o = _knownOffer(offerId);
        if (o.seller != msg.sender) revert IMarket.NotSeller(offerId, msg.sender);
    }

    function _knownOffer(uint256 offerId) internal view returns (Offer storage o) {
        o = _market().offer[offerId];
        if (o.seller == address(0)) revert IMarket.UnknownOffer(offerId);
    }

    function _writeTerms(uint256 offerId, uint256 version, IMarket.Terms calldata terms) private {
        _requireAllowed(terms.token);
        _requireBetween(terms.acceptWithin, WINDOW_MIN, ACCEPT_MAX);
        _requireBetween(terms.shipWithin, WINDOW_MIN, SHIP_MAX);
        _requireBetween(terms.deliverWithin, WINDOW_MIN, DELIVER_MAX);
        _requireBetween(terms.inspectWithin, WINDOW_MIN, INSPECT_MAX);
        _market().terms[offerId][version] = terms;
    }

    function _requireBetween(uint32 given, uint32 least, uint32 most) private pure {
        if (given < least || given > most) revert IMarket.TermOutOfBounds(given, least, most);
    }
}
