// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title The marketplace: offers, orders and the money between them
/// @notice The market holds a buyer's payment and a seller's bond until the order ends, and then credits each party.
/// Nothing is ever sent on its own: everyone withdraws their own credit, so one blocked payee stops nobody. Every
/// state that holds money can be left by anyone once its deadline has passed. Times are seconds, the native coin is
/// token zero, and a deadline is the last second in which the awaited party may still act. What follows a delivery
/// that did not please is IAftersales, and discounts are ICouponVault: both are reached at the market's own address.
interface IMarket {
    /// @notice Where an order stands. Later states are appended; a number never changes its meaning.
    enum State {
        None,
        Funded,
        Accepted,
        Shipped,
        Delivered,
        Released,
        Refunded,
        Contested,
        Return,
        Disputed,
        Escalated,
        Ruled,
        Settled
    }

    /// @notice Why an order was refunded. Later reasons are appended.
    enum RefundReason {
        Cancelled,
        Declined,
        AcceptExpired,
        ShipExpired,
        DeliverExpired,
        Returned,
        ReturnUnanswered,
        ReturnUnconfirmed,
        ArbiterSilent
    }

    /// @notice What a seller promises. A version of it never changes, and an order keeps the one it was signed for.
    struct Terms {
        address token;
        uint128 unitPrice;
        uint128 shippingPrice;
        uint32 acceptWithin;
        uint32 shipWithin;
        uint32 deliverWithin;
        uint32 inspectWithin;
        bool digital;
    }

    /// @notice One line of a basket. `termsHash` is what the buyer read; `deliveryHash` is the salted hash of the
    /// delivery address, which itself stays off chain.
    struct Line {
        uint256 offerId;
        uint32 version;
        uint32 quantity;
        bytes32 termsHash;
        bytes32 deliveryHash;
    }

    /// @notice An offer as it stands.
    struct OfferView {
        address seller;
        uint32 version;
        bool active;
        uint64 stock;
        Terms terms;
        bytes32 termsHash;
    }

    /// @notice An order as it stands. `amount` is goods plus shipping, `deadline` is zero once the order has ended.
    struct OrderView {
        State state;
        address buyer;
        address seller;
        address token;
        uint256 offerId;
        uint32 version;
        uint32 quantity;
        uint128 amount;
        uint128 bond;
        uint16 feeBps;
        uint16 bondBps;
        uint64 deadline;
    }

    event OfferPublished(
        uint256 indexed offerId, address indexed seller, uint32 version, Terms terms, uint64 stock, bytes32 metadata
    );
    event OfferRevised(
        uint256 indexed offerId, address indexed seller, uint32 version, Terms terms, uint64 stock, bytes32 metadata
    );
    event OfferStockSet(uint256 indexed offerId, uint64 stock);
    event OfferActiveSet(uint256 indexed offerId, bool active);

    event OrderFunded(
        uint256 indexed orderId,
        address indexed buyer,
        address indexed seller,
        uint256 offerId,
        uint32 version,
        uint32 quantity,
        address token,
        uint256 amount,
        uint256 bond,
        uint16 feeBps,
        uint64 acceptBy,
        bytes32 deliveryHash
    );
    event OrderAccepted(uint256 indexed orderId, uint64 shipBy);
    event OrderShipped(uint256 indexed orderId, bytes32 trackingHash, uint64 deliverBy);
    event OrderDelivered(uint256 indexed orderId, address by, uint64 inspectBy);
    event OrderReleased(uint256 indexed orderId, address by, uint256 sellerAmount, uint256 fee, uint256 bond);
    event OrderRefunded(
        uint256 indexed orderId, address by, RefundReason reason, uint256 buyerAmount, uint256 sellerAmount
    );

    event Credited(address indexed account, address indexed token, uint256 amount);
    event BondDeposited(address indexed account, address indexed token, uint256 amount);
    event Withdrawn(address indexed account, address indexed token, uint256 amount);

    event FeeScheduleSet(uint32 version, uint16 feeBps, uint16 bondBps);
    event TokenAllowed(address indexed token, bool allowed);
    event TreasurySet(address treasury);

    /// @notice Nobody published an offer under this number.
    error UnknownOffer(uint256 offerId);
    /// @notice Nobody placed an order under this number.
    error UnknownOrder(uint256 orderId);
    /// @notice Only the seller of the offer may do this.
    error NotSeller(uint256 offerId, address caller);
    /// @notice Only the order's buyer may do this.
    error NotBuyer(uint256 orderId, address caller);
    /// @notice Only the order's seller may do this.
    error NotOrderSeller(uint256 orderId, address caller);
    /// @notice The order is not in a state that allows this.
    error WrongState(uint256 orderId, State state);
    /// @notice The awaited party's time is over.
    error DeadlinePassed(uint256 orderId, uint64 deadline);
    /// @notice The awaited party still has time.
    error DeadlineNotPassed(uint256 orderId, uint64 deadline);
    /// @notice The seller has taken the offer off the market.
    error OfferNotActive(uint256 offerId);
    /// @notice The seller has changed the terms since the buyer read them.
    error StaleTerms(uint256 offerId, uint32 version, uint32 current);
    /// @notice The terms the buyer read are not the terms of this version.
    error TermsMismatch(uint256 offerId, bytes32 expected, bytes32 given);
    /// @notice Fewer pieces are left than the line asks for.
    error InsufficientStock(uint256 offerId, uint64 stock, uint32 quantity);
    /// @notice The seller's free credit does not cover the bond of this order.
    error InsufficientBond(uint256 offerId, address seller, uint256 needed, uint256 available);
    /// @notice A line must ask for at least one piece.
    error ZeroQuantity(uint256 offerId);
    /// @notice Price times quantity plus shipping is beyond what an order can hold.
    error AmountTooLarge(uint256 offerId, uint256 amount);
    /// @notice A seller cannot buy their own goods.
    error SelfPurchase(uint256 offerId);
    /// @notice A call without lines or orders does nothing.
    error NothingToDo();
    /// @notice The two lists of a batch differ in length.
    error LengthMismatch(uint256 orders, uint256 hashes);
    /// @notice A time limit is outside its bounds.
    error TermOutOfBounds(uint256 given, uint256 least, uint256 most);
    /// @notice The market does not take this token.
    error TokenNotAllowed(address token);
    /// @notice The native coin sent is not what the call needs.
    error WrongValue(uint256 needed, uint256 sent);
    /// @notice The token moved another amount than it was asked to, as a token with a transfer fee does.
    error TransferAmountMismatch(address token, uint256 expected, uint256 received);
    /// @notice Neither the permit nor an earlier approval covers the payment.
    error PermitFailed(address token, uint256 needed, uint256 allowed);
    /// @notice There is nothing to withdraw.
    error NoCredit(address account, address token);
    /// @notice An amount of zero does nothing.
    error ZeroAmount();
    /// @notice The zero address cannot receive money.
    error ZeroAddress();
    /// @notice A fee or bond is above its hard cap.
    error RateTooHigh(uint16 given, uint16 most);

    /// @notice Puts an offer on the market and returns its number. A unit price of zero is allowed.
    function publishOffer(Terms calldata terms, uint64 stock, bytes32 metadata) external returns (uint256 offerId);
    /// @notice Replaces the terms by a new version. Orders already placed keep theirs.
    function reviseOffer(uint256 offerId, Terms calldata terms, bytes32 metadata) external;
    /// @notice Sets how many pieces are left.
    function setStock(uint256 offerId, uint64 stock) external;
    /// @notice Takes an offer off the market or puts it back.
    function setOfferActive(uint256 offerId, bool active) external;

    /// @notice Buys a basket: several offers, sellers and tokens in one call that succeeds or fails as a whole.
    function placeOrders(Line[] calldata lines) external payable returns (uint256[] memory orderIds);
    /// @notice Buys a basket with a signed permit for one token. A permit somebody else already used counts.
    function placeOrdersWithPermit(
        Line[] calldata lines,
        address token,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external payable returns (uint256[] memory orderIds);
    /// @notice The buyer changes their mind before the seller accepts.
    function cancel(uint256 orderId) external;
    /// @notice The seller turns an order down.
    function decline(uint256 orderId) external;
    /// @notice The seller takes orders on and must ship them in time.
    function accept(uint256[] calldata orderIds) external;
    /// @notice The seller has handed the goods over. The hashes are of tracking numbers or of EPCIS events.
    function ship(uint256[] calldata orderIds, bytes32[] calldata trackingHashes) external;
    /// @notice The buyer has the goods. Inspection begins.
    function confirmDelivery(uint256[] calldata orderIds) external;
    /// @notice A carrier attests that the goods arrived. Inspection begins.
    function attestDelivery(uint256[] calldata orderIds) external;
    /// @notice Pays the seller: the buyer at any time after delivery, anyone once inspection is over.
    function release(uint256[] calldata orderIds) external;
    /// @notice Refunds the buyer of orders that were not accepted, shipped or, once contested, proven delivered in
    /// time. Later states are ended by `conclude` of IAftersales.
    function refundExpired(uint256[] calldata orderIds) external;

    /// @notice Adds to the caller's credit, which backs bonds and can be withdrawn.
    function depositBond(address token, uint256 amount) external payable;
    /// @notice Pays the caller's whole credit out to the caller.
    function withdraw(address token) external;
    /// @notice Pays the caller's whole credit out to another address.
    function withdrawTo(address token, address to) external;

    /// @notice Sets fee and bond in basis points for orders to come and returns the schedule's version.
    function setFeeSchedule(uint16 feeBps, uint16 bondBps) external returns (uint32 version);
    /// @notice Lets a token in or keeps it out of new offers and orders.
    function setTokenAllowed(address token, bool allowed) external;
    /// @notice Sets who is credited with fees.
    function setTreasury(address treasury) external;
    /// @notice Stops new orders. Everything already begun goes on.
    function pause() external;
    /// @notice Lets new orders in again.
    function unpause() external;

    /// @notice The order as it stands.
    function order(uint256 orderId) external view returns (OrderView memory);
    /// @notice The offer as it stands.
    function offer(uint256 offerId) external view returns (OfferView memory);
    /// @notice The hash of the offer's current terms, which a buyer's line must carry.
    function termsHash(uint256 offerId) external view returns (bytes32);
    /// @notice What an account may withdraw of a token.
    function creditOf(address account, address token) external view returns (uint256);
    /// @notice All the market owes in a token: open orders, bonds and credits.
    function liabilities(address token) external view returns (uint256);
    /// @notice The last second before anyone may end or move the order, or zero once it has ended.
    function nextDeadline(uint256 orderId) external view returns (uint64);
    /// @notice Whether the market takes a token.
    function tokenAllowed(address token) external view returns (bool);
    /// @notice The schedule new orders get.
    function feeSchedule() external view returns (uint32 version, uint16 feeBps, uint16 bondBps);
    /// @notice Who is credited with fees.
    function treasury() external view returns (address);
    /// @notice How many offers and orders there have been. Numbers run from one.
    function counts() external view returns (uint64 offers, uint64 orders);
}
