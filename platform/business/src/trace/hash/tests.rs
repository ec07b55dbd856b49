use super::*;
use serde_json::json;

fn hash_of(event: &Json, context: &Json) -> (String, String) {
    let namespaces = Namespaces::of(context);
    let string = pre_hash(event.as_object().unwrap(), &namespaces);
    let id = event_id(of_pre_hash(&string));
    (string, id)
}

/// `ReferenceEventHashAlgorithm3` of the reference implementation, with the string and hash it publishes for CBV 2.0.
#[test]
fn the_reference_event_has_its_published_string_and_hash() {
    let event = json!({
        "type": "ObjectEvent",
        "eventTime": "2020-03-04T11:00:30+01:00",
        "eventTimeZoneOffset": "+01:00",
        "epcList": ["urn:epc:id:sgtin:0614141.011111.987"],
        "action": "OBSERVE",
        "bizStep": "departing",
        "disposition": "in_transit",
        "readPoint": { "id": "urn:epc:id:sgln:4012345.00011.0", "example:myField1": "AB-12" },
        "bizTransactionList": [{ "type": "po", "bizTransaction": "urn:epc:id:gdti:4012345.11111.123" }],
        "sourceList": [{ "type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000" }],
        "destinationList": [{ "type": "owning_party", "destination": "urn:epc:id:pgln:0614141.00000" }],
        "example:userExt": "CD-34",
    });
    let (string, id) = hash_of(&event, &json!({ "example": "https://ns.example.com/epcis/" }));
    assert_eq!(
        string,
        "eventType=ObjectEventeventTime=2020-03-04T10:00:30.000ZeventTimeZoneOffset=+01:00epcListepc=https://id.gs1.\
         org/01/00614141111114/21/987action=OBSERVEbizStep=https://ref.gs1.org/cbv/BizStep-departingdisposition=https\
         ://ref.gs1.org/cbv/Disp-in_transitreadPointid=https://id.gs1.org/414/4012345000115bizTransactionListtype=htt\
         ps://ref.gs1.org/cbv/BTT-pobizTransaction=https://id.gs1.org/253/4012345111118123sourceListtype=https://ref.\
         gs1.org/cbv/SDT-owning_partysource=https://id.gs1.org/417/4012345000009destinationListtype=https://ref.gs1.o\
         rg/cbv/SDT-owning_partydestination=https://id.gs1.org/417/0614141000005readPoint{https://ns.example.com/epci\
         s/}myField1=AB-12{https://ns.example.com/epcis/}userExt=CD-34"
    );
    assert_eq!(id, "ni:///sha-256;3ae14c02c4bdc220cc31942cf804f6845eb8dec96ba6483391c92a9b165f9329?ver=CBV2.0");
}

#[test]
fn what_is_said_otherwise_but_means_the_same_has_the_same_hash() {
    let context = json!({ "one": "https://ns.example.com/" });
    let event = json!({
        "type": "AggregationEvent",
        "eventTime": "2019-10-21T11:58:56.591+02:00",
        "eventTimeZoneOffset": "+02:00",
        "parentID": "urn:epc:id:sscc:4047023.0111111122",
        "childEPCs": ["urn:epc:id:sgtin:4047023.077551.98", "urn:epc:id:sgtin:4047023.077551.107"],
        "childQuantityList": [{ "epcClass": "urn:epc:class:lgtin:4054739.099902.P2", "quantity": 12.0 }],
        "action": "ADD",
        "bizStep": "packing",
        "one:field": { "one:b": "2.50", "one:a": ["z", "y"] },
    });
    let same = json!({
        "one:other": null,
        "recordTime": "2020-01-01T00:00:00Z",
        "eventID": "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8",
        "bizStep": "https://ref.gs1.org/cbv/BizStep-packing",
        "action": "ADD",
        "childQuantityList": [{ "quantity": 12, "epcClass": "https://id.gs1.org/01/04054739999025/10/P2" }],
        "childEPCs": ["https://shop.example/01/04047023775511/21/107", "urn:epc:id:sgtin:4047023.077551.98"],
        "parentID": "https://id.gs1.org/00/040470231111111229",
        "eventTimeZoneOffset": "+02:00",
        "eventTime": "2019-10-21T09:58:56.591Z",
        "type": "AggregationEvent",
        "two:field": { "two:a": ["y", "z"], "two:b": 2.5 },
    });
    let mut same = same;
    same.as_object_mut().unwrap().remove("one:other");
    let (string, id) = hash_of(&event, &context);
    let (other, other_id) = hash_of(&same, &json!([{ "two": "https://ns.example.com/" }]));
    assert_eq!(string, other);
    assert_eq!(id, other_id);
}

#[test]
fn sensor_extensions_follow_at_the_end_with_the_path_to_them() {
    let event = json!({
        "type": "ObjectEvent",
        "eventTime": "2022-04-07T10:00:00Z",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "sensorElementList": [{
            "sensorReport": [
                { "type": "gs1:Angle", "component": "cbv:Comp-latitude", "value": 42.698334, "uom": "DD", "e:x": "1" },
                { "type": "Temperature", "value": 26.0, "component": "e:own" },
            ],
            "e:y": ["b", "a"],
        }],
    });
    let (string, _) = hash_of(&event, &json!({ "e": "urn:e:" }));
    assert!(string.ends_with(
        "action=OBSERVEsensorElementsensorReporttype=https://ref.gs1.org/voc/Anglevalue=42.698334component=https://re\
         f.gs1.org/cbv/Comp-latitudeuom=DDsensorReporttype=https://ref.gs1.org/voc/Temperaturevalue=26component=e:own\
         sensorElementsensorReport{urn:e:}x=1{urn:e:}y=a{urn:e:}y=b"
    ), "{string}");
}

/// Every change of what an event says changes its hash.
#[test]
fn every_change_changes_the_hash() {
    let event = json!({
        "type": "ObjectEvent", "eventTime": "2022-04-07T10:00:00Z", "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE", "epcList": ["urn:epc:id:sgtin:0614141.011111.987"],
        "sensorElementList": [{ "sensorReport": [{ "type": "Temperature", "value": 4.1, "uom": "CEL" }] }],
    });
    let (_, id) = hash_of(&event, &Json::Null);
    for (pointer, value) in [
        ("/eventTime", json!("2022-04-07T10:00:00.001Z")),
        ("/action", json!("ADD")),
        ("/epcList/0", json!("urn:epc:id:sgtin:0614141.011111.988")),
        ("/sensorElementList/0/sensorReport/0/value", json!(4.2)),
        ("/type", json!("TransactionEvent")),
    ] {
        let mut changed = event.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert_ne!(hash_of(&changed, &Json::Null).1, id, "{pointer}");
    }
}
