// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Arbiters} from "./Arbiters.sol";
import {IArbiterPanel} from "./IArbiterPanel.sol";

/// @title How a panel is drawn
/// @notice Commit to secrets, fix a block nobody knows the hash of, open the secrets, draw. See IArbiterPanel for what
/// steering it costs.
abstract contract Draws is Arbiters {
    using SafeERC20 for IERC20;

    /// @dev How often a number may fall on an empty place or somebody who cannot sit, before the draw gives up. With
    /// nine places of which seven must be hit, fewer than one draw in a hundred million does.
    uint256 internal constant TRIES = 192;
    uint8 internal constant SEEDS_PAID = 10;

    /// @inheritdoc IArbiterPanel
    function commitSeed(uint256 disputeId, bytes32 commitment) external {
        Dispute storage d = _inPhase(disputeId, Phase.Evidence);
        Round storage r = d.rounds[d.round];
        _requireBy(disputeId, r.openedAt + SEEDING);
        if (!_eligible(d, r, msg.sender)) revert NotEligible(disputeId, msg.sender);
        if (r.seed[msg.sender] != 0 || commitment == 0) revert SeedTaken(disputeId, msg.sender);
        r.seed[msg.sender] = commitment;
        _engage(msg.sender);
        emit SeedCommitted(disputeId, d.round, msg.sender);
    }

    /// @inheritdoc IArbiterPanel
    function setBeacon(uint256 disputeId) external {
        Dispute storage d = _inPhase(disputeId, Phase.Evidence);
        Round storage r = d.rounds[d.round];
        _requireAfter(disputeId, r.openedAt + SEEDING);
        if (r.beacon != 0) revert BeaconNotReady(disputeId, r.beaconBlock);
        bytes32 hash = r.beaconBlock == 0 ? bytes32(0) : blockhash(r.beaconBlock);
        if (hash != 0) {
            (r.beacon, r.entropy) = (hash, hash);
            emit BeaconSet(disputeId, d.round, hash);
        } else if (r.beaconBlock == block.number) {
            revert BeaconNotReady(disputeId, r.beaconBlock);
        } else {
            r.beaconBlock = uint64(block.number);
            emit BeaconFixed(disputeId, d.round, r.beaconBlock);
        }
    }

    /// @inheritdoc IArbiterPanel
    function revealSeed(uint256 disputeId, bytes32 secret) external {
        Dispute storage d = _inPhase(disputeId, Phase.Evidence);
        Round storage r = d.rounds[d.round];
        _requireBy(disputeId, r.openedAt + EVIDENCE);
        if (r.beacon == 0) revert BeaconNotReady(disputeId, r.beaconBlock);
        bytes32 commitment = keccak256(abi.encode(disputeId, d.round, msg.sender, secret));
        if (r.seed[msg.sender] != commitment) revert SeedMismatch(disputeId, msg.sender);
        delete r.seed[msg.sender];
        // The order in which secrets are opened must not matter, or the last few could choose among its permutations.
        r.entropy ^= keccak256(abi.encode(msg.sender, secret));
        _disengage(disputeId, msg.sender, false);
        _paySeed(r);
        emit SeedRevealed(disputeId, d.round, msg.sender, r.entropy);
    }

    /// @inheritdoc IArbiterPanel
    function forfeitSeed(uint256 disputeId, uint8 round, address account) external nonReentrant {
        Round storage r = _known(disputeId).rounds[round];
        _requireAfter(disputeId, r.openedAt + EVIDENCE);
        if (r.seed[account] == 0) revert SeedMismatch(disputeId, account);
        delete r.seed[account];
        _disengage(disputeId, account, true);
        emit SeedForfeited(disputeId, round, account, _panel().slice);
        _panel().stakeToken.safeTransfer(_panel().treasury, _panel().slice);
    }

    /// @inheritdoc IArbiterPanel
    function draw(uint256 disputeId) external {
        Dispute storage d = _inPhase(disputeId, Phase.Evidence);
        Round storage r = d.rounds[d.round];
        _requireAfter(disputeId, r.openedAt + EVIDENCE);
        if (r.beacon == 0) revert BeaconNotReady(disputeId, r.beaconBlock);
        _drawPanel(disputeId, d, r);
        d.phase = Phase.Voting;
        r.commitBy = uint64(block.timestamp) + COMMITTING;
        emit PanelDrawn(disputeId, d.round, r.panel, r.commitBy, r.commitBy + REVEALING);
    }

    function _drawPanel(uint256 disputeId, Dispute storage d, Round storage r) private {
        address[] storage places = _panel().places;
        uint256 count = places.length;
        uint256 size = r.size;
        uint256 drawn = 0;
        for (uint256 i = 0; i < TRIES && drawn < size; ++i) {
            uint256 number = uint256(keccak256(abi.encode(r.entropy, disputeId, d.round, i)));
            address account = places[number % count];
            if (account == address(0) || r.seat[account].drawn || !_eligible(d, r, account)) continue;
            r.seat[account].drawn = true;
            r.panel.push(account);
            _engage(account);
            ++drawn;
        }
        if (drawn < size) revert TooFewArbiters(size, drawn);
    }

    function _paySeed(Round storage r) private {
        if (r.seedsPaid == SEEDS_PAID) return;
        ++r.seedsPaid;
        uint256 part = r.seedFee;
        r.fee -= part;
        _panel().fees[msg.sender] += part;
    }
}
