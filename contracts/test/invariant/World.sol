// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {Bench} from "../support/Bench.sol";
import {WholeHandler} from "./WholeHandler.sol";

/// @title A whole town at work, and what must always hold in it
/// @notice Each check says what is wrong, or nothing. The numbers are those of the marketplace's nine invariants.
abstract contract World is Bench {
    WholeHandler internal handler;
    address[] internal people;
    address[] internal tokens;
    address internal affiliate = address(0xAFF11);

    function setUp() public virtual override {
        super.setUp();
        people = [buyer, seller, otherSeller];
        tokens = [address(stable), NATIVE];
        // Parties who are arbiters too: only then it means something that none ever judges their own case.
        _hire(buyer);
        _hire(seller);
        _hire(otherSeller);
        handler = new WholeHandler(market, panel, [operator, carrier, treasury, affiliate], people, tokens);
        for (uint256 i = 0; i < people.length; ++i) {
            vm.deal(people[i], 1e30);
            vm.prank(operator);
            stable.mint(people[i], 1e30);
        }
        _trade();
        vm.warp(block.timestamp + 1);
    }

    function checkAll() internal view returns (string memory wrong) {
        wrong = checkMoney();
        if (bytes(wrong).length == 0) wrong = checkOrders();
        if (bytes(wrong).length == 0) wrong = checkCoupons();
        if (bytes(wrong).length == 0) wrong = checkPanels();
        if (bytes(wrong).length == 0) wrong = handler.broken();
    }

    /// @dev 1: the market has what it owes, and owes the sum of locks, bonds, pots, budgets and credits.
    function checkMoney() internal view returns (string memory) {
        if (stable.balanceOf(address(market)) != market.liabilities(address(stable))) return "1: tokens";
        if (address(market).balance != market.liabilities(NATIVE)) return "1: coin";
        if (guild.balanceOf(address(panel)) != _stakes()) return "1: stakes";
        for (uint256 t = 0; t < tokens.length; ++t) {
            uint256 sum = _credits(tokens[t]) + _locks(tokens[t]) + _budgets(tokens[t]);
            if (sum != market.liabilities(tokens[t])) return "1: parts";
        }
        return "";
    }

    /// @dev 2: what went in came out. 3: an end is an end. 4: what was signed stays. 5: who waits has a deadline.
    function checkOrders() internal view returns (string memory) {
        for (uint256 i = 0; i < handler.orderCount(); ++i) {
            uint256 id = handler.orders(i);
            IMarket.OrderView memory o = market.order(id);
            bool over = _over(o.state);
            if (over && !_balanced(id, o.token)) return "2: in is not out";
            if (!over && o.token != NATIVE && handler.paidOut(id, o.token) != 0) return "2: paid before the end";
            if (handler.ended(id) != (over ? o.state : IMarket.State.None)) return "3: a terminal state was left";
            if (handler.terms(id) != handler.signedFor(id)) return "4: what was signed has changed";
            if (over != (market.nextDeadline(id) == 0)) return "5: no deadline";
        }
        return "";
    }

    /// @dev 7: no campaign gives more than it has.
    function checkCoupons() internal view returns (string memory) {
        for (uint256 id = 1; id <= vault.campaignCount(); ++id) {
            ICouponVault.CampaignView memory c = vault.campaign(id);
            uint256 sum = uint256(c.available) + c.locked + c.spent + c.withdrawn;
            if (sum != c.contributed) return "7: over budget";
            if (_subsidies(id) != c.locked) return "7: locked is not what open orders hold";
        }
        return "";
    }

    /// @dev 8: nobody judges their own case.
    function checkPanels() internal view returns (string memory) {
        for (uint256 i = 0; i < handler.disputeCount(); ++i) {
            uint256 disputeId = handler.disputes(i);
            IMarket.OrderView memory o = market.order(after_.orderOfDispute(address(panel), disputeId));
            address[] memory seats = panel.disputeOf(disputeId).panel;
            for (uint256 j = 0; j < seats.length; ++j) {
                if (seats[j] == o.buyer || seats[j] == o.seller) return "8: a party sits on the panel";
            }
        }
        return "";
    }

    /// @dev Trade enough that short runs reach the far states too.
    function _trade() private {
        for (uint256 i = 0; i < 3; ++i) {
            handler.save(i, 0, 1e12 - 1);
            handler.save(i, 1, 1e12 - 1);
        }
        handler.publish(1, 0, 5_000_001);
        handler.publish(1, 1, 3_000_007);
        handler.publish(2, 0, 0);
        handler.launch(0, 5_000_000, false);
        handler.launch(1, 900_000, true);
        for (uint256 i = 0; i < 30; ++i) {
            handler.place(uint256(keccak256(abi.encode(i))));
        }
        vm.assertTrue(handler.orderCount() > 6, "nobody trades");
    }

    function _stakes() private view returns (uint256 sum) {
        for (uint256 i = 0; i < arbiters.length; ++i) {
            sum += panel.arbiter(arbiters[i]).stake;
        }
    }

    function _credits(address token) private view returns (uint256 sum) {
        sum = market.creditOf(treasury, token) + market.creditOf(affiliate, token);
        for (uint256 i = 0; i < people.length; ++i) {
            sum += market.creditOf(people[i], token);
        }
    }

    function _locks(address token) private view returns (uint256 sum) {
        for (uint256 i = 0; i < handler.orderCount(); ++i) {
            uint256 id = handler.orders(i);
            IMarket.OrderView memory o = market.order(id);
            if (token == NATIVE) sum += after_.caseOf(id).pot;
            if (!_over(o.state) && o.token == token) sum += uint256(o.amount) + o.bond;
        }
    }

    function _budgets(address token) private view returns (uint256 sum) {
        for (uint256 id = 1; id <= vault.campaignCount(); ++id) {
            ICouponVault.CampaignView memory c = vault.campaign(id);
            if (c.terms.token == token) sum += c.available;
        }
    }

    function _subsidies(uint256 campaignId) private view returns (uint256 sum) {
        for (uint256 i = 0; i < handler.orderCount(); ++i) {
            uint256 id = handler.orders(i);
            if (_over(market.order(id).state)) continue;
            ICouponVault.Subsidy[] memory list = vault.subsidiesOf(id);
            for (uint256 j = 0; j < list.length; ++j) {
                if (list[j].campaignId == campaignId) sum += list[j].amount;
            }
        }
    }

    function _balanced(uint256 id, address token) private view returns (bool) {
        bool inToken = handler.paidIn(id, token) == handler.paidOut(id, token);
        return inToken && handler.paidIn(id, NATIVE) == handler.paidOut(id, NATIVE);
    }

    function _over(IMarket.State state) private pure returns (bool) {
        return state == IMarket.State.Released || state == IMarket.State.Refunded || state == IMarket.State.Settled;
    }
}
