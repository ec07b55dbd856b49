// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAftersales} from "../../src/market/IAftersales.sol";
import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Market} from "../../src/market/Market.sol";
import {Test, Vm} from "../support/Test.sol";

/// @title A second account of every order, kept from events alone
/// @notice The checks compare the market with this, which the market did not compute.
abstract contract Ghosts is Test {
    address internal constant COIN = address(0);

    Market public immutable MARKET;
    address internal immutable TREASURY;
    address internal immutable AFFILIATE;
    uint256[] public orders;
    mapping(uint256 orderId => mapping(address token => uint256)) public paidIn;
    mapping(uint256 orderId => mapping(address token => uint256)) public paidOut;
    mapping(uint256 orderId => IMarket.State) public ended;
    mapping(uint256 orderId => bytes32) public signedFor;
    mapping(uint256 campaignId => mapping(bytes32 nullifier => uint256)) public redemptions;
    mapping(uint256 orderId => mapping(uint256 campaignId => bytes32)) internal person;
    /// @dev How often each event was seen, which tells whether a run got anywhere.
    mapping(bytes32 topic => uint256) public seen;
    /// @dev Set when something happened that never may.
    string public broken;

    constructor(Market market, address treasury, address affiliate) {
        (MARKET, TREASURY, AFFILIATE) = (market, treasury, affiliate);
    }

    function orderCount() external view returns (uint256) {
        return orders.length;
    }

    /// @dev What an order was signed for, which nothing may change.
    function terms(uint256 id) public view returns (bytes32) {
        IMarket.OrderView memory o = MARKET.order(id);
        (uint8 rules, IAftersales.AfterSales memory limits, address arbitrator) = _after().rulesOf(id);
        return keccak256(
            abi.encode(
                [o.buyer, o.seller, o.token, arbitrator],
                [o.offerId, o.version, o.quantity, o.amount, o.bond, o.feeBps, o.bondBps, rules],
                limits
            )
        );
    }

    /// @dev Makes a call about an order and books what its logs announce.
    function _act(uint256 id, address caller, uint256 value, bytes memory call_) internal returns (bool ok) {
        IMarket.State before = MARKET.order(id).state;
        vm.recordLogs();
        vm.prank(caller);
        (ok,) = address(MARKET).call{value: value}(call_);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (!ok) return false;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(MARKET)) _book(id, before, logs[i]);
        }
        if (_terminal(before) && MARKET.order(id).state != before) broken = "a terminal state was left";
    }

    function _placed(uint256 id) internal {
        IMarket.OrderView memory o = MARKET.order(id);
        orders.push(id);
        paidIn[id][o.token] = uint256(o.amount) + o.bond;
        signedFor[id] = terms(id);
        ICouponVault.Subsidy[] memory subsidies = _vault().subsidiesOf(id);
        for (uint256 i = 0; i < subsidies.length; ++i) {
            (uint256 campaignId, bytes32 nullifier) = (subsidies[i].campaignId, subsidies[i].nullifier);
            person[id][campaignId] = nullifier;
            if (++redemptions[campaignId][nullifier] > 1) broken = "a person redeemed twice";
        }
    }

    function _terminal(IMarket.State state) internal pure returns (bool) {
        return state == IMarket.State.Released || state == IMarket.State.Refunded || state == IMarket.State.Settled;
    }

    function _after() internal view returns (IAftersales) {
        return IAftersales(address(MARKET));
    }

    function _vault() internal view returns (ICouponVault) {
        return ICouponVault(address(MARKET));
    }

    function _book(uint256 id, IMarket.State before, Vm.Log memory log) private {
        bytes32 topic = log.topics[0];
        ++seen[topic];
        if (topic == IMarket.Credited.selector) _bookCredit(id, before, log);
        else if (topic == ICouponVault.CouponSettled.selector) _bookCoupon(id, log);
        else if (topic == IAftersales.DisputeRaised.selector) _bookCost(id, log);
        else if (topic == IAftersales.OrderEscalated.selector) _bookDeposit(id, log);
        else if (topic == IAftersales.EscalationDefended.selector) _bookDeposit(id, log);
        else if (topic == IMarket.OrderReleased.selector) _bookEnd(id, IMarket.State.Released);
        else if (topic == IMarket.OrderRefunded.selector) _bookEnd(id, IMarket.State.Refunded);
        else if (topic == IAftersales.OrderSettled.selector) _bookEnd(id, IMarket.State.Settled);
        else if (topic == IAftersales.ArbitrationFeeReclaimed.selector) _bookReclaim(id, log);
    }

    function _bookCredit(uint256 id, IMarket.State before, Vm.Log memory log) private {
        (address account, address token) = (_address(log.topics[1]), _address(log.topics[2]));
        paidOut[id][token] += abi.decode(log.data, (uint256));
        if (_terminal(before) && token != COIN) broken = "an ended order paid again";
        bool sold = ended[id] == IMarket.State.Released || ended[id] == IMarket.State.Settled;
        if ((account == TREASURY || account == AFFILIATE) && !sold) broken = "a fee without a sale";
    }

    function _bookCoupon(uint256 id, Vm.Log memory log) private {
        (uint256 vested, uint256 returned) = abi.decode(log.data, (uint256, uint256));
        uint256 campaignId = uint256(log.topics[2]);
        paidOut[id][MARKET.order(id).token] += returned;
        if (vested == 0) --redemptions[campaignId][person[id][campaignId]];
    }

    function _bookCost(uint256 id, Vm.Log memory log) private {
        (, uint256 cost) = abi.decode(log.data, (uint256, uint256));
        paidOut[id][COIN] += cost;
    }

    function _bookDeposit(uint256 id, Vm.Log memory log) private {
        (,, uint256 deposit,) = abi.decode(log.data, (uint8, uint256, uint256, uint64));
        paidIn[id][COIN] += deposit;
    }

    function _bookReclaim(uint256 id, Vm.Log memory log) private {
        (uint256 toBuyer, uint256 toSeller) = abi.decode(log.data, (uint256, uint256));
        paidIn[id][COIN] += toBuyer + toSeller;
    }

    function _bookEnd(uint256 id, IMarket.State state) private {
        if (ended[id] != IMarket.State.None) broken = "an order ended twice";
        ended[id] = state;
    }

    function _address(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }
}
