// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IArbitrable} from "@kleros/erc-792/contracts/IArbitrable.sol";
import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";
import {IArbiterPanel} from "./IArbiterPanel.sol";
import {Votes} from "./Votes.sol";

/// @title The guild's arbiters
/// @notice The ERC-792 side of the panel, its prices and its settings.
contract ArbiterPanel is Votes, UUPSUpgradeable {
    uint16 internal constant PRICE_BPS_MAX = 1_000;
    uint8 internal constant CHOICES_MAX = 8;
    /// @dev Of the least stake, lost each time.
    uint128 internal constant SLICES = 10;
    /// @dev Of a round's fee, for each of the first secrets opened.
    uint256 internal constant SEED_FEE_BPS = 100;
    uint256 internal constant EXTRA_DATA_SIZE = 128;

    constructor() {
        _disableInitializers();
    }

    /// @notice Sets the panel up behind its proxy. The slice that can be lost each time is a tenth of the least stake.
    function initialize(address authority_, IERC20 stakeToken, uint128 stakeMin, address treasury_, uint256 floor)
        external
        initializer
    {
        __AccessManaged_init(authority_);
        Layout storage $ = _panel();
        if (stakeMin < SLICES) revert StakeTooLow(address(0), stakeMin, SLICES);
        ($.stakeToken, $.stakeMin, $.slice) = (stakeToken, stakeMin, stakeMin / SLICES);
        emit StakeRequired(stakeMin, $.slice);
        _setTreasury(treasury_);
        _setPricing(floor, 500);
    }

    /// @inheritdoc IArbitrator
    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 disputeId) {
        if (choices == 0 || choices > CHOICES_MAX) revert ChoicesOutOfRange(choices);
        uint256 cost = arbitrationCost(extraData);
        if (msg.value < cost) revert FeeTooLow(cost, msg.value);
        disputeId = ++_panel().disputes;
        Dispute storage d = _panel().dispute[disputeId];
        (d.arbitrable, d.choices) = (msg.sender, uint8(choices));
        (,, d.firstParty, d.secondParty) = _parse(extraData);
        emit DisputeCreation(disputeId, IArbitrable(msg.sender));
        _openRound(disputeId, d, 0, PANEL_SIZE);
    }

    /// @inheritdoc IArbitrator
    function appeal(uint256 disputeId, bytes calldata extraData) external payable {
        Dispute storage d = _inPhase(disputeId, Phase.Appealable);
        if (msg.sender != d.arbitrable) revert NotArbitrable(disputeId, msg.sender);
        _requireBy(disputeId, d.appealBy);
        uint256 cost = appealCost(disputeId, extraData);
        if (msg.value < cost) revert FeeTooLow(cost, msg.value);
        emit AppealDecision(disputeId, IArbitrable(msg.sender));
        _openRound(disputeId, d, 1, APPEAL_SIZE);
    }

    /// @inheritdoc IArbiterPanel
    function reclaim(uint256 disputeId) external nonReentrant returns (uint256 amount) {
        Dispute storage d = _known(disputeId);
        if (msg.sender != d.arbitrable) revert NotArbitrable(disputeId, msg.sender);
        amount = d.refund;
        if (amount == 0) revert NothingToPay(msg.sender);
        d.refund = 0;
        emit FeeReclaimed(disputeId, msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @inheritdoc IArbiterPanel
    function withdrawFees(address to) external nonReentrant {
        if (to == address(0)) revert ZeroAddress();
        uint256 amount = _panel().fees[msg.sender];
        if (amount == 0) revert NothingToPay(msg.sender);
        _panel().fees[msg.sender] = 0;
        emit FeesWithdrawn(msg.sender, to, amount);
        Address.sendValue(payable(to), amount);
    }

    /// @inheritdoc IArbiterPanel
    function setPricing(uint256 floor, uint16 priceBps) external restricted {
        _setPricing(floor, priceBps);
    }

    /// @inheritdoc IArbiterPanel
    function setTokenRate(address token, uint256 coinPerUnit) external restricted {
        _panel().coinPerUnit[token] = coinPerUnit;
        emit TokenRateSet(token, coinPerUnit);
    }

    /// @inheritdoc IArbiterPanel
    function setTreasury(address treasury_) external restricted {
        _setTreasury(treasury_);
    }

    /// @inheritdoc IArbitrator
    function arbitrationCost(bytes calldata extraData) public view returns (uint256) {
        (address token, uint256 amount,,) = _parse(extraData);
        Layout storage $ = _panel();
        uint256 worth = Math.mulDiv(amount, $.coinPerUnit[token], 1e18);
        return Math.max($.floor, Math.mulDiv(worth, $.priceBps, BPS));
    }

    /// @inheritdoc IArbitrator
    function appealCost(uint256 disputeId, bytes calldata extraData) public view returns (uint256) {
        _known(disputeId);
        return 2 * arbitrationCost(extraData);
    }

    /// @inheritdoc IArbitrator
    function appealPeriod(uint256 disputeId) external view returns (uint256 start, uint256 end) {
        Dispute storage d = _known(disputeId);
        if (d.phase == Phase.Appealable) (start, end) = (d.appealBy - APPEALING, d.appealBy);
    }

    /// @inheritdoc IArbitrator
    function disputeStatus(uint256 disputeId) external view returns (DisputeStatus) {
        Phase phase = _known(disputeId).phase;
        if (phase == Phase.Appealable) return DisputeStatus.Appealable;
        return phase == Phase.Solved ? DisputeStatus.Solved : DisputeStatus.Waiting;
    }

    /// @inheritdoc IArbitrator
    function currentRuling(uint256 disputeId) external view returns (uint256) {
        return _known(disputeId).ruling;
    }

    /// @inheritdoc IArbiterPanel
    function disputeOf(uint256 disputeId) external view returns (DisputeView memory) {
        Dispute storage d = _known(disputeId);
        Round storage r = d.rounds[d.round];
        return DisputeView({
            phase: d.phase,
            arbitrable: d.arbitrable,
            choices: d.choices,
            round: d.round,
            ruling: d.ruling,
            openedAt: r.openedAt,
            commitBy: r.commitBy,
            deadline: _deadline(d, r),
            beaconBlock: r.beaconBlock,
            entropy: r.entropy,
            fee: r.fee,
            panel: r.panel
        });
    }

    /// @inheritdoc IArbiterPanel
    function feesOf(address account) external view returns (uint256) {
        return _panel().fees[account];
    }

    /// @inheritdoc IArbiterPanel
    function pricing() external view returns (uint256 floor, uint16 priceBps) {
        return (_panel().floor, _panel().priceBps);
    }

    function _openRound(uint256 disputeId, Dispute storage d, uint8 round, uint8 size) private {
        _requireEnough(d, size);
        (d.phase, d.round) = (Phase.Evidence, round);
        Round storage r = d.rounds[round];
        uint64 openedAt = uint64(block.timestamp);
        (r.size, r.openedAt, r.fee, r.seedFee) = (size, openedAt, msg.value, msg.value * SEED_FEE_BPS / BPS);
        emit RoundOpened(
            disputeId, round, size, msg.value, openedAt + SEEDING, openedAt + EVIDENCE, d.firstParty, d.secondParty
        );
    }

    function _setTreasury(address treasury_) private {
        if (treasury_ == address(0)) revert ZeroAddress();
        _panel().treasury = treasury_;
        emit TreasurySet(treasury_);
    }

    function _setPricing(uint256 floor, uint16 priceBps) private {
        if (priceBps > PRICE_BPS_MAX) revert RateTooHigh(priceBps, PRICE_BPS_MAX);
        (_panel().floor, _panel().priceBps) = (floor, priceBps);
        emit PricingSet(floor, priceBps);
    }

    function _deadline(Dispute storage d, Round storage r) private view returns (uint64) {
        if (d.phase == Phase.Evidence) return r.openedAt + EVIDENCE;
        if (d.phase == Phase.Voting) return r.commitBy + REVEALING;
        return d.phase == Phase.Appealable ? d.appealBy : 0;
    }

    /// @dev Extra data of another shape says nothing, and costs the floor. Words are masked, not checked, so that no
    /// data can make this fail.
    function _parse(bytes calldata extraData)
        private
        pure
        returns (address token, uint256 amount, address first, address second)
    {
        if (extraData.length != EXTRA_DATA_SIZE) return (address(0), 0, address(0), address(0));
        token = address(uint160(uint256(bytes32(extraData[:32]))));
        amount = uint256(bytes32(extraData[32:64]));
        first = address(uint160(uint256(bytes32(extraData[64:96]))));
        second = address(uint160(uint256(bytes32(extraData[96:128]))));
    }

    function _authorizeUpgrade(address) internal override restricted {}
}
