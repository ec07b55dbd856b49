// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IMarket} from "../../src/market/IMarket.sol";
import {FuzzSelector} from "../support/Test.sol";
import {Town} from "../support/Town.sol";
import {MarketHandler} from "./MarketHandler.sol";

contract MarketInvariantTest is Town {
    MarketHandler internal handler;
    address[] internal people;
    address[] internal tokens;

    function setUp() public override {
        super.setUp();
        people = [buyer, seller, otherSeller];
        tokens = [address(stable), NATIVE];
        handler = new MarketHandler(market, operator, carrier, people, tokens);
        for (uint256 i = 0; i < people.length; ++i) {
            vm.deal(people[i], 1e30);
            vm.prank(operator);
            stable.mint(people[i], 1e30);
        }
        // A town that already trades, so that short runs reach the far states too.
        handler.deposit(1, 0, 1e12);
        handler.deposit(1, 1, 1e12);
        handler.publish(1, 0, 5e6, 1e6);
        handler.publish(1, 1, 3e6, 0);
        handler.publish(2, 0, 0, 0);
        for (uint256 i = 0; i < 6; ++i) {
            handler.place(0, i, i + 1, uint32(i));
        }
        vm.assertTrue(handler.orderCount() > 6);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](13);
        selectors[0] = handler.publish.selector;
        selectors[1] = handler.revise.selector;
        selectors[2] = handler.deposit.selector;
        selectors[3] = handler.withdraw.selector;
        selectors[4] = handler.setPaused.selector;
        selectors[5] = handler.setFees.selector;
        selectors[6] = handler.timeOut.selector;
        // Said more than once, so that they are picked more often.
        selectors[7] = handler.place.selector;
        selectors[8] = handler.place.selector;
        for (uint256 i = 9; i < 13; ++i) {
            selectors[i] = handler.move.selector;
        }
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    /// @dev The market holds exactly what it owes: tokens nobody sent outside the market's calls.
    function invariant_BalanceCoversLiabilities() external view {
        vm.assertEq(stable.balanceOf(address(market)), market.liabilities(address(stable)), "tokens");
        vm.assertEq(address(market).balance, market.liabilities(NATIVE), "coin");
    }

    /// @dev What came in and has not gone out is still there, by an account the market does not keep.
    function invariant_NothingAppearsOrVanishes() external view {
        uint256 tokensIn = 20_000e6 + handler.movedIn(address(stable)) - handler.movedOut(address(stable));
        uint256 coinIn = 10 ether + handler.movedIn(NATIVE) - handler.movedOut(NATIVE);
        vm.assertEq(stable.balanceOf(address(market)), tokensIn, "tokens");
        vm.assertEq(address(market).balance, coinIn, "coin");
    }

    /// @dev The running total is the sum of its parts.
    function invariant_LiabilitiesAreLocksBondsAndCredits() external view {
        for (uint256 t = 0; t < tokens.length; ++t) {
            uint256 sum = market.creditOf(treasury, tokens[t]);
            for (uint256 i = 0; i < people.length; ++i) {
                sum += market.creditOf(people[i], tokens[t]);
            }
            vm.assertEq(sum + _locked(tokens[t]), market.liabilities(tokens[t]), "parts");
        }
    }

    /// @dev What an order took in is what it gave out, once it has ended; before that it gave out nothing.
    function invariant_EveryOrderBalances() external view {
        for (uint256 i = 0; i < handler.orderCount(); ++i) {
            uint256 id = handler.orders(i);
            MarketHandler.Ghost memory g = handler.ghost(id);
            IMarket.OrderView memory o = market.order(id);
            bool ended = o.state == IMarket.State.Released || o.state == IMarket.State.Refunded;
            vm.assertEq(g.paidOut, ended ? g.paidIn + g.bond : 0, "order");
            vm.assertEq(o.amount, g.paidIn, "amount");
            vm.assertEq(o.bond, g.bond, "bond");
            vm.assertTrue(ended == (market.nextDeadline(id) == 0), "every open order has a deadline");
        }
    }

    /// @dev Terminal states absorb and nobody's silence holds money.
    function invariant_NothingBroken() external view {
        vm.assertEq(handler.broken(), "");
    }

    function _locked(address token) private view returns (uint256 sum) {
        for (uint256 i = 0; i < handler.orderCount(); ++i) {
            IMarket.OrderView memory o = market.order(handler.orders(i));
            bool open = o.state != IMarket.State.Released && o.state != IMarket.State.Refunded;
            if (open && o.token == token) sum += uint256(o.amount) + o.bond;
        }
    }
}
