// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IMarket} from "./IMarket.sol";

/// @title After the sale: contests, returns, disputes and arbitration
/// @notice Reached at the market's address. An order placed since the first rule set carries that set's number and
/// follows these arrows; an order with rules zero keeps to those of IMarket until it ends. A silent party never wins:
/// whoever is awaited and lets the deadline pass gets what the other side last asked for. Proposals and splits are
/// named by what the *buyer* gets, in units of the order's token, out of the order's whole amount.
interface IAftersales {
    /// @notice Time limits an order is signed for, in seconds, and whether goods may be sent back at all.
    /// `contestWithin`: the seller proves a delivery. `answerWithin`: the seller answers a return. `returnWithin`: the
    /// buyer sends it. `confirmWithin`: the seller confirms it. `negotiateWithin`: each side answers a proposal, or
    /// defends itself against an escalation. `appealWithin`: the loser appeals. `arbiterWithin`: arbiters rule.
    struct AfterSales {
        uint32 contestWithin;
        uint32 answerWithin;
        uint32 returnWithin;
        uint32 confirmWithin;
        uint32 negotiateWithin;
        uint32 appealWithin;
        uint32 arbiterWithin;
        bool returnable;
    }

    /// @notice Where a return stands.
    enum ReturnStep {
        None,
        Requested,
        Approved,
        Sent
    }

    /// @notice One of the two parties, or neither.
    enum Side {
        None,
        Buyer,
        Seller
    }

    /// @notice Why an order was settled by a split.
    enum SettleReason {
        Agreed,
        Unanswered,
        Undefended,
        Ruled
    }

    /// @notice A return or dispute as it stands. `buyerClaim` and `sellerClaim` are what each side says the buyer
    /// should get; a side that never spoke claims everything. `awaited` is who loses by silence. `pot` is the native
    /// coin deposited for arbitration and still here, `deposit` what each side puts in.
    struct CaseView {
        ReturnStep returnStep;
        Side claimant;
        Side awaited;
        Side escalatedBy;
        Side appealedBy;
        bool defended;
        bool raised;
        bool isFinal;
        uint8 ruling;
        uint128 buyerClaim;
        uint128 sellerClaim;
        uint128 deposit;
        uint128 pot;
        uint256 disputeId;
    }

    /// @notice Emitted with every order that is not under the old rules.
    event OrderRulesSet(uint256 indexed orderId, uint8 rules);

    event OrderContested(uint256 indexed orderId, address by, uint64 proveBy);
    event ReturnRequested(uint256 indexed orderId, bytes32 reasonHash, uint64 answerBy);
    event ReturnApproved(uint256 indexed orderId, bytes32 addressHash, uint64 sendBy);
    event ReturnSent(uint256 indexed orderId, bytes32 trackingHash, uint64 confirmBy);
    event ReturnDropped(uint256 indexed orderId);

    event OrderDisputed(
        uint256 indexed orderId, Side claimant, uint256 buyerAmount, bytes32 reasonHash, uint64 answerBy
    );
    event SplitProposed(uint256 indexed orderId, Side by, uint256 buyerAmount, Side awaited, uint64 deadline);
    event OrderEscalated(uint256 indexed orderId, Side by, uint256 buyerAmount, uint256 deposit, uint64 defendBy);
    event EscalationDefended(uint256 indexed orderId, Side by, uint256 buyerAmount, uint256 deposit, uint64 ruleBy);
    /// @notice The arbitrator took the dispute on and was paid.
    event DisputeRaised(uint256 indexed orderId, address indexed arbitrator, uint256 disputeId, uint256 cost);
    /// @notice The arbitrator did not take the dispute on. Anyone may raise it again until `ruleBy`.
    event DisputeNotRaised(uint256 indexed orderId, address indexed arbitrator, uint64 ruleBy);
    event OrderRuled(uint256 indexed orderId, uint8 ruling, bool isFinal, uint256 buyerAmount, uint64 appealBy);
    event OrderAppealed(uint256 indexed orderId, Side by, uint256 cost, uint64 ruleBy);
    /// @notice The order ended by a split. `buyerAmount` is what the buyer is credited; what coupons paid of the
    /// buyer's part went back to their campaigns by `CouponSettled`.
    event OrderSettled(
        uint256 indexed orderId,
        address by,
        SettleReason reason,
        uint256 buyerAmount,
        uint256 sellerAmount,
        uint256 fee,
        uint256 bond
    );
    /// @notice The pot of an arbitration was handed out, in native coin.
    event DepositsPaid(uint256 indexed orderId, uint256 buyerAmount, uint256 sellerAmount);
    /// @notice Part of a deposit came out of credit.
    event CreditSpent(address indexed account, address indexed token, uint256 amount);
    /// @notice Anyone put more coin in, so that an arbitrator that got dearer could be paid.
    event PotToppedUp(uint256 indexed orderId, address indexed by, uint256 amount);
    /// @notice An arbitrator that did not rule gave its fee back.
    event ArbitrationFeeReclaimed(uint256 indexed orderId, uint256 buyerAmount, uint256 sellerAmount);

    /// @notice The order was placed under rules that know nothing of this.
    error OldRules(uint256 orderId);
    /// @notice The offer's terms allow no return.
    error NotReturnable(uint256 orderId);
    /// @notice The return is at another step.
    error WrongReturnStep(uint256 orderId, ReturnStep step);
    /// @notice Only the buyer or the seller may do this.
    error NotParty(uint256 orderId, address caller);
    /// @notice A proposal must give way: more than the other side's claim for the buyer's, less for the seller's, and
    /// never less favourable to the other side than the proposer's last.
    error ProposalOutOfRange(uint256 orderId, uint256 buyerAmount, uint256 sellerClaim, uint256 buyerClaim);
    /// @notice The other side's proposal is not the one the caller meant to accept.
    error ProposalMismatch(uint256 orderId, uint256 proposed, uint256 expected);
    /// @notice This side has already put its deposit in.
    error AlreadyDeposited(uint256 orderId, Side side);
    /// @notice The other side has not put its deposit in.
    error NotDefended(uint256 orderId);
    /// @notice The dispute is with the arbitrator already.
    error AlreadyRaised(uint256 orderId);
    /// @notice The coin sent and the caller's credit do not cover the deposit.
    error InsufficientDeposit(uint256 orderId, uint256 needed, uint256 available);
    /// @notice The arbitrator has not decided.
    error NotRuled(uint256 orderId);
    /// @notice Only who lost the ruling may appeal, once, and only a ruling that can be appealed.
    error NotAppealable(uint256 orderId, Side caller);
    /// @notice No order waits for this dispute of this arbitrator.
    error UnknownDispute(address arbitrator, uint256 disputeId);
    /// @notice The arbitrator gives nothing back.
    error NothingReclaimed(uint256 orderId);
    /// @notice Coin comes in by the calls that book it, and by no other way.
    error UnexpectedCoin();
    /// @notice No part of the market knows this function.
    error UnknownCall(bytes4 selector);
    /// @notice A module is code of the market and does nothing at its own address.
    error OnlyThroughMarket();

    /// @notice Anyone says that shipped orders did not arrive in time. The seller must now prove delivery.
    function contest(uint256[] calldata orderIds) external;
    /// @notice The buyer wants to send delivered goods back, while inspecting them.
    function requestReturn(uint256 orderId, bytes32 reasonHash) external;
    /// @notice The seller agrees to take the goods back and says where to, by the hash of the encrypted address.
    function approveReturn(uint256 orderId, bytes32 addressHash) external;
    /// @notice The buyer has sent the goods back.
    function sendReturn(uint256 orderId, bytes32 trackingHash) external;
    /// @notice The seller has the goods back; the buyer is refunded.
    function confirmReturn(uint256 orderId) external;
    /// @notice The buyer keeps the goods after all; the seller is paid.
    function dropReturn(uint256 orderId) external;

    /// @notice Either side disputes a shipped, delivered or returning order with a first proposal. The seller may
    /// dispute a shipped order only once it is late, so that no buyer who is still waiting loses by not looking.
    function dispute(uint256 orderId, uint256 buyerAmount, bytes32 reasonHash) external;
    /// @notice Proposes a split. A proposal may only give way; the first answer moves the wait to the claimant, once.
    function propose(uint256 orderId, uint256 buyerAmount) external;
    /// @notice Accepts the other side's claim, which must be the given one. Ends the order.
    function acceptSplit(uint256 orderId, uint256 buyerAmount) external;
    /// @notice Adds to the evidence after ERC-1497. The group is the order's number.
    function submitEvidence(uint256 orderId, string calldata evidence) external;
    /// @notice Either side calls the arbiters, with its final offer and a deposit of their price in native coin. What
    /// the coin sent does not cover comes out of the caller's credit, and what it exceeds becomes credit.
    function escalate(uint256 orderId, uint256 buyerAmount) external payable;
    /// @notice The other side answers with its final offer and the same deposit, and the arbiters are called.
    function defend(uint256 orderId, uint256 buyerAmount) external payable;
    /// @notice Anyone calls the arbiters again if they could not be called. Coin sent goes to the pot.
    function raise(uint256 orderId) external payable;
    /// @notice Anyone brings a ruling that can still be appealed, or was not delivered, to the order.
    function noteRuling(uint256 orderId) external;
    /// @notice The loser asks for a larger panel and pays for it alone.
    function appeal(uint256 orderId) external payable;
    /// @notice Anyone ends returns, disputes, escalations and rulings in which the awaited party let its deadline pass.
    function conclude(uint256[] calldata orderIds) external;
    /// @notice Anyone fetches the fee back from an arbitrator that did not rule, after the order has ended.
    function reclaimFee(uint256 orderId) external;

    /// @notice The return or dispute of an order.
    function caseOf(uint256 orderId) external view returns (CaseView memory);
    /// @notice What an order was signed for. All zero under the old rules.
    function rulesOf(uint256 orderId)
        external
        view
        returns (uint8 rules, AfterSales memory afterSales, address arbitrator);
    /// @notice What each side must deposit if the order is escalated now.
    function depositNeeded(uint256 orderId) external view returns (uint256);
    /// @notice Which order a dispute of an arbitrator belongs to, or zero.
    function orderOfDispute(address arbitrator, uint256 disputeId) external view returns (uint256 orderId);
}
