//! A lot of tea on its way from the garden to the shop, as supply-chain
//! events, captured by the same rules as everyone's.

use alloy_primitives::B256;
use platform_api::calendar::rfc3339;
use platform_business::Platform;
use serde_json::{Value, json};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// Labels of the town's tea: on its way, recalled, and sold.
const SERIALS: [&str; 3] = ["K7M2QX9RT4WH8VNB", "Q3ZC8LD5XE2PY7JA", "W6FB4HN9SU3TK2RM"];

const GARDEN: &str = "urn:epc:id:sgln:6901234.00101.0";
const WORKSHOP: &str = "urn:epc:id:sgln:6901234.00102.0";
const ROAD: &str = "urn:epc:id:sgln:6901234.00103.0";
const HUB: &str = "urn:epc:id:sgln:6901234.00104.0";
const SHOP: &str = "urn:epc:id:sgln:6901234.00105.0";
const LEAVES: &str = "urn:epc:class:lgtin:6901234.001001.G0311";
const LOT: &str = "urn:epc:class:lgtin:6901234.005678.MP2603";
const CRATE: &str = "urn:epc:id:sscc:6901234.0000000071";

/// Captures the tea's history as of `now` (seconds since 1970). What is there
/// already stays as it is.
pub(super) async fn tell(platform: &Platform, founded: u64) -> anyhow::Result<()> {
    let taken = platform.take_events(&history(founded)).await;
    taken.map_err(|problem| anyhow::anyhow!("can't capture the tea's history: {problem:?}"))
}

fn history(start: u64) -> Value {
    let at = |days: u64, hours: u64| rfc3339(start + days * DAY + hours * HOUR);
    let epc = |serial: &str| format!("urn:epc:id:sgtin:6901234.005678.{serial}");
    let all: Vec<String> = SERIALS.iter().map(|serial| epc(serial)).collect();
    let event = |kind: &str, time: String, step: &str, place: &str, fields: Value| {
        let mut event = json!({
            "type": kind, "eventTime": time, "eventTimeZoneOffset": "+08:00", "bizStep": step,
            "readPoint": { "id": place },
        });
        for (name, value) in fields.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        event
    };
    let to = |place: &str| json!([{ "type": "location", "destination": place }]);
    let wrong_id = format!("urn:uuid:{}", uuid(1));
    let right_id = format!("urn:uuid:{}", uuid(2));
    let weighed = |kilos: f64| json!({ "action": "OBSERVE", "quantityList": [{ "epcClass": LOT, "quantity": kilos, "uom": "KGM" }] });
    let with = |mut fields: Value, more: Value| {
        for (name, value) in more.as_object().into_iter().flatten() {
            fields[name] = value.clone();
        }
        fields
    };
    let events = json!([
        event(
            "ObjectEvent",
            at(0, 1),
            "commissioning",
            GARDEN,
            json!({
                "action": "ADD", "disposition": "active",
                "quantityList": [{ "epcClass": LEAVES, "quantity": 120, "uom": "KGM" }],
                "ilmd": { "tea:cultivar": "Qunti Zhong", "tea:picking": "One bud, one leaf", "tea:altitude": "820 m" },
            })
        ),
        event(
            "TransformationEvent",
            at(1, 4),
            "commissioning",
            WORKSHOP,
            json!({
                "inputQuantityList": [{ "epcClass": LEAVES, "quantity": 120, "uom": "KGM" }],
                "outputQuantityList": [{ "epcClass": LOT, "quantity": 24, "uom": "KGM" }],
                "ilmd": { "cbvmda:lotNumber": "MP2603", "tea:firing": "Wok-fired by hand" },
                "certificationInfo": "https://certs.example.org/organic/CN-2026-0417",
            })
        ),
        event(
            "ObjectEvent",
            at(2, 0),
            "inspecting",
            WORKSHOP,
            with(
                weighed(42.0),
                json!({
                    "eventID": wrong_id,
                    "errorDeclaration": {
                        "declarationTime": at(2, 5), "reason": "incorrect_data", "correctiveEventIDs": [right_id.clone()],
                    },
                })
            )
        ),
        event(
            "ObjectEvent",
            at(2, 1),
            "inspecting",
            WORKSHOP,
            with(
                weighed(24.0),
                json!({
                    "eventID": right_id, "disposition": "conformant",
                })
            )
        ),
        event(
            "ObjectEvent",
            at(3, 2),
            "commissioning",
            WORKSHOP,
            json!({
                "action": "ADD", "epcList": all, "disposition": "active",
                "ilmd": { "cbvmda:lotNumber": "MP2603", "cbvmda:bestBeforeDate": rfc3339(start + 540 * DAY)[..10] },
            })
        ),
        event(
            "AggregationEvent",
            at(3, 5),
            "packing",
            WORKSHOP,
            json!({
                "action": "ADD", "parentID": CRATE, "childEPCs": all,
            })
        ),
        event(
            "ObjectEvent",
            at(4, 0),
            "shipping",
            WORKSHOP,
            json!({
                "action": "OBSERVE", "epcList": [CRATE], "disposition": "in_transit", "destinationList": to(HUB),
            })
        ),
        event(
            "ObjectEvent",
            at(5, 8),
            "transporting",
            ROAD,
            json!({
                "action": "OBSERVE", "epcList": [CRATE], "disposition": "in_transit", "sensorElementList": readings(start + 4 * DAY),
            })
        ),
        event(
            "ObjectEvent",
            at(5, 9),
            "receiving",
            HUB,
            json!({
                "action": "OBSERVE", "epcList": [CRATE], "disposition": "in_progress",
            })
        ),
        event(
            "AggregationEvent",
            at(6, 1),
            "unpacking",
            HUB,
            json!({
                "action": "DELETE", "parentID": CRATE, "childEPCs": all,
            })
        ),
        event(
            "ObjectEvent",
            at(7, 3),
            "stocking",
            SHOP,
            json!({
                "action": "OBSERVE", "epcList": all, "disposition": "sellable_accessible", "bizLocation": { "id": SHOP },
            })
        ),
        event(
            "ObjectEvent",
            at(9, 6),
            "retail_selling",
            SHOP,
            json!({
                "action": "OBSERVE", "epcList": [epc(SERIALS[2])], "disposition": "retail_sold", "bizLocation": { "id": SHOP },
            })
        ),
        event(
            "ObjectEvent",
            at(12, 2),
            "holding",
            SHOP,
            json!({
                "action": "OBSERVE", "epcList": [epc(SERIALS[1])], "disposition": "recalled", "bizLocation": { "id": SHOP },
            })
        ),
    ]);
    json!({
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            { "tea": "https://tea.example.org/terms/" },
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": rfc3339(start),
        "epcisHeader": { "epcisMasterData": { "vocabularyList": [places(), products()] } },
        "epcisBody": { "eventList": events },
    })
}

/// The same numbers for the same thing, whenever the town is founded.
fn uuid(number: u8) -> String {
    let hex = B256::repeat_byte(number).to_string();
    format!("{}-{}-4{}-8{}-{}", &hex[2..10], &hex[2..6], &hex[2..5], &hex[2..5], &hex[2..14])
}

/// A refrigerated van's log: a reading each hour, and a door that stood open.
fn readings(start: u64) -> Value {
    const CELSIUS: [f64; 32] = [
        6.1, 5.8, 5.4, 5.1, 4.9, 4.7, 4.8, 5.0, 5.2, 5.1, 4.9, 4.8, 4.6, 4.7, 4.9, 5.3, 6.8, 9.4, 8.1, 6.6, 5.7, 5.2,
        5.0, 4.9, 4.8, 4.7, 4.8, 4.9, 5.0, 5.1, 5.3, 5.6,
    ];
    let element = |(hour, celsius): (u64, &f64)| {
        let mut warm = json!({ "type": "Temperature", "value": celsius, "uom": "CEL" });
        if *celsius > 8.0 {
            warm["exception"] = json!("ALARM_CONDITION");
        }
        json!({
            "sensorMetadata": { "time": rfc3339(start + hour * HOUR), "deviceID": "urn:epc:id:giai:6901234.VAN12T" },
            "sensorReport": [warm, { "type": "RelativeHumidity", "value": 52.0 + celsius, "uom": "P1" }],
        })
    };
    (0..).zip(&CELSIUS).map(element).collect()
}

fn attributes(pairs: Value) -> Value {
    let pairs = pairs.as_object().cloned().unwrap_or_default();
    pairs
        .into_iter()
        .map(|(name, value)| json!({ "id": format!("urn:epcglobal:cbv:mda#{name}"), "attribute": value }))
        .collect()
}

fn places() -> Value {
    let place = |id: &str, en: &str, zh: &str, city: [&str; 2], (latitude, longitude): (f64, f64)| {
        json!({ "id": id, "attributes": attributes(json!({
            "name": { "en": en, "zh": zh }, "city": { "en": city[0], "zh": city[1] },
            "countryCode": { "en": "China", "zh": "中国" }, "latitude": latitude, "longitude": longitude,
        })) })
    };
    json!({
        "type": "urn:epcglobal:epcis:vtype:Location",
        "vocabularyElementList": [
            place(GARDEN, "Mist Peak garden", "雾峰茶园", ["Hangzhou", "杭州"], (30.2, 120.1)),
            place(WORKSHOP, "Mist Peak workshop", "雾峰制茶坊", ["Hangzhou", "杭州"], (30.2, 120.1)),
            place(ROAD, "Refrigerated van, Changjiang route", "冷藏车，长江线", ["Hefei", "合肥"], (31.8, 117.2)),
            place(HUB, "Cold store Wuhan", "武汉冷库", ["Wuhan", "武汉"], (30.6, 114.3)),
            place(SHOP, "Lantern Street tea house", "灯笼街茶舍", ["Chengdu", "成都"], (30.7, 104.1)),
        ],
    })
}

fn products() -> Value {
    json!({
        "type": "urn:epcglobal:epcis:vtype:EPCClass",
        "vocabularyElementList": [{
            "id": "urn:epc:idpat:sgtin:6901234.005678.*",
            "attributes": attributes(json!({
                "descriptionShort": { "en": "Mist Peak Longjing, 50 g", "zh": "雾峰龙井 50 克" },
                "brandName": { "en": "Mist Peak Tea", "zh": "雾峰茶" },
                "additionalTradeItemDescription": {
                    "en": "Spring tea, picked before the rains and fired by hand.", "zh": "雨前采摘，手工炒制的春茶。",
                },
            })),
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_valid_and_always_the_same() {
        let text = history(1_770_000_000).to_string();
        let hashed = platform_business::hash_file(&text).unwrap();
        assert_eq!(hashed.len(), 13);
        let again = platform_business::hash_file(&history(1_770_000_000).to_string()).unwrap();
        assert!(hashed.iter().zip(&again).all(|(a, b)| a.hash == b.hash));
    }
}
