// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IArbiterPanel} from "./IArbiterPanel.sol";

/// @title The panel's storage
/// @notice ERC-7201 namespace `guildhall.panel`. Fields are only ever appended.
abstract contract PanelStorage {
    /// @dev An arbiter. `place` is their index among `places` plus one; `joinedAt` since when their stake suffices.
    struct Member {
        bool certified;
        uint32 place;
        uint32 engagements;
        uint64 joinedAt;
        uint64 leavingAt;
        uint128 stake;
        uint128 locked;
    }

    /// @dev A drawn arbiter's vote.
    struct Seat {
        bool drawn;
        bool revealed;
        uint8 choice;
        bytes32 commitment;
    }

    /// @dev One panel's work, from its seeds to its count.
    struct Round {
        uint8 size;
        uint8 committed;
        uint8 revealed;
        uint8 seedsPaid;
        bool tied;
        uint8 ruling;
        uint64 openedAt;
        uint64 beaconBlock;
        uint64 commitBy;
        uint256 fee;
        uint256 seedFee;
        bytes32 beacon;
        bytes32 entropy;
        address[] panel;
        mapping(address arbiter => Seat) seat;
        mapping(address arbiter => bytes32) seed;
        mapping(uint256 choice => uint256) votes;
    }

    /// @dev A dispute and its one or two rounds.
    struct Dispute {
        address arbitrable;
        IArbiterPanel.Phase phase;
        uint8 choices;
        uint8 round;
        uint8 ruling;
        uint64 appealBy;
        address firstParty;
        address secondParty;
        uint256 refund;
        mapping(uint256 round => Round) rounds;
    }

    /// @custom:storage-location erc7201:guildhall.panel
    struct Layout {
        IERC20 stakeToken;
        uint128 stakeMin;
        uint128 slice;
        address treasury;
        uint16 priceBps;
        uint32 active;
        uint256 floor;
        uint256 disputes;
        address[] places;
        uint32[] freePlaces;
        mapping(address arbiter => Member) member;
        mapping(uint256 disputeId => Dispute) dispute;
        mapping(address account => uint256) fees;
        mapping(address token => uint256) coinPerUnit;
    }

    // keccak256(abi.encode(uint256(keccak256("guildhall.panel")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant PANEL_SLOT = 0x999cd6c3868eb1cb9b3e4df23685641295d6bbe9f083d59c86747c37d55d6500;

    uint256 internal constant BPS = 10_000;
    uint8 internal constant PANEL_SIZE = 3;
    uint8 internal constant APPEAL_SIZE = 7;

    uint64 internal constant SEEDING = 36 hours;
    uint64 internal constant EVIDENCE = 72 hours;
    uint64 internal constant COMMITTING = 48 hours;
    uint64 internal constant REVEALING = 24 hours;
    uint64 internal constant APPEALING = 72 hours;
    /// @dev A round for which no panel was drawn by then has failed.
    uint64 internal constant DRAWING = 10 days;
    /// @dev Longer than any round an arbiter can be drawn in.
    uint64 internal constant COOLDOWN = 21 days;

    function _panel() internal pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := PANEL_SLOT
        }
    }

    function _known(uint256 disputeId) internal view returns (Dispute storage d) {
        d = _panel().dispute[disputeId];
        if (d.phase == IArbiterPanel.Phase.None) revert IArbiterPanel.UnknownDispute(disputeId);
    }

    function _inPhase(uint256 disputeId, IArbiterPanel.Phase phase) internal view returns (Dispute storage d) {
        d = _known(disputeId);
        if (d.phase != phase) revert IArbiterPanel.WrongPhase(disputeId, d.phase);
    }

    function _requireBy(uint256 disputeId, uint64 until) internal view {
        if (block.timestamp > until) revert IArbiterPanel.TooLate(disputeId, until);
    }

    function _requireAfter(uint256 disputeId, uint64 until) internal view {
        if (block.timestamp <= until) revert IArbiterPanel.TooEarly(disputeId, until + 1);
    }
}
