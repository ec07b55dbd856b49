use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use platform_protocol::contracts::{Erc20, IMarket, Market};
use platform_protocol::{Decoder, Manifest, Proxied, Standing};
use serde_json::json;

const MARKET: Address = Address::repeat_byte(0xa1);

fn decoder() -> Decoder {
    let standing = |address| Standing { address, code_hash: B256::ZERO };
    let proxied = |byte| Proxied {
        address: Address::repeat_byte(byte),
        code_hash: B256::ZERO,
        implementation: standing(Address::ZERO),
    };
    let manifest = Manifest {
        chain_id: 1,
        block: 0,
        version: String::new(),
        compiler: String::new(),
        deployer: Address::ZERO,
        treasury: Address::ZERO,
        authority: standing(Address::repeat_byte(0xa4)),
        guild_token: proxied(0xa3),
        stable_token: proxied(0xa2),
        market: proxied(0xa1),
        market_parts: Vec::new(),
        arbiter_panel: Some(proxied(0xa5)),
        reviews: None,
        trace: Some(proxied(0xa6)),
    };
    Decoder::new(&manifest).unwrap()
}

#[test]
fn a_basket_is_shown_with_its_names() {
    let line = IMarket::Line {
        offerId: U256::from(3),
        version: 2,
        quantity: 5,
        termsHash: B256::repeat_byte(1),
        deliveryHash: B256::ZERO,
    };
    let call = decoder().call(MARKET, &Market::placeOrdersCall { lines: vec![line] }.abi_encode()).unwrap();
    assert_eq!((call.contract.as_str(), call.function.as_str()), ("Market", "placeOrders"));
    assert_eq!(call.args[0].name, "lines");
    assert_eq!(call.args[0].value[0]["offerId"], "3");
    assert_eq!(call.args[0].value[0]["quantity"], "5");
}

#[test]
fn a_token_nobody_knows_still_shows_its_transfers() {
    let event = Erc20::Transfer { from: Address::ZERO, to: MARKET, value: U256::MAX };
    let log = event.encode_log_data();
    let decoded = decoder().event(Address::repeat_byte(1), log.topics(), &log.data).unwrap();
    assert_eq!((decoded.contract.as_str(), decoded.event.as_str()), ("ERC-20", "Transfer"));
    assert_eq!(decoded.args[2].value, json!(U256::MAX.to_string()));
    assert_eq!(decoder().function(MARKET, &Market::cancelCall::SELECTOR), Some("cancel"));
}

#[test]
fn an_error_is_told_in_words() {
    let error = Market::InsufficientStock { offerId: U256::from(1), stock: 2, quantity: 3 };
    let decoded = decoder().error(&error.abi_encode()).unwrap();
    assert_eq!(decoded.signature, "InsufficientStock(uint256,uint64,uint32)");
    assert_eq!(decoded.words.en, "Only 2 pieces are left, and 3 were ordered.");
    let plain = alloy_sol_types::Revert::from("closed").abi_encode();
    assert_eq!(decoder().error(&plain).unwrap().words.en, "The contract refused: closed");
}

#[test]
fn what_makes_no_sense_is_left_undecoded() {
    let decoder = decoder();
    assert_eq!(decoder.call(MARKET, &[1, 2]), None);
    assert_eq!(decoder.call(MARKET, &[0xff; 40]), None);
    assert_eq!(decoder.error(&[]), None);
    assert_eq!(decoder.event(MARKET, &[], &[]), None);
    // The right selector with too little behind it.
    let mut input = Market::cancelCall { orderId: U256::from(1) }.abi_encode();
    input.truncate(20);
    assert_eq!(decoder.call(MARKET, &input), None);
    assert_eq!(decoder.event(MARKET, &[Market::OrderFunded::SIGNATURE_HASH], &[]), None);
}
