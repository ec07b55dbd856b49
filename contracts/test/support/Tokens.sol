// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IMarket} from "../../src/market/IMarket.sol";

/// @dev Keeps one per cent of every transfer.
contract FeeToken is ERC20("Fee", "FEE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, value);
        super._update(from, to, value - value / 100);
        super._update(from, address(0xFEE), value / 100);
    }
}

/// @dev Answers false instead of moving anything.
contract FalseToken is ERC20("False", "FLS") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @dev Calls back into the market while it is being moved.
contract ReentrantToken is ERC20("Reentrant", "RE") {
    IMarket public immutable MARKET;
    bytes public attack;

    constructor(IMarket market) {
        MARKET = market;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function arm(bytes calldata call_) external {
        attack = call_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (attack.length == 0) return;
        (bool done, bytes memory answer) = address(MARKET).call(attack);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

/// @dev An account that refuses native coin, and can be told to call the market.
contract Refuser {
    function run(address target, uint256 value, bytes calldata data) external returns (bytes memory) {
        (bool done, bytes memory answer) = target.call{value: value}(data);
        require(done, "call failed");
        return answer;
    }
}

/// @dev An account that withdraws again when it is paid.
contract Reenterer {
    IMarket internal immutable MARKET;

    constructor(IMarket market) {
        MARKET = market;
    }

    function deposit() external payable {
        MARKET.depositBond{value: msg.value}(address(0), msg.value);
    }

    function withdraw() external {
        MARKET.withdraw(address(0));
    }

    receive() external payable {
        MARKET.withdraw(address(0));
    }
}
