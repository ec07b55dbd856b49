// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Authority} from "../../src/governance/Authority.sol";
import {GuildToken} from "../../src/governance/GuildToken.sol";
import {Roles} from "../../src/governance/Roles.sol";
import {Aftersales} from "../../src/market/Aftersales.sol";
import {CouponVault} from "../../src/market/CouponVault.sol";
import {IAftersales} from "../../src/market/IAftersales.sol";
import {ICouponVault} from "../../src/market/ICouponVault.sol";
import {IMarket} from "../../src/market/IMarket.sol";
import {IRuleBook} from "../../src/market/IRuleBook.sol";
import {Market} from "../../src/market/Market.sol";
import {RuleBook} from "../../src/market/RuleBook.sol";
import {StableToken} from "../../src/payments/StableToken.sol";
import {Test} from "./Test.sol";

/// @title Everything deployed, with roles given and a few people in it
abstract contract Town is Test {
    uint256 internal constant BUYER_KEY = 0xB0B;
    uint256 internal constant START = 1_700_000_000;
    uint128 internal constant PRICE = 19_990_001;
    uint128 internal constant SHIPPING = 4_000_000;
    address internal constant NATIVE = address(0);

    address internal operator = address(0x0BE7A70);
    address internal seller = address(0x5E11E7);
    address internal otherSeller = address(0x5E11E8);
    address internal carrier = address(0xCA771E7);
    address internal treasury = address(0x77EA5);
    address internal stranger = address(0x57A46E7);
    address internal buyer = vm.addr(BUYER_KEY);

    Authority internal authority;
    GuildToken internal guild;
    StableToken internal stable;
    Market internal market;
    /// @dev The market's other faces, at the same address.
    IAftersales internal after_;
    ICouponVault internal vault;
    IRuleBook internal book;

    function setUp() public virtual {
        vm.warp(START);
        authority = new Authority(operator);
        guild = GuildToken(
            _proxy(
                address(new GuildToken()),
                abi.encodeCall(GuildToken.initialize, (address(authority), operator, 1_000_000 ether))
            )
        );
        stable = StableToken(
            _proxy(address(new StableToken()), abi.encodeCall(StableToken.initialize, (address(authority))))
        );
        market = Market(
            payable(_proxy(
                    _implementation(), abi.encodeCall(Market.initialize, (address(authority), treasury, 200, 500))
                ))
        );
        after_ = IAftersales(address(market));
        vault = ICouponVault(address(market));
        book = IRuleBook(address(market));
        vm.startPrank(operator);
        _grantRoles();
        market.setTokenAllowed(address(stable), true);
        market.setTokenAllowed(NATIVE, true);
        vm.stopPrank();
        _fundPeople();
    }

    function _grantRoles() private {
        authority.grantRole(Roles.OPERATOR, operator, 0);
        authority.grantRole(Roles.PAUSER, operator, 0);
        authority.grantRole(Roles.MINTER, operator, 0);
        authority.grantRole(Roles.UPGRADER, operator, 0);
        authority.grantRole(Roles.CARRIER, carrier, 0);
        _assign(address(market), Market.setFeeSchedule.selector, Roles.OPERATOR);
        _assign(address(market), Market.setTokenAllowed.selector, Roles.OPERATOR);
        _assign(address(market), Market.setTreasury.selector, Roles.OPERATOR);
        _assign(address(market), Market.pause.selector, Roles.PAUSER);
        _assign(address(market), Market.unpause.selector, Roles.PAUSER);
        _assign(address(market), IRuleBook.addRules.selector, Roles.OPERATOR);
        _assign(address(market), ICouponVault.setAffiliateShare.selector, Roles.OPERATOR);
        _assign(address(market), market.attestDelivery.selector, Roles.CARRIER);
        _assign(address(market), market.upgradeToAndCall.selector, Roles.UPGRADER);
        _assign(address(stable), StableToken.mint.selector, Roles.MINTER);
        _assign(address(stable), StableToken.mintBatch.selector, Roles.MINTER);
        _assign(address(stable), StableToken.burn.selector, Roles.MINTER);
        _assign(address(stable), stable.upgradeToAndCall.selector, Roles.UPGRADER);
        _assign(address(guild), GuildToken.mint.selector, Roles.MINTER);
        _assign(address(guild), guild.upgradeToAndCall.selector, Roles.UPGRADER);
    }

    function _assign(address target, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        authority.setTargetFunctionRole(target, selectors, role);
    }

    function _fundPeople() private {
        address[3] memory people = [buyer, seller, otherSeller];
        for (uint256 i = 0; i < people.length; ++i) {
            vm.deal(people[i], 1_000 ether);
            vm.prank(operator);
            stable.mint(people[i], 1_000_000e6);
            vm.prank(people[i]);
            stable.approve(address(market), type(uint256).max);
        }
        vm.prank(seller);
        market.depositBond(address(stable), 10_000e6);
        vm.prank(otherSeller);
        market.depositBond(address(stable), 10_000e6);
        vm.prank(otherSeller);
        market.depositBond{value: 10 ether}(NATIVE, 10 ether);
    }

    /// @dev The market's code: the coupons, what comes after a sale, and what leads to both.
    function _implementation() internal virtual returns (address) {
        address ruleBook = address(new RuleBook());
        address couponVault = address(new CouponVault(ruleBook));
        return address(new Market(address(new Aftersales(couponVault))));
    }

    function _proxy(address implementation, bytes memory setUpCall) internal returns (address) {
        return address(new ERC1967Proxy(implementation, setUpCall));
    }

    function _terms(address token, uint128 price, uint128 shipping) internal pure returns (IMarket.Terms memory) {
        return IMarket.Terms({
            token: token,
            unitPrice: price,
            shippingPrice: shipping,
            acceptWithin: 48 hours,
            shipWithin: 5 days,
            deliverWithin: 21 days,
            inspectWithin: 7 days,
            digital: false
        });
    }

    function _publish() internal returns (uint256 offerId) {
        return _publishAs(seller, _terms(address(stable), PRICE, SHIPPING));
    }

    function _publishAs(address who, IMarket.Terms memory terms) internal returns (uint256 offerId) {
        vm.prank(who);
        return market.publishOffer(terms, 100, keccak256("a lamp"));
    }

    function _line(uint256 offerId, uint32 quantity) internal view returns (IMarket.Line memory) {
        return IMarket.Line({
            offerId: offerId,
            version: market.offer(offerId).version,
            quantity: quantity,
            termsHash: market.termsHash(offerId),
            deliveryHash: keccak256("salted address")
        });
    }

    function _lines(uint256 offerId, uint32 quantity) internal view returns (IMarket.Line[] memory lines) {
        lines = new IMarket.Line[](1);
        lines[0] = _line(offerId, quantity);
    }

    function _buy(uint256 offerId, uint32 quantity) internal returns (uint256 orderId) {
        IMarket.Line[] memory lines = _lines(offerId, quantity);
        vm.prank(buyer);
        return market.placeOrders(lines)[0];
    }

    function _funded() internal returns (uint256) {
        return _buy(_publish(), 2);
    }

    function _accepted() internal returns (uint256 id) {
        id = _funded();
        vm.prank(seller);
        market.accept(one(id));
    }

    function _shipped() internal returns (uint256 id) {
        id = _accepted();
        vm.prank(seller);
        market.ship(one(id), hashes(keccak256("tracking")));
    }

    function _delivered() internal returns (uint256 id) {
        id = _shipped();
        vm.prank(buyer);
        market.confirmDelivery(one(id));
    }

    function _released() internal returns (uint256 id) {
        id = _delivered();
        vm.prank(buyer);
        market.release(one(id));
    }

    function _state(uint256 id) internal view returns (IMarket.State) {
        return market.order(id).state;
    }

    function assertState(uint256 id, IMarket.State expected) internal view {
        vm.assertEq(uint256(_state(id)), uint256(expected));
    }

    /// @dev Two pieces and one shipping.
    function _total() internal pure returns (uint256) {
        return 2 * uint256(PRICE) + SHIPPING;
    }

    /// @dev Five per cent, rounded up.
    function _bondOf(uint256 amount) internal pure returns (uint256) {
        return (amount * 500 + 9_999) / 10_000;
    }
}
