// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {PanelStorage} from "../../src/arbitration/PanelStorage.sol";
import {MarketStorage} from "../../src/market/MarketStorage.sol";
import {Reviews} from "../../src/reviews/Reviews.sol";

// The compiler tells the layout of state variables only, so each namespace becomes one here for script/layout.mjs.

/// @dev Namespace guildhall.market.
contract MarketLayout is MarketStorage {
    Layout internal fields;
}

/// @dev Namespace guildhall.panel.
contract ArbiterPanelLayout is PanelStorage {
    Layout internal fields;
}

/// @dev Namespace guildhall.reviews.
contract ReviewsLayout {
    Reviews.Layout internal fields;
}
