//! Monitor files of OpenZeppelin Monitor become rules that do what they did.

use alloy_primitives::Address;
use platform_ops::{Compiled, Import, Register, Severity, import};
use serde_json::{Value, json};

const TOKEN: Address = Address::repeat_byte(7);

fn register() -> Register {
    let mut register = Register::default();
    let abi = json!([
        { "type": "event", "name": "Transfer", "anonymous": false, "inputs": [
            { "name": "from", "type": "address", "indexed": true },
            { "name": "to", "type": "address", "indexed": true },
            { "name": "value", "type": "uint256", "indexed": false } ] },
        { "type": "event", "name": "Named", "anonymous": false, "inputs": [
            { "name": "name", "type": "string", "indexed": false },
            { "name": "open", "type": "bool", "indexed": false },
            { "name": "by", "type": "int256", "indexed": false } ] },
    ]);
    register.add("StableToken", TOKEN, serde_json::from_value(abi).unwrap());
    register
}

fn monitor(signature: &str, expression: Option<&str>) -> Value {
    json!({
        "name": "Large transfers: of USDC!", "paused": false, "networks": ["ethereum_mainnet"],
        "addresses": [{ "address": TOKEN.to_string(), "contract_spec": [] }],
        "match_conditions": {
            "functions": [],
            "events": [{ "signature": signature, "expression": expression }],
            "transactions": [{ "status": "Success", "expression": null }],
        },
        "trigger_conditions": [], "triggers": ["slack"],
    })
}

fn imported(monitor: &Value) -> Result<Import, String> {
    import(&monitor.to_string(), &register(), Severity::P3)
}

/// The expression that becomes of one. That the rule passes its own tests is part of importing it.
fn expression(signature: &str, text: &str) -> String {
    let import = imported(&monitor(signature, Some(text))).unwrap();
    let (name, file) = &import.rules[0];
    Compiled::read(name, file).unwrap().rule.expr
}

const TRANSFER: &str = "Transfer(address,address,uint256)";

#[test]
fn a_condition_on_an_event_becomes_a_rule_with_tests() {
    let import = imported(&monitor(TRANSFER, Some("value > 10000000000"))).unwrap();
    let (name, file) = &import.rules[0];
    assert_eq!(name, "oz-large-transfers-of-usdc");
    let rule = Compiled::read(name, file).unwrap().rule;
    assert_eq!(rule.expr, "more(signal.args['value'], '10000000000')");
    assert_eq!((rule.title.en.as_str(), rule.severity), ("Large transfers: of USDC!", Severity::P3));
    assert_eq!(rule.tests.len(), 3);
    assert_eq!(import.left_out.len(), 1, "whom to tell: {:?}", import.left_out);
}

#[test]
fn expressions_mean_here_what_they_meant_there() {
    let same = [
        ("value >= 5", "!less(signal.args['value'], '5')"),
        ("value <= 0x10", "!more(signal.args['value'], '16')"),
        ("value != '7'", "signal.args['value'] != '7'"),
        (
            "from == 0x00000000000000000000000000000000000000aa AND value < 3 OR value == 9",
            "((signal.args['from'] == '0x00000000000000000000000000000000000000AA') && (less(signal.args['value'], '3'))) || (signal.args['value'] == '9')",
        ),
        (
            "value < 3 AND (value == 1 OR value == 2)",
            "(less(signal.args['value'], '3')) && ((signal.args['value'] == '1') || (signal.args['value'] == '2'))",
        ),
    ];
    for (there, here) in same {
        assert_eq!(expression(TRANSFER, there), here, "{there}");
    }
    let named = "Named(string,bool,int256)";
    assert_eq!(expression(named, "name contains \"it's\""), "signal.args['name'].contains('it\\'s')");
    assert_eq!(
        expression(named, "open == true && name starts_with 'a'"),
        "(signal.args['open'] == true) && (signal.args['name'].startsWith('a'))"
    );
    let every = imported(&monitor(TRANSFER, None)).unwrap();
    assert!(every.rules[0].1.contains("expr: \"true\""));
}

#[test]
fn what_has_no_counterpart_is_said_and_not_made_up() {
    let refused = |signature: &str, text: &str| imported(&monitor(signature, Some(text))).unwrap_err();
    assert!(refused(TRANSFER, "amount > 1").contains("the event has no parameter amount"));
    assert!(refused(TRANSFER, "value > ten").contains("no whole number"));
    assert!(refused(TRANSFER, "value > 1 AND value < 1").contains("no event can fulfil"));
    assert!(refused(TRANSFER, "(value > 1").contains("not closed"));
    assert!(refused(TRANSFER, &"(".repeat(100_000)).contains("too deep"));
    assert!(refused(TRANSFER, "value > 1 value").contains("not expected"));
    assert!(refused("Named(string,bool,int256)", "by < -1").contains("can't be compared"));
    assert!(refused("Approval(address,address,uint256)", "value > 1").contains("no such event"));
    assert!(import("[]", &register(), Severity::P3).unwrap_err().contains("no monitor file"));
    let mut elsewhere = monitor(TRANSFER, None);
    elsewhere["addresses"][0]["address"] = json!(Address::repeat_byte(8).to_string());
    assert!(imported(&elsewhere).unwrap_err().contains("no contract of this house"));
    let mut more = monitor(TRANSFER, None);
    more["match_conditions"]["functions"] = json!([{ "signature": "transfer(address,uint256)", "expression": null }]);
    more["match_conditions"]["transactions"] = json!([{ "status": "Failure", "expression": null }]);
    more["trigger_conditions"] = json!([{ "script_path": "filter.py" }]);
    more["paused"] = json!(true);
    let import = imported(&more).unwrap();
    assert_eq!(import.left_out.len(), 4, "{:?}", import.left_out);
    assert!(Compiled::read("a", &import.rules[0].1).unwrap().rule.shadow, "a paused monitor is on trial");
}
