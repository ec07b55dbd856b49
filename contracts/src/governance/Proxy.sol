// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

// Compiled here so that deployments use the very proxy the tests ran against.
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
