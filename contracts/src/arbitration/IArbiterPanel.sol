// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IArbitrator} from "@kleros/erc-792/contracts/IArbitrator.sol";

/// @title Arbiters drawn at random
/// @notice An ERC-792 arbitrator. Certified, staked arbiters are drawn for a panel of three, and of seven on appeal.
/// Evidence (72 h) while the draw's seeds are made, then votes are committed (48 h) and revealed (24 h). Who votes with
/// the ruling shares the fee and what the others lose of their stake. Nobody's silence holds a dispute: every phase
/// ends by anyone's call once its time is over.
///
/// A dispute's extra data names token, amount and both parties, abi-encoded; the parties are never drawn. Other extra
/// data is taken as none: the least fee, and no party known.
///
/// The draw. In the first half of the evidence time arbiters commit to a secret each and put a slice of stake behind
/// it. Then anyone fixes a block, the one of their own call, whose hash nobody can know yet: the beacon. In the second
/// half the secrets are opened, and beacon and secrets together choose the panel, in no order that matters.
///
/// What steering costs. Who makes the beacon's block can grind its hash, but does not know the secrets, so that is
/// worth nothing as long as one secret is not theirs. Who opens last knows the outcome and may withhold, which is worth
/// one choice between two panels and costs a slice each time. If nobody commits a secret the beacon alone decides, and
/// steering costs what making that block again costs: therefore the first ten secrets opened earn a hundredth of the
/// fee each. Arbiters who join, leave or top up later change nothing: only who was there when the round began can be
/// drawn in it.
interface IArbiterPanel is IArbitrator {
    /// @notice Where a dispute stands. Failed: the arbiters did not rule, and the fee waits for whoever paid it.
    enum Phase {
        None,
        Evidence,
        Voting,
        Appealable,
        Solved,
        Failed
    }

    /// @notice An arbiter as they stand. `locked` is the part of the stake behind seats and seeds.
    struct ArbiterView {
        bool certified;
        uint128 stake;
        uint128 locked;
        uint64 joinedAt;
        uint64 leavingAt;
        uint32 engagements;
    }

    /// @notice A dispute as it stands. `deadline` is when the phase ends; for votes, when the last may be revealed.
    struct DisputeView {
        Phase phase;
        address arbitrable;
        uint8 choices;
        uint8 round;
        uint8 ruling;
        uint64 openedAt;
        uint64 commitBy;
        uint64 deadline;
        uint64 beaconBlock;
        bytes32 entropy;
        uint256 fee;
        address[] panel;
    }

    event ArbiterCertified(address indexed arbiter, bool certified);
    event ArbiterStaked(address indexed arbiter, uint256 amount, uint256 stake);
    event ArbiterLeaving(address indexed arbiter, uint64 withdrawableAt);
    event ArbiterWithdrawn(address indexed arbiter, uint256 amount);
    event ArbiterSlashed(uint256 indexed disputeId, address indexed arbiter, uint256 amount);
    event ArbiterRewarded(uint256 indexed disputeId, address indexed arbiter, uint256 fee, uint256 stake);

    event RoundOpened(
        uint256 indexed disputeId,
        uint8 round,
        uint8 size,
        uint256 fee,
        uint64 commitSeedBy,
        uint64 evidenceBy,
        address firstParty,
        address secondParty
    );
    event BeaconFixed(uint256 indexed disputeId, uint8 round, uint64 beaconBlock);
    event BeaconSet(uint256 indexed disputeId, uint8 round, bytes32 beacon);
    event SeedCommitted(uint256 indexed disputeId, uint8 round, address indexed arbiter);
    event SeedRevealed(uint256 indexed disputeId, uint8 round, address indexed arbiter, bytes32 entropy);
    event SeedForfeited(uint256 indexed disputeId, uint8 round, address indexed arbiter, uint256 amount);
    event PanelDrawn(uint256 indexed disputeId, uint8 round, address[] panel, uint64 commitBy, uint64 revealBy);
    event VoteCommitted(uint256 indexed disputeId, uint8 round, address indexed arbiter);
    event VoteRevealed(uint256 indexed disputeId, uint8 round, address indexed arbiter, uint8 choice);
    event RoundTallied(uint256 indexed disputeId, uint8 round, uint8 ruling, bool tied, uint64 appealBy);
    event DisputeSolved(uint256 indexed disputeId, uint8 ruling);
    event DisputeFailed(uint256 indexed disputeId, uint8 round, uint256 refund);
    /// @notice The arbitrable contract was told, and whether it took the ruling.
    event RulingDelivered(uint256 indexed disputeId, address indexed arbitrable, uint8 ruling, bool taken);
    event FeeReclaimed(uint256 indexed disputeId, address indexed arbitrable, uint256 amount);
    event FeesWithdrawn(address indexed account, address to, uint256 amount);
    event StakeRequired(uint256 least, uint256 slice);
    event PricingSet(uint256 floor, uint16 priceBps);
    event TokenRateSet(address indexed token, uint256 coinPerUnit);
    event TreasurySet(address treasury);

    /// @notice Only certified arbiters may stake.
    error NotCertified(address arbiter);
    /// @notice The stake would be below the least one.
    error StakeTooLow(address arbiter, uint256 stake, uint256 least);
    /// @notice The arbiter still has seats or seeds open.
    error Engaged(address arbiter, uint32 engagements);
    /// @notice The arbiter has not resigned.
    error NotLeaving(address arbiter);
    /// @notice The arbiter has resigned already, or has no stake here.
    error AlreadyLeaving(address arbiter);
    /// @notice The stake is not free yet.
    error CoolingDown(address arbiter, uint64 withdrawableAt);
    /// @notice The coin sent is less than the price.
    error FeeTooLow(uint256 needed, uint256 sent);
    /// @notice A dispute has one to eight choices, and a vote is one of them or zero.
    error ChoicesOutOfRange(uint256 choices);
    /// @notice There are not enough arbiters beside the parties.
    error TooFewArbiters(uint256 needed, uint256 there);
    /// @notice Nobody opened a dispute under this number.
    error UnknownDispute(uint256 disputeId);
    /// @notice The dispute is not in a phase that allows this.
    error WrongPhase(uint256 disputeId, Phase phase);
    /// @notice Only the contract that opened the dispute may do this.
    error NotArbitrable(uint256 disputeId, address caller);
    /// @notice The time for this has not begun.
    error TooEarly(uint256 disputeId, uint64 from);
    /// @notice The time for this is over.
    error TooLate(uint256 disputeId, uint64 until);
    /// @notice The arbiter has committed a secret, or the commitment is zero.
    error SeedTaken(uint256 disputeId, address arbiter);
    /// @notice The arbiter has no such secret open.
    error SeedMismatch(uint256 disputeId, address arbiter);
    /// @notice The beacon's hash is not known yet, or it is known already.
    error BeaconNotReady(uint256 disputeId, uint64 beaconBlock);
    /// @notice The account cannot be drawn in this round.
    error NotEligible(uint256 disputeId, address arbiter);
    /// @notice The account was not drawn.
    error NotOnPanel(uint256 disputeId, address arbiter);
    /// @notice The arbiter has committed a vote, or the commitment is zero.
    error VoteTaken(uint256 disputeId, address arbiter);
    /// @notice The vote is not the one committed, or is open already.
    error VoteMismatch(uint256 disputeId, address arbiter);
    /// @notice There is nothing to pay out.
    error NothingToPay(address account);
    /// @notice The price is above its hard cap.
    error RateTooHigh(uint16 given, uint16 most);
    /// @notice The zero address cannot receive money.
    error ZeroAddress();

    /// @notice Certifies an arbiter or takes the certificate back. Nobody enters a dispute that is already open.
    function setCertified(address arbiter, bool certified) external;
    /// @notice Sets the least fee and the part of the disputed amount that is asked for, at most 10 %.
    function setPricing(uint256 floor, uint16 priceBps) external;
    /// @notice Sets how much native coin a unit of a token is worth, times 10^18. Zero: only the floor is asked for.
    function setTokenRate(address token, uint256 coinPerUnit) external;
    /// @notice Sets who gets fees and slices that no arbiter earned.
    function setTreasury(address treasury) external;

    /// @notice Stakes tokens and joins the arbiters who can be drawn for disputes opened later.
    function stake(uint256 amount) external;
    /// @notice Leaves: no seat in disputes opened later, and the stake is free after the cooldown.
    function resign() external;
    /// @notice Takes the whole stake out, after the cooldown and with no seat or seed open.
    function withdrawStake() external;
    /// @notice Pays fees earned, in native coin.
    function withdrawFees(address to) external;

    /// @notice Commits to a secret for the draw: keccak256(abi.encode(disputeId, round, arbiter, secret)).
    function commitSeed(uint256 disputeId, bytes32 commitment) external;
    /// @notice Anyone fixes the beacon's block once secrets are in, and keeps its hash by a second call in one of the
    /// next 256 blocks. If nobody does, the block is fixed anew.
    function setBeacon(uint256 disputeId) external;
    /// @notice Opens a secret. Needs the beacon.
    function revealSeed(uint256 disputeId, bytes32 secret) external;
    /// @notice Anyone takes the slice of an arbiter who did not open their secret in time; it goes to the treasury.
    function forfeitSeed(uint256 disputeId, uint8 round, address account) external;
    /// @notice Anyone draws the panel once evidence is over.
    function draw(uint256 disputeId) external;
    /// @notice Commits a vote: keccak256(abi.encode(disputeId, round, arbiter, choice, salt)).
    function commitVote(uint256 disputeId, bytes32 commitment) external;
    /// @notice Opens a vote, once all are committed or the time to commit is over. Zero abstains from a decision.
    function revealVote(uint256 disputeId, uint8 choice, bytes32 salt) external;
    /// @notice Anyone counts, once all votes are open or the time is over. Without a majority of the seats' votes the
    /// round fails.
    function tally(uint256 disputeId) external;
    /// @notice Anyone makes a ruling final once nobody appealed it, pays the arbiters and tells the arbitrable.
    function execute(uint256 disputeId) external;
    /// @notice Anyone tells the arbitrable again.
    function deliver(uint256 disputeId) external;
    /// @notice Anyone ends a round for which no panel could be drawn.
    function fail(uint256 disputeId) external;
    /// @notice The arbitrable takes back the fee of a round in which the arbiters did not rule.
    function reclaim(uint256 disputeId) external returns (uint256 amount);

    /// @notice An arbiter as they stand.
    function arbiter(address account) external view returns (ArbiterView memory);
    /// @notice A dispute as it stands, with the panel of its current round.
    function disputeOf(uint256 disputeId) external view returns (DisputeView memory);
    /// @notice What `withdrawFees` would pay.
    function feesOf(address account) external view returns (uint256);
    /// @notice How many arbiters can be drawn.
    function activeArbiters() external view returns (uint256);
    /// @notice The least fee and the part of the disputed amount.
    function pricing() external view returns (uint256 floor, uint16 priceBps);
}
