use serde_json::{Value as Json, json};

use super::*;

fn object() -> Json {
    json!({
        "type": "ObjectEvent", "eventTime": "2026-03-04T11:00:30+01:00", "eventTimeZoneOffset": "+01:00",
        "epcList": ["urn:epc:id:sgtin:0614141.011111.987"], "action": "OBSERVE", "bizStep": "departing",
    })
}

fn with(event: &Json, fields: &Json) -> Json {
    let mut event = event.as_object().unwrap().clone();
    for (name, value) in fields.as_object().unwrap() {
        if value.is_null() {
            event.remove(name);
        } else {
            event.insert(name.clone(), value.clone());
        }
    }
    Json::Object(event)
}

fn found(event: &Json) -> Vec<(String, String)> {
    let mut event = event.clone();
    event["@context"] = json!(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", { "own": "urn:own:" }]);
    let faults = single_event(&event).all_violations();
    faults.into_iter().map(|fault| (fault.path, fault.rule)).collect()
}

fn breaks(event: &Json, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(path, rule)| ((*path).to_owned(), (*rule).to_owned())).collect();
    assert_eq!(found(event), expected, "{event:#}");
}

#[test]
fn what_the_standard_allows_is_allowed() {
    let plain = json!({ "epcList": null, "action": null });
    let quantity = json!([{ "epcClass": "urn:epc:class:lgtin:4012345.012345.9", "quantity": 2.5, "uom": "KGM" }]);
    for event in [
        object(),
        with(&object(), &json!({ "bizStep": "https://example.com/own-step", "disposition": "own:word" })),
        with(&object(), &json!({ "action": "ADD", "ilmd": { "own:vintage": "2025", "cbvmda:lotNumber": "1" } })),
        with(&object(), &json!({ "own:extension": { "bare": { "words": [1, { "within": true }] } } })),
        with(&object(), &json!({ "epcList": [], "quantityList": quantity })),
        with(
            &object(),
            &json!({ "epcList": null, "readPoint": { "id": "urn:epc:id:sgln:4012345.00005.0" },
            "sensorElementList": [{ "sensorReport": [{ "type": "Temperature", "value": 4 }] }] }),
        ),
        with(
            &object(),
            &json!({ "certificationInfo": ["https://example.com/c/1",
            { "gs1:CertificationDetails": { "gs1:certificationAuditDate": "2025-12-20" } }] }),
        ),
        with(&object(), &json!({ "errorDeclaration": { "declarationTime": "2026-03-05T00:00:00Z", "own:by": "x" } })),
        with(
            &object(),
            &json!({ "sourceList": [{ "type": "cbv:own_party", "source": "urn:epc:id:pgln:4012345.00225" }] }),
        ),
        with(
            &with(&object(), &plain),
            &json!({ "type": "TransformationEvent", "inputEPCList": ["urn:a:1"],
            "outputQuantityList": quantity }),
        ),
        with(
            &with(&object(), &plain),
            &json!({ "type": "TransformationEvent", "transformationID": "urn:a:t",
            "inputEPCList": ["urn:a:1"] }),
        ),
        with(
            &object(),
            &json!({ "type": "AggregationEvent", "epcList": null, "action": "DELETE", "parentID": "urn:a:p" }),
        ),
        with(
            &object(),
            &json!({ "type": "AssociationEvent", "epcList": null, "parentID": "urn:a:p",
            "childEPCs": ["urn:a:1"] }),
        ),
        with(
            &object(),
            &json!({ "type": "TransactionEvent", "bizTransactionList": [{ "bizTransaction": "urn:a:b" }] }),
        ),
        json!({ "type": "own:Event", "eventTime": "2026-03-04T11:00:30Z", "eventTimeZoneOffset": "+00:00", "free": 1 }),
    ] {
        breaks(&event, &[]);
    }
}

#[test]
fn every_fault_is_told_with_its_place_and_rule() {
    let object = object();
    for (fields, expected) in [
        (
            json!({ "eventTime": "22-07-2026", "action": "CREATE" }),
            vec![("/eventTime", "format.date-time"), ("/action", "event.action")],
        ),
        (json!({ "eventTime": null, "action": null }), vec![("/eventTime", "required"), ("/action", "required")]),
        (json!({ "eventTimeZoneOffset": "CET" }), vec![("/eventTimeZoneOffset", "format.time-zone")]),
        (
            json!({ "bizStep": "transforming", "disposition": "in_transport" }),
            vec![("/bizStep", "cbv.bizStep"), ("/disposition", "cbv.disposition")],
        ),
        (json!({ "bizStep": "https://ref.gs1.org/cbv/BizStep-transforming" }), vec![("/bizStep", "cbv.bizStep")]),
        (
            json!({ "sourceList": [{ "type": "place", "source": "urn:a:1" }] }),
            vec![("/sourceList/0/type", "cbv.sourceDestination")],
        ),
        (json!({ "action": "ADD", "ilmd": { "materialType": "soil" } }), vec![("/ilmd/materialType", "unknown-field")]),
        (json!({ "ilmd": { "own:x": 1 } }), vec![("/ilmd", "event.ilmd")]),
        (json!({ "other:x": 1 }), vec![("/other:x", "namespace.undeclared")]),
        (json!({ "epcList": null }), vec![("/epcList", "required")]),
        (
            json!({ "epcList": ["no uri", 5, "urn:a:1", "urn:a:1"] }),
            vec![("/epcList/0", "format.uri"), ("/epcList/1", "type.string"), ("/epcList/3", "unique")],
        ),
        (
            json!({ "quantityList": [{ "quantity": "2", "uom": "kilo" }] }),
            vec![
                ("/quantityList/0/epcClass", "required"),
                ("/quantityList/0/quantity", "type.number"),
                ("/quantityList/0/uom", "format.uom"),
            ],
        ),
        (json!({ "readPoint": "urn:a:1" }), vec![("/readPoint", "type.object")]),
        (
            json!({ "certificationInfo": [{ "gs1:CertificationDetails": { "gs1:certificationAuditDate": "wrong" } }, 7] }),
            vec![
                ("/certificationInfo/0/gs1:CertificationDetails/gs1:certificationAuditDate", "format.date"),
                ("/certificationInfo/1", "certificationInfo"),
            ],
        ),
        (
            json!({ "errorDeclaration": { "reason": "typo" } }),
            vec![("/errorDeclaration/declarationTime", "required"), ("/errorDeclaration/reason", "cbv.errorReason")],
        ),
        (
            json!({ "persistentDisposition": { "set": ["shiny"] } }),
            vec![("/persistentDisposition/set/0", "cbv.disposition")],
        ),
        (
            json!({ "sensorElementList": [{ "sensorReport": [{ "value": "4", "hexBinaryValue": "xyz", "component": "up" }] }] }),
            vec![
                ("/sensorElementList/0/sensorReport/0/type", "required"),
                ("/sensorElementList/0/sensorReport/0/component", "cbv.component"),
                ("/sensorElementList/0/sensorReport/0/value", "type.number"),
                ("/sensorElementList/0/sensorReport/0/hexBinaryValue", "format.hex"),
            ],
        ),
        (
            json!({ "type": "TransformationEvent", "epcList": null }),
            vec![("/inputEPCList", "required"), ("/outputEPCList", "required"), ("/action", "unknown-field")],
        ),
        (
            json!({ "type": "AggregationEvent", "epcList": null, "action": "ADD" }),
            vec![("/parentID", "required"), ("/childEPCs", "required")],
        ),
        (json!({ "type": "TransactionEvent" }), vec![("/bizTransactionList", "required")]),
        (json!({ "type": "ObjectEventInvalid" }), vec![("/type", "event.type")]),
    ] {
        breaks(&with(&object, &fields), &expected);
    }
}

#[test]
fn the_envelope_is_checked_too() {
    let whole = json!({
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2026-01-01T00:00:00Z", "epcisBody": { "eventList": [] },
    });
    let faults = |fields: Json| -> Vec<(String, String)> {
        let read = document(&with(&whole, &fields)).all_violations();
        read.into_iter().map(|fault| (fault.path, fault.rule)).collect()
    };
    let one = |path: &str, rule: &str| vec![(path.to_owned(), rule.to_owned())];
    assert_eq!(faults(json!({})), []);
    assert_eq!(faults(json!({ "@context": null })), one("/@context", "required"));
    assert_eq!(faults(json!({ "@context": [] })), one("/@context", "context"));
    assert_eq!(faults(json!({ "type": "Document" })), one("/type", "document.type"));
    assert_eq!(faults(json!({ "schemaVersion": "1.2" })), one("/schemaVersion", "document.version"));
    assert_eq!(faults(json!({ "creationDate": "today" })), one("/creationDate", "format.date-time"));
    assert_eq!(faults(json!({ "epcisBody": null })), one("/epcisBody", "required"));
    assert_eq!(faults(json!({ "epcisBody": {} })), one("/epcisBody/eventList", "required"));
    assert_eq!(document(&json!([])).all_violations()[0].rule, "type.object");
    let master = json!({ "epcisHeader": { "epcisMasterData": { "vocabularyList": [{ "type": "urn:epcglobal:epcis:vtype:Location",
        "vocabularyElementList": [{ "id": "urn:a:1", "attributes": [{ "id": "x" }], "children": ["urn:a:2"] }] }] } } });
    let path = "/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/attributes/0/id";
    assert_eq!(faults(master), one(path, "format.uri"));
}

/// Nothing that anyone sends makes the walk fail.
#[test]
fn whatever_is_sent_is_answered() {
    let odd = [json!(null), json!(7), json!(""), json!([]), json!({}), json!([null]), json!({ "a:b": null })];
    for name in [
        "@context",
        "type",
        "eventTime",
        "epcList",
        "quantityList",
        "readPoint",
        "sensorElementList",
        "ilmd",
        "errorDeclaration",
        "persistentDisposition",
        "bizTransactionList",
        "sourceList",
        "certificationInfo",
        "parentID",
    ] {
        for value in &odd {
            let mut event = object();
            event[name] = value.clone();
            let _ = single_event(&event).all_violations();
            let _ = document(&json!({ "type": "EPCISDocument", "epcisBody": { "eventList": [event] } }));
        }
    }
}
