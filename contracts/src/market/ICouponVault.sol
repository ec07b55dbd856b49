// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IMarket} from "./IMarket.sol";

/// @title Coupons whose money is there before the first is handed out, and affiliates
/// @notice Reached at the market's address. A campaign's budget is locked on chain; a voucher signed by its issuer
/// moves part of it into one order, once per person. The subsidy vests when the order is released, in proportion when
/// it is settled, and goes back to the campaign otherwise. What is left after the period goes back to the funders in
/// the shares they paid.
interface ICouponVault {
    /// @notice What a campaign promises; it never changes. The subsidy is `percentBps` of the order's amount or, if
    /// that is zero, `amount`; never above `subsidyMax`. `seller` and `category` narrow it when not zero. Only
    /// stackable campaigns may meet on one order.
    struct CampaignTerms {
        address token;
        address issuer;
        uint16 percentBps;
        uint128 amount;
        uint128 subsidyMax;
        uint128 spendMin;
        uint64 startsAt;
        uint64 endsAt;
        address seller;
        bytes32 category;
        bool stackable;
    }

    /// @notice What an issuer signs, after EIP-712. It binds one person, by a nullifier that says nothing else about
    /// them, to one buying account, so a voucher seen by others is of no use to them. `offerId` zero is any offer in
    /// scope; a campaign with a category needs the offer and its category named, which is how the issuer attests that
    /// the one belongs to the other.
    struct Voucher {
        uint256 campaignId;
        bytes32 nullifier;
        address buyer;
        uint256 offerId;
        bytes32 category;
        uint64 expiresAt;
    }

    /// @notice A voucher and its issuer's signature.
    struct SignedVoucher {
        Voucher voucher;
        bytes signature;
    }

    /// @notice A campaign's money. `contributed` = `available` + `locked` + `spent` + `withdrawn`, always.
    struct CampaignView {
        CampaignTerms terms;
        uint128 contributed;
        uint128 available;
        uint128 locked;
        uint128 spent;
        uint128 withdrawn;
        uint32 contributions;
    }

    /// @notice What a campaign put into an order.
    struct Subsidy {
        uint64 campaignId;
        uint128 amount;
        bytes32 nullifier;
    }

    event CampaignOpened(uint256 indexed campaignId, address indexed creator, CampaignTerms terms);
    event CampaignFunded(
        uint256 indexed campaignId, address indexed funder, uint256 contribution, uint256 amount, uint256 contributed
    );
    event CouponApplied(
        uint256 indexed orderId, uint256 indexed campaignId, address indexed buyer, bytes32 nullifier, uint256 amount
    );
    /// @notice The order ended: `vested` was used for good, `returned` went back to the campaign. A nullifier of which
    /// nothing vested may be used again.
    event CouponSettled(uint256 indexed orderId, uint256 indexed campaignId, uint256 vested, uint256 returned);
    event LeftoverCredited(uint256 indexed campaignId, address indexed funder, uint256 contribution, uint256 amount);
    event AffiliateShareSet(uint16 shareBps);
    event AffiliateSet(uint256 indexed orderId, address indexed affiliate, uint16 shareBps);
    event AffiliatePaid(uint256 indexed orderId, address indexed affiliate, uint256 amount);

    /// @notice Nobody opened a campaign under this number.
    error UnknownCampaign(uint256 campaignId);
    /// @notice The campaign's terms cannot work.
    error InvalidCampaign();
    /// @notice The campaign has not begun or is over.
    error CampaignNotRunning(uint256 campaignId, uint64 startsAt, uint64 endsAt);
    /// @notice The campaign still runs, so nothing is left over yet.
    error CampaignRunning(uint256 campaignId, uint64 endsAt);
    /// @notice The campaign has less than the voucher promises.
    error CampaignExhausted(uint256 campaignId, uint256 needed, uint256 available);
    /// @notice The campaign has no such contribution.
    error UnknownContribution(uint256 campaignId, uint256 contribution);
    /// @notice Nothing of the contribution is left to give back at present.
    error NoLeftover(uint256 campaignId, uint256 contribution);
    /// @notice The voucher is past its time.
    error VoucherExpired(uint256 campaignId, uint64 expiresAt);
    /// @notice The voucher is another account's.
    error VoucherNotYours(uint256 campaignId, address buyer);
    /// @notice The campaign's issuer did not sign this voucher.
    error VoucherNotSigned(uint256 campaignId, address issuer);
    /// @notice The person has used this campaign.
    error VoucherUsed(uint256 campaignId, bytes32 nullifier);
    /// @notice The voucher or its campaign is for other offers.
    error VoucherOutOfScope(uint256 campaignId, uint256 offerId);
    /// @notice The order is too small for the campaign.
    error SpendTooLow(uint256 campaignId, uint256 amount, uint256 spendMin);
    /// @notice These campaigns may not meet on one order, or there are too many of them.
    error NotStackable(uint256 campaignId);
    /// @notice Nothing of the order is left for this voucher to pay.
    error NothingToSubsidise(uint256 campaignId);
    /// @notice The two lists of a basket differ in length.
    error VoucherListMismatch(uint256 lines, uint256 vouchers);
    /// @notice An affiliate is neither the buyer nor the seller.
    error AffiliateIsParty(address affiliate);

    /// @notice Opens a campaign and locks its first money, which may be none.
    function openCampaign(CampaignTerms calldata terms, uint256 amount) external payable returns (uint256 campaignId);
    /// @notice Locks more money in a campaign. Every contribution shares in what is left at the end, so one that comes
    /// late bears what was spent before it too.
    function fundCampaign(uint256 campaignId, uint256 amount) external payable returns (uint256 contribution);
    /// @notice Credits the funder of a contribution with its part of what is left. Anyone may call it, again and again
    /// as orders end.
    function creditLeftover(uint256 campaignId, uint256 contribution) external returns (uint256 amount);
    /// @notice Places a basket as `placeOrders` does, with the vouchers of each line and perhaps an affiliate.
    function placeOrdersWith(IMarket.Line[] calldata lines, SignedVoucher[][] calldata vouchers, address affiliate)
        external
        payable
        returns (uint256[] memory orderIds);
    /// @notice Sets the part of the fee that affiliates of orders to come get, in basis points of it.
    function setAffiliateShare(uint16 shareBps) external;

    /// @notice A campaign as it stands.
    function campaign(uint256 campaignId) external view returns (CampaignView memory);
    /// @notice Who paid a contribution, how much, and how much of it has been given back.
    function contributionOf(uint256 campaignId, uint256 contribution)
        external
        view
        returns (address funder, uint256 amount, uint256 withdrawn);
    /// @notice Whether a person's voucher of a campaign is used.
    function voucherUsed(uint256 campaignId, bytes32 nullifier) external view returns (bool);
    /// @notice What an issuer signs.
    function voucherHash(Voucher calldata voucher) external view returns (bytes32);
    /// @notice What campaigns put into an order.
    function subsidiesOf(uint256 orderId) external view returns (Subsidy[] memory);
    /// @notice An order's affiliate and their share of the fee in basis points.
    function affiliateOf(uint256 orderId) external view returns (address affiliate, uint16 shareBps);
    /// @notice The share affiliates of new orders get.
    function affiliateShare() external view returns (uint16 shareBps);
    /// @notice How many campaigns there have been. Numbers run from one.
    function campaignCount() external view returns (uint64);
}
