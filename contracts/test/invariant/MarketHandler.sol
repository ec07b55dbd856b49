// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IMarket} from "../../src/market/IMarket.sol";
import {Market} from "../../src/market/Market.sol";
import {Test, Vm} from "../support/Test.sol";

/// @title People doing anything the market lets them, in any order
/// @notice Ghosts keep a second account of every order's money from the events' point of view, so the invariants
/// compare the market with something it did not compute itself.
contract MarketHandler is Test {
    struct Ghost {
        address token;
        uint256 paidIn;
        uint256 bond;
        uint256 paidOut;
        IMarket.State ended;
    }

    Market public immutable MARKET;
    address public immutable OPERATOR;
    address public immutable CARRIER;
    address[] public people;
    address[] public tokens;
    uint256[] public offers;
    uint256[] public orders;
    mapping(uint256 orderId => Ghost) internal ghosts;
    mapping(address token => uint256) public movedIn;
    mapping(address token => uint256) public movedOut;
    /// @dev Set when a call that must succeed did not.
    string public broken;

    constructor(Market market, address operator, address carrier, address[] memory people_, address[] memory tokens_) {
        (MARKET, OPERATOR, CARRIER, people, tokens) = (market, operator, carrier, people_, tokens_);
    }

    function ghost(uint256 orderId) external view returns (Ghost memory) {
        return ghosts[orderId];
    }

    function orderCount() external view returns (uint256) {
        return orders.length;
    }

    function publish(uint256 who, uint256 token, uint128 price, uint128 shipping) external {
        IMarket.Terms memory terms = IMarket.Terms({
            token: tokens[token % tokens.length],
            unitPrice: uint128(bound(price, 0, 1e10)),
            shippingPrice: uint128(bound(shipping, 0, 1e8)),
            acceptWithin: 1 hours,
            shipWithin: 2 hours,
            deliverWithin: 3 hours,
            inspectWithin: 4 hours,
            digital: false
        });
        vm.prank(_person(who));
        offers.push(MARKET.publishOffer(terms, 1_000, 0));
    }

    function revise(uint256 offer, uint128 price) external {
        if (offers.length == 0) return;
        uint256 id = offers[offer % offers.length];
        IMarket.OfferView memory o = MARKET.offer(id);
        o.terms.unitPrice = uint128(bound(price, 0, 1e10));
        vm.prank(o.seller);
        MARKET.reviseOffer(id, o.terms, 0);
    }

    function place(uint256 who, uint256 first, uint256 second, uint32 quantity) external {
        if (offers.length == 0) return;
        IMarket.Line[] memory lines = new IMarket.Line[](2);
        lines[0] = _line(first, quantity);
        lines[1] = _line(second, quantity / 7);
        uint256 coin = _coin(lines[0]) + _coin(lines[1]);
        vm.prank(_person(who));
        try MARKET.placeOrders{value: coin}(lines) returns (uint256[] memory ids) {
            for (uint256 i = 0; i < ids.length; ++i) {
                IMarket.OrderView memory o = MARKET.order(ids[i]);
                orders.push(ids[i]);
                movedIn[o.token] += o.amount;
                ghosts[ids[i]] = Ghost(o.token, o.amount, o.bond, 0, IMarket.State.None);
            }
        } catch {}
    }

    function deposit(uint256 who, uint256 token, uint256 amount) external {
        address t = tokens[token % tokens.length];
        amount = bound(amount, 1, 1e12);
        vm.prank(_person(who));
        MARKET.depositBond{value: t == address(0) ? amount : 0}(t, amount);
        movedIn[t] += amount;
    }

    function withdraw(uint256 who, uint256 token) external {
        address person = _person(who);
        address t = tokens[token % tokens.length];
        uint256 credit = MARKET.creditOf(person, t);
        if (credit == 0) return;
        vm.prank(person);
        MARKET.withdraw(t);
        movedOut[t] += credit;
    }

    function move(uint256 order, uint256 action, bool late) external {
        if (orders.length == 0) return;
        uint256 id = orders[order % orders.length];
        IMarket.OrderView memory o = MARKET.order(id);
        if (late) vm.warp(block.timestamp + 80 hours);
        bytes[7] memory calls = [
            abi.encodeCall(IMarket.cancel, (id)),
            abi.encodeCall(IMarket.decline, (id)),
            abi.encodeCall(IMarket.accept, (one(id))),
            abi.encodeCall(IMarket.ship, (one(id), hashes(0))),
            abi.encodeCall(IMarket.confirmDelivery, (one(id))),
            abi.encodeCall(IMarket.release, (one(id))),
            abi.encodeCall(IMarket.attestDelivery, (one(id)))
        ];
        address[7] memory callers = [o.buyer, o.seller, o.seller, o.seller, o.buyer, o.buyer, CARRIER];
        uint256 pick = action % 7;
        _settle(id, callers[pick], calls[pick]);
    }

    /// @dev Whatever state an order is in: once its deadline has passed, a stranger can end it.
    function timeOut(uint256 order) external {
        if (orders.length == 0) return;
        uint256 id = orders[order % orders.length];
        IMarket.State state = MARKET.order(id).state;
        if (state == IMarket.State.Released || state == IMarket.State.Refunded) return;
        uint256 deadline = MARKET.nextDeadline(id);
        if (block.timestamp <= deadline) vm.warp(deadline + 1);
        bytes memory call_ = state == IMarket.State.Delivered
            ? abi.encodeCall(IMarket.release, (one(id)))
            : abi.encodeCall(IMarket.refundExpired, (one(id)));
        if (!_settle(id, address(0x57A46E7), call_)) broken = "a timeout was refused";
    }

    function setPaused(uint256 roll) external {
        bool paused = MARKET.paused();
        if (!paused && roll % 4 != 0) return;
        vm.prank(OPERATOR);
        if (paused) MARKET.unpause();
        else MARKET.pause();
    }

    function setFees(uint16 feeBps, uint16 bondBps) external {
        vm.prank(OPERATOR);
        MARKET.setFeeSchedule(feeBps % 501, bondBps % 1_001);
    }

    /// @dev Makes the call and, where it ended the order, books every credit its logs announce.
    function _settle(uint256 id, address caller, bytes memory call_) private returns (bool ok) {
        IMarket.State before = MARKET.order(id).state;
        vm.recordLogs();
        vm.prank(caller);
        (ok,) = address(MARKET).call(call_);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (!ok) return false;
        IMarket.State state = MARKET.order(id).state;
        if (before == IMarket.State.Released || before == IMarket.State.Refunded) broken = "a terminal state was left";
        if (state != IMarket.State.Released && state != IMarket.State.Refunded) return true;
        ghosts[id].ended = state;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IMarket.Credited.selector) continue;
            ghosts[id].paidOut += abi.decode(logs[i].data, (uint256));
        }
    }

    function _line(uint256 pick, uint32 quantity) private view returns (IMarket.Line memory) {
        uint256 id = offers[pick % offers.length];
        return IMarket.Line(id, MARKET.offer(id).version, 1 + quantity % 5, MARKET.termsHash(id), 0);
    }

    function _coin(IMarket.Line memory line) private view returns (uint256) {
        IMarket.Terms memory terms = MARKET.offer(line.offerId).terms;
        return terms.token == address(0) ? uint256(terms.unitPrice) * line.quantity + terms.shippingPrice : 0;
    }

    function _person(uint256 who) private view returns (address) {
        return people[who % people.length];
    }
}
