// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ArbiterPanel} from "../../src/arbitration/ArbiterPanel.sol";
import {IArbiterPanel} from "../../src/arbitration/IArbiterPanel.sol";
import {Ghosts} from "./Ghosts.sol";

/// @title Arbiters who sometimes vote, sometimes the same
abstract contract Judges is Ghosts {
    ArbiterPanel public panel;
    uint256[] public disputes;

    function disputeCount() external view returns (uint256) {
        return disputes.length;
    }

    /// @dev Takes a dispute one phase on.
    function _judge(uint256 id, uint256 roll) internal {
        IArbiterPanel.Phase phase = panel.disputeOf(id).phase;
        if (phase == IArbiterPanel.Phase.Evidence) _seat(id);
        else if (phase == IArbiterPanel.Phase.Voting) _vote(id, roll);
        else if (phase == IArbiterPanel.Phase.Appealable && roll % 2 == 0) _execute(id);
    }

    function _seat(uint256 id) private {
        _until(uint256(panel.disputeOf(id).openedAt) + 72 hours + 1);
        if (panel.disputeOf(id).entropy == 0) {
            panel.setBeacon(id);
            vm.roll(block.number + 1);
            panel.setBeacon(id);
        }
        try panel.draw(id) {
            disputes.push(id);
        } catch {}
    }

    function _vote(uint256 id, uint256 roll) private {
        IArbiterPanel.DisputeView memory d = panel.disputeOf(id);
        if (block.timestamp > d.commitBy) return _count(id, d.deadline);
        for (uint256 i = 0; i < d.panel.length; ++i) {
            uint8 choice = _choice(roll, i);
            bytes32 commitment = keccak256(abi.encode(id, d.round, d.panel[i], choice, bytes32("salt")));
            if (choice == 3) continue;
            vm.prank(d.panel[i]);
            try panel.commitVote(id, commitment) {} catch {}
        }
        _until(uint256(d.commitBy) + 1);
        for (uint256 i = 0; i < d.panel.length; ++i) {
            vm.prank(d.panel[i]);
            try panel.revealVote(id, _choice(roll, i), "salt") {} catch {}
        }
        _count(id, d.deadline);
    }

    function _count(uint256 id, uint256 deadline) private {
        _until(deadline + 1);
        panel.tally(id);
    }

    function _execute(uint256 id) private {
        _until(uint256(panel.disputeOf(id).deadline) + 1);
        panel.execute(id);
    }

    /// @dev For the buyer or the seller, seldom for neither; three is silence.
    function _choice(uint256 roll, uint256 seat) private pure returns (uint8) {
        uint256 bits = (roll >> (8 + seat * 4)) % 16;
        return bits == 0 ? 0 : bits < 5 ? 3 : uint8(1 + bits % 2);
    }

    function _until(uint256 time) internal {
        if (block.timestamp < time) vm.warp(time);
    }
}
