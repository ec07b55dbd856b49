// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IArbiterPanel} from "./IArbiterPanel.sol";
import {PanelStorage} from "./PanelStorage.sol";

/// @title Who can be drawn, and what they stand to lose
/// @notice Arbiters keep their place among `places` until they have withdrawn, so that nobody's coming or going
/// changes whom a number means.
abstract contract Arbiters is IArbiterPanel, PanelStorage, AccessManagedUpgradeable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @inheritdoc IArbiterPanel
    function setCertified(address account, bool certified) external restricted {
        Member storage m = _panel().member[account];
        bool before = _active(m);
        m.certified = certified;
        if (certified) m.joinedAt = uint64(block.timestamp);
        _count(before, _active(m));
        emit ArbiterCertified(account, certified);
    }

    /// @inheritdoc IArbiterPanel
    function stake(uint256 amount) external nonReentrant {
        Layout storage $ = _panel();
        Member storage m = $.member[msg.sender];
        if (!m.certified) revert NotCertified(msg.sender);
        if (m.leavingAt != 0) revert AlreadyLeaving(msg.sender);
        bool before = _active(m);
        bool enough = m.stake >= $.stakeMin;
        m.stake += amount.toUint128();
        if (m.stake < $.stakeMin) revert StakeTooLow(msg.sender, m.stake, $.stakeMin);
        if (!enough) m.joinedAt = uint64(block.timestamp);
        if (m.place == 0) m.place = _takePlace(msg.sender);
        _count(before, _active(m));
        emit ArbiterStaked(msg.sender, amount, m.stake);
        $.stakeToken.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IArbiterPanel
    function resign() external {
        Member storage m = _panel().member[msg.sender];
        if (m.leavingAt != 0 || m.place == 0) revert AlreadyLeaving(msg.sender);
        bool before = _active(m);
        m.leavingAt = uint64(block.timestamp);
        _count(before, false);
        emit ArbiterLeaving(msg.sender, m.leavingAt + COOLDOWN);
    }

    /// @inheritdoc IArbiterPanel
    function withdrawStake() external nonReentrant {
        Layout storage $ = _panel();
        Member storage m = $.member[msg.sender];
        if (m.leavingAt == 0) revert NotLeaving(msg.sender);
        if (block.timestamp <= m.leavingAt + COOLDOWN) revert CoolingDown(msg.sender, m.leavingAt + COOLDOWN);
        if (m.engagements != 0) revert Engaged(msg.sender, m.engagements);
        uint256 amount = m.stake;
        $.freePlaces.push(m.place);
        $.places[m.place - 1] = address(0);
        (m.place, m.leavingAt, m.stake) = (0, 0, 0);
        emit ArbiterWithdrawn(msg.sender, amount);
        $.stakeToken.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IArbiterPanel
    function arbiter(address account) external view returns (ArbiterView memory) {
        Member storage m = _panel().member[account];
        return ArbiterView({
            certified: m.certified,
            stake: m.stake,
            locked: m.locked,
            joinedAt: m.joinedAt,
            leavingAt: m.leavingAt,
            engagements: m.engagements
        });
    }

    /// @inheritdoc IArbiterPanel
    function activeArbiters() external view returns (uint256) {
        return _panel().active;
    }

    /// @dev Puts a slice behind a seat or a seed.
    function _engage(address account) internal {
        Member storage m = _panel().member[account];
        m.locked += _panel().slice;
        ++m.engagements;
    }

    /// @dev Frees the slice, and takes it where it is lost.
    function _disengage(uint256 disputeId, address account, bool lost) internal {
        Member storage m = _panel().member[account];
        uint128 slice = _panel().slice;
        m.locked -= slice;
        --m.engagements;
        if (!lost) return;
        m.stake -= slice;
        emit ArbiterSlashed(disputeId, account, slice);
    }

    /// @dev Whoever came, left or topped up since the round began is as they were before.
    function _eligible(Dispute storage d, Round storage r, address account) internal view virtual returns (bool) {
        if (account == d.firstParty || account == d.secondParty) return false;
        Member storage m = _panel().member[account];
        bool there = m.joinedAt < r.openedAt && (m.leavingAt == 0 || m.leavingAt > r.openedAt);
        bool backed = m.stake >= _panel().stakeMin && m.stake - m.locked >= _panel().slice;
        return m.certified && m.place != 0 && there && backed;
    }

    /// @dev Refuses a round that there are not enough arbiters for, without the parties.
    function _requireEnough(Dispute storage d, uint8 size) internal view {
        uint256 there = _available(d);
        if (there < size) revert TooFewArbiters(size, there);
    }

    function _available(Dispute storage d) internal view returns (uint256 there) {
        there = _panel().active;
        if (_active(_panel().member[d.firstParty])) --there;
        if (d.secondParty != d.firstParty && _active(_panel().member[d.secondParty])) --there;
    }

    function _takePlace(address account) private returns (uint32 place) {
        Layout storage $ = _panel();
        uint256 free = $.freePlaces.length;
        if (free == 0) {
            $.places.push(account);
            return $.places.length.toUint32();
        }
        place = $.freePlaces[free - 1];
        $.freePlaces.pop();
        $.places[place - 1] = account;
    }

    function _count(bool before, bool now_) private {
        if (!before && now_) ++_panel().active;
        if (before && !now_) --_panel().active;
    }

    function _active(Member storage m) private view returns (bool) {
        return m.certified && m.place != 0 && m.leavingAt == 0;
    }
}
