// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "./IAftersales.sol";
import {IMarket} from "./IMarket.sol";

/// @title What orders are signed for beside price and delivery
/// @notice Reached at the market's address. The operator adds rule sets, each with its arbitrator; a seller may set
/// limits of their own, but never who judges them.
interface IRuleBook {
    /// @notice A new rule set; orders placed from now on carry its number unless a later one replaces it.
    event RulesAdded(uint8 rules, IAftersales.AfterSales afterSales, address indexed arbitrator, bytes extraData);
    /// @notice A version of an offer has limits of its own in place of the rule set's.
    event AfterSalesSet(uint256 indexed offerId, uint32 version, IAftersales.AfterSales afterSales);

    /// @notice There are 255 rule sets and no more.
    error TooManyRules();

    /// @notice Adds the rule set for orders to come. `extraData` is what the arbitrator is told; left empty, it is
    /// told token, amount, buyer and seller, which is what ArbiterPanel expects. The evidence file's address is
    /// announced after ERC-1497.
    function addRules(
        IAftersales.AfterSales calldata afterSales,
        address arbitrator,
        bytes calldata extraData,
        string calldata metaEvidence
    ) external returns (uint8 rules);
    /// @notice Publishes an offer with limits of its own, which its terms hash then covers.
    function publishOfferWith(
        IMarket.Terms calldata terms,
        IAftersales.AfterSales calldata afterSales,
        uint64 stock,
        bytes32 metadata
    ) external returns (uint256 offerId);
    /// @notice Revises an offer with limits of its own, which its terms hash then covers.
    function reviseOfferWith(
        uint256 offerId,
        IMarket.Terms calldata terms,
        IAftersales.AfterSales calldata afterSales,
        bytes32 metadata
    ) external;
    /// @notice A rule set. The newest is the number that new orders get; zero if there is none yet.
    function ruleSet(uint8 rules)
        external
        view
        returns (IAftersales.AfterSales memory afterSales, address arbitrator, bytes memory extraData);
    /// @notice How many rule sets there are.
    function rulesCount() external view returns (uint8);
}
