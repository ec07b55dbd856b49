// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {IEvidence} from "@kleros/erc-792/contracts/erc-1497/IEvidence.sol";
import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";
import {IRuleBook} from "./IRuleBook.sol";
import {Module} from "./Module.sol";
import {OfferBook} from "./OfferBook.sol";

/// @title Rule sets and offers with limits of their own
/// @notice The market's fourth part, run at the market's address.
contract RuleBook is IRuleBook, IEvidence, OfferBook, Module, AccessManagedUpgradeable {
    constructor() Module(address(0)) {}

    /// @inheritdoc IRuleBook
    function addRules(
        IAftersales.AfterSales calldata afterSales,
        address arbitrator,
        bytes calldata extraData,
        string calldata metaEvidence
    ) external throughMarket restricted returns (uint8 rules) {
        if (arbitrator == address(0)) revert IMarket.ZeroAddress();
        _requireAfterSales(afterSales);
        Layout storage $ = _market();
        if ($.rulesCount == type(uint8).max) revert TooManyRules();
        rules = ++$.rulesCount;
        $.ruleSet[rules] = RuleSet(afterSales, arbitrator, extraData);
        emit RulesAdded(rules, afterSales, arbitrator, extraData);
        emit MetaEvidence(rules, metaEvidence);
    }

    /// @inheritdoc IRuleBook
    function publishOfferWith(
        IMarket.Terms calldata terms,
        IAftersales.AfterSales calldata afterSales,
        uint64 stock,
        bytes32 metadata
    ) external throughMarket returns (uint256 offerId) {
        offerId = _publish(terms, stock, metadata);
        _limit(offerId, 1, terms, afterSales, metadata);
    }

    /// @inheritdoc IRuleBook
    function reviseOfferWith(
        uint256 offerId,
        IMarket.Terms calldata terms,
        IAftersales.AfterSales calldata afterSales,
        bytes32 metadata
    ) external throughMarket {
        uint24 version = _revise(offerId, terms, metadata);
        _limit(offerId, version, terms, afterSales, metadata);
    }

    /// @inheritdoc IRuleBook
    function ruleSet(uint8 rules)
        external
        view
        returns (IAftersales.AfterSales memory afterSales, address arbitrator, bytes memory extraData)
    {
        RuleSet storage r = _market().ruleSet[rules];
        return (r.afterSales, r.arbitrator, r.extraData);
    }

    /// @inheritdoc IRuleBook
    function rulesCount() external view returns (uint8) {
        return _market().rulesCount;
    }

    function _limit(
        uint256 offerId,
        uint24 version,
        IMarket.Terms calldata terms,
        IAftersales.AfterSales calldata afterSales,
        bytes32 metadata
    ) private {
        _requireAfterSales(afterSales);
        _market().afterSales[offerId][version] = afterSales;
        _bindTermsWith(offerId, version, terms, afterSales, metadata);
        emit AfterSalesSet(offerId, version, afterSales);
    }
}
