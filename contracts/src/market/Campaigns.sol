// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ICouponVault} from "./ICouponVault.sol";
import {IMarket} from "./IMarket.sol";
import {Module} from "./Module.sol";
import {Money} from "./Money.sol";

/// @title How budgets are locked and given back
/// @notice A campaign's contributions lie end to end, each an interval of what was contributed. A share of what is
/// left is the difference of two roundings at the interval's ends, so the shares add up to the last unit.
abstract contract Campaigns is ICouponVault, Money, Module {
    using SafeCast for uint256;

    /// @dev A budget cannot be locked longer than this after its campaign was opened.
    uint64 internal constant PERIOD_MAX = 730 days;

    /// @inheritdoc ICouponVault
    function openCampaign(CampaignTerms calldata terms, uint256 amount)
        external
        payable
        throughMarket
        nonReentrant
        returns (uint256 campaignId)
    {
        _requireSound(terms);
        _requireAllowed(terms.token);
        campaignId = ++_market().campaigns;
        Campaign storage c = _market().campaign[campaignId];
        c.terms = terms;
        emit CampaignOpened(campaignId, msg.sender, terms);
        if (amount != 0) _fundCampaign(campaignId, c, amount);
        else if (msg.value != 0) revert IMarket.WrongValue(0, msg.value);
    }

    /// @inheritdoc ICouponVault
    function fundCampaign(uint256 campaignId, uint256 amount)
        external
        payable
        throughMarket
        nonReentrant
        returns (uint256)
    {
        if (amount == 0) revert IMarket.ZeroAmount();
        Campaign storage c = _knownCampaign(campaignId);
        _requireAllowed(c.terms.token);
        if (block.timestamp > c.terms.endsAt) {
            revert CampaignNotRunning(campaignId, c.terms.startsAt, c.terms.endsAt);
        }
        return _fundCampaign(campaignId, c, amount);
    }

    /// @inheritdoc ICouponVault
    function creditLeftover(uint256 campaignId, uint256 contribution) external throughMarket returns (uint256 amount) {
        Campaign storage c = _knownCampaign(campaignId);
        if (block.timestamp <= c.terms.endsAt) revert CampaignRunning(campaignId, c.terms.endsAt);
        if (contribution >= c.contributions) revert UnknownContribution(campaignId, contribution);
        Contribution storage part = _market().contribution[campaignId][contribution];
        amount = _leftover(c, part);
        if (amount == 0) revert NoLeftover(campaignId, contribution);
        c.available -= uint128(amount);
        c.withdrawn += uint128(amount);
        part.withdrawn += uint128(amount);
        emit LeftoverCredited(campaignId, part.funder, contribution, amount);
        _credit(part.funder, c.terms.token, amount);
    }

    /// @inheritdoc ICouponVault
    function campaign(uint256 campaignId) external view returns (CampaignView memory) {
        Campaign storage c = _knownCampaign(campaignId);
        return CampaignView({
            terms: c.terms,
            contributed: c.contributed,
            available: c.available,
            locked: c.locked,
            spent: c.spent,
            withdrawn: c.withdrawn,
            contributions: c.contributions
        });
    }

    /// @inheritdoc ICouponVault
    function contributionOf(uint256 campaignId, uint256 contribution)
        external
        view
        returns (address funder, uint256 amount, uint256 withdrawn)
    {
        Contribution storage part = _market().contribution[campaignId][contribution];
        return (part.funder, part.amount, part.withdrawn);
    }

    /// @inheritdoc ICouponVault
    function campaignCount() external view returns (uint64) {
        return _market().campaigns;
    }

    function _knownCampaign(uint256 campaignId) internal view returns (Campaign storage c) {
        c = _market().campaign[campaignId];
        if (c.terms.issuer == address(0)) revert UnknownCampaign(campaignId);
    }

    function _fundCampaign(uint256 campaignId, Campaign storage c, uint256 amount)
        private
        returns (uint256 contribution)
    {
        address token = c.terms.token;
        uint256 needed = token == NATIVE ? amount : 0;
        if (msg.value != needed) revert IMarket.WrongValue(needed, msg.value);
        contribution = c.contributions++;
        _market().contribution[campaignId][contribution] =
            Contribution({funder: msg.sender, start: c.contributed, amount: amount.toUint128(), withdrawn: 0});
        c.contributed += uint128(amount);
        c.available += uint128(amount);
        emit CampaignFunded(campaignId, msg.sender, contribution, amount, c.contributed);
        _takeIn(token, amount);
    }

    /// @dev A share can shrink by one unit as more comes back, and then waits until it has grown again.
    function _leftover(Campaign storage c, Contribution storage part) private view returns (uint256) {
        uint256 whole = uint256(c.available) + c.withdrawn;
        uint256 upper = Math.mulDiv(whole, uint256(part.start) + part.amount, c.contributed);
        uint256 share = upper - Math.mulDiv(whole, part.start, c.contributed);
        return Math.min(Math.saturatingSub(share, part.withdrawn), c.available);
    }

    function _requireSound(CampaignTerms calldata terms) private view {
        bool period = terms.startsAt < terms.endsAt && block.timestamp < terms.endsAt
            && terms.endsAt <= block.timestamp + PERIOD_MAX;
        bool value = (terms.percentBps == 0) != (terms.amount == 0) && terms.percentBps <= BPS && terms.subsidyMax != 0;
        if (!period || !value || terms.issuer == address(0)) revert InvalidCampaign();
    }
}
