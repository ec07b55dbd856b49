// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IArbitrable} from "@kleros/erc-792/contracts/IArbitrable.sol";
import {Draws} from "./Draws.sol";
import {IArbiterPanel} from "./IArbiterPanel.sol";

/// @title How a panel votes, and what that earns
/// @notice Most votes win; a tie is no decision, which is ruling zero, and blames nobody who voted.
abstract contract Votes is Draws {
    using SafeERC20 for IERC20;

    /// @inheritdoc IArbiterPanel
    function commitVote(uint256 disputeId, bytes32 commitment) external {
        Dispute storage d = _inPhase(disputeId, Phase.Voting);
        Round storage r = d.rounds[d.round];
        _requireBy(disputeId, r.commitBy);
        Seat storage seat = r.seat[msg.sender];
        if (!seat.drawn) revert NotOnPanel(disputeId, msg.sender);
        if (seat.commitment != 0 || commitment == 0) revert VoteTaken(disputeId, msg.sender);
        seat.commitment = commitment;
        ++r.committed;
        emit VoteCommitted(disputeId, d.round, msg.sender);
    }

    /// @inheritdoc IArbiterPanel
    function revealVote(uint256 disputeId, uint8 choice, bytes32 salt) external {
        Dispute storage d = _inPhase(disputeId, Phase.Voting);
        Round storage r = d.rounds[d.round];
        if (r.committed < r.size) _requireAfter(disputeId, r.commitBy);
        _requireBy(disputeId, r.commitBy + REVEALING);
        if (choice > d.choices) revert ChoicesOutOfRange(choice);
        Seat storage seat = r.seat[msg.sender];
        bytes32 commitment = keccak256(abi.encode(disputeId, d.round, msg.sender, choice, salt));
        if (seat.revealed || seat.commitment != commitment) revert VoteMismatch(disputeId, msg.sender);
        (seat.revealed, seat.choice) = (true, choice);
        ++r.revealed;
        ++r.votes[choice];
        emit VoteRevealed(disputeId, d.round, msg.sender, choice);
    }

    /// @inheritdoc IArbiterPanel
    function tally(uint256 disputeId) external nonReentrant {
        Dispute storage d = _inPhase(disputeId, Phase.Voting);
        Round storage r = d.rounds[d.round];
        if (r.revealed < r.size) _requireAfter(disputeId, r.commitBy + REVEALING);
        if (uint256(r.revealed) * 2 <= r.size) return _failRound(disputeId, d, r);
        (r.ruling, r.tied) = _mostVotes(d, r);
        d.ruling = r.ruling;
        bool last = d.round != 0 || _available(d) < APPEAL_SIZE;
        if (!last) {
            (d.phase, d.appealBy) = (Phase.Appealable, uint64(block.timestamp) + APPEALING);
        }
        emit RoundTallied(disputeId, d.round, r.ruling, r.tied, d.appealBy);
        if (last) _solve(disputeId, d, d.round);
        else emit AppealPossible(disputeId, IArbitrable(d.arbitrable));
    }

    /// @inheritdoc IArbiterPanel
    function execute(uint256 disputeId) external nonReentrant {
        Dispute storage d = _inPhase(disputeId, Phase.Appealable);
        _requireAfter(disputeId, d.appealBy);
        _solve(disputeId, d, 0);
    }

    /// @inheritdoc IArbiterPanel
    function deliver(uint256 disputeId) external nonReentrant {
        _deliver(disputeId, _inPhase(disputeId, Phase.Solved));
    }

    /// @inheritdoc IArbiterPanel
    function fail(uint256 disputeId) external nonReentrant {
        Dispute storage d = _inPhase(disputeId, Phase.Evidence);
        Round storage r = d.rounds[d.round];
        _requireAfter(disputeId, r.openedAt + DRAWING);
        _failRound(disputeId, d, r);
    }

    /// @dev A first round that fails leaves no ruling, a second the first one's. Who voted is not blamed.
    function _failRound(uint256 disputeId, Dispute storage d, Round storage r) private {
        uint256 refund = r.fee;
        (d.refund, r.fee) = (refund, 0);
        emit DisputeFailed(disputeId, d.round, refund);
        _payRound(disputeId, r, 0, true);
        if (d.round == 0) d.phase = Phase.Failed;
        else _solve(disputeId, d, 0);
    }

    /// @dev The last round that ruled decides who was right in every round up to it.
    function _solve(uint256 disputeId, Dispute storage d, uint8 last) private {
        d.phase = Phase.Solved;
        d.ruling = d.rounds[last].ruling;
        emit DisputeSolved(disputeId, d.ruling);
        for (uint8 i = 0; i <= last; ++i) {
            _payRound(disputeId, d.rounds[i], d.ruling, d.rounds[last].tied);
        }
        _deliver(disputeId, d);
    }

    /// @dev Fee and lost slices go to those who were right, the odd units to the first of them, and to the treasury
    /// where nobody was.
    function _payRound(uint256 disputeId, Round storage r, uint8 ruling, bool anyVote) private {
        address[] memory panel = r.panel;
        uint256 right = 0;
        for (uint256 i = 0; i < panel.length; ++i) {
            bool good = _right(r, panel[i], ruling, anyVote);
            if (good) ++right;
            _disengage(disputeId, panel[i], !good);
        }
        (uint256 fee, uint256 lost) = (r.fee, (panel.length - right) * _panel().slice);
        if (right == 0) return _payTreasury(fee, lost);
        (uint256 oddFee, uint256 oddLost) = (fee % right, lost % right);
        for (uint256 i = 0; i < panel.length; ++i) {
            if (!_right(r, panel[i], ruling, anyVote)) continue;
            _reward(disputeId, panel[i], fee / right + oddFee, lost / right + oddLost);
            (oddFee, oddLost) = (0, 0);
        }
    }

    function _reward(uint256 disputeId, address account, uint256 fee, uint256 slices) private {
        _panel().fees[account] += fee;
        _panel().member[account].stake += uint128(slices);
        emit ArbiterRewarded(disputeId, account, fee, slices);
    }

    function _payTreasury(uint256 fee, uint256 slices) private {
        address treasury = _panel().treasury;
        _panel().fees[treasury] += fee;
        if (slices != 0) _panel().stakeToken.safeTransfer(treasury, slices);
    }

    /// @dev The arbitrable's refusal changes nothing here; anyone may deliver again.
    function _deliver(uint256 disputeId, Dispute storage d) private {
        bytes memory call_ = abi.encodeCall(IArbitrable.rule, (disputeId, d.ruling));
        bool taken = LowLevelCall.callNoReturn(d.arbitrable, call_);
        emit RulingDelivered(disputeId, d.arbitrable, d.ruling, taken);
    }

    function _mostVotes(Dispute storage d, Round storage r) private view returns (uint8 ruling, bool tied) {
        uint256 most = 0;
        for (uint8 choice = 0; choice <= d.choices; ++choice) {
            uint256 votes = r.votes[choice];
            if (votes < most || votes == 0) continue;
            tied = votes == most;
            if (!tied) (most, ruling) = (votes, choice);
        }
        if (tied) ruling = 0;
    }

    function _right(Round storage r, address account, uint8 ruling, bool anyVote) private view returns (bool) {
        Seat storage seat = r.seat[account];
        return seat.revealed && (anyVote || seat.choice == ruling);
    }
}
