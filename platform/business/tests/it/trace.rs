//! Events captured and asked for over the real router, as machines do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use platform_api::{ApiKeys, NewKey};
use platform_business::{Platform, check_proof, hash_file};
use platform_index::{IndexerConfig, Store};
use platform_protocol::contracts::Trace;
use serde_json::{Map, Value, json};
use tower::ServiceExt;

use crate::chain::{MemoryChain, transaction};
use crate::town::{OPERATOR, TRACE, index, platform, store};

const START: u64 = 1_760_000_000;

pub(crate) struct Desk {
    chain: Arc<MemoryChain>,
    pub(crate) platform: Platform,
    pub(crate) router: Router,
    keys: ApiKeys,
    pub(crate) key: String,
    _directory: tempfile::TempDir,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let chain = Arc::new(MemoryChain::new(START - 1));
        let (directory, url) = store();
        let platform = platform(&chain, url.clone(), IndexerConfig::default()).await;
        index(&platform).await;
        // As another process does it, while the platform runs.
        let keys = ApiKeys::open(Store::open(&url).await.unwrap()).await.unwrap();
        let router = platform.router(Default::default());
        let mut desk = Self { chain, platform, router, keys, key: String::new(), _directory: directory };
        desk.key = desk.make_key(&["epcis:capture", "epcis:query"]).await;
        desk
    }

    pub(crate) async fn make_key(&self, grants: &[&str]) -> String {
        let grants = grants.iter().map(|grant| (*grant).to_owned()).collect();
        self.keys.create(NewKey { name: "test".into(), grants, expires_at: None }).await.unwrap().0
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Value) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn post(&self, path: &str, body: &str) -> (StatusCode, HeaderMap, Value) {
        self.send(self.request(Method::POST, path, body)).await
    }

    async fn get(&self, path: &str) -> (StatusCode, HeaderMap, Value) {
        self.send(self.request(Method::GET, path, "")).await
    }

    fn request(&self, method: Method, path: &str, body: &str) -> Request<Body> {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_owned())).unwrap()
    }

    async fn found(&self, query: &str) -> Vec<Value> {
        let (status, _, body) = self.get(&format!("/epcis/events?perPage=1000&{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}: {body}");
        events_of(&body)
    }

    pub(crate) async fn capture(&self, document: &Value) -> Value {
        let (status, _, body) = self.post("/epcis/capture", &document.to_string()).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{body}");
        body
    }
}

fn events_of(document: &Value) -> Vec<Value> {
    let lists = ["/epcisBody/eventList", "/epcisBody/queryResults/resultsBody/eventList"];
    let list = lists.iter().find_map(|pointer| document.pointer(pointer)?.as_array());
    list.cloned().unwrap_or_else(|| if document.get("eventTime").is_some() { vec![document.clone()] } else { vec![] })
}

/// An event without what a repository may add, and without the place of its context.
fn plain(event: &Value, like: &Value) -> Value {
    let mut event = event.as_object().unwrap().clone();
    for name in ["recordTime", "eventID", "@context"] {
        if like.get(name).is_none() || name == "@context" {
            event.remove(name);
        }
    }
    Value::Object(event)
}

pub(crate) fn document(events: &[Value]) -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { "own": "https://own.example/" }],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-01T00:00:00Z",
        "epcisBody": { "eventList": events },
    })
}

pub(crate) fn event(number: u32) -> Value {
    json!({
        "type": "ObjectEvent",
        "eventTime": format!("2026-03-{:02}T08:00:00+08:00", number % 28 + 1),
        "eventTimeZoneOffset": "+08:00",
        "epcList": [format!("urn:epc:id:sgtin:6901234.005678.{number}")],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "readPoint": { "id": "urn:epc:id:sgln:6901234.00001.0" },
    })
}

/// The public test set, where it is at hand.
fn data_set() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = root.ancestors().map(|place| place.join("shared/data/epcis")).find(|place| place.is_dir());
    if found.is_none() {
        eprintln!("skipped: the EPCIS test set is not here; it is not part of the repository");
    }
    found
}

fn files(place: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn every_file_of_the_public_set_is_taken_or_refused_as_it_should() {
    let Some(place) = data_set() else {
        return;
    };
    let desk = Desk::open().await;
    let (mut taken, mut refused, mut events) = (0, 0, 0);
    for path in files(&place) {
        let name = path.strip_prefix(&place).unwrap().display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let target = if name.starts_with("Query/Queries") {
            "/epcis/queries"
        } else if name.starts_with("Capture/Events") {
            "/epcis/events"
        } else {
            "/epcis/capture"
        };
        let (status, headers, body) = desk.post(target, &text).await;
        if name.contains("Invalid") {
            assert_eq!(status, StatusCode::BAD_REQUEST, "{name}: {body}");
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{name}");
            let errors = body["errors"].as_array().unwrap();
            assert!(!errors.is_empty(), "{name}");
            for error in errors {
                let pointer = error["path"].as_str().unwrap();
                let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
                assert!(json.pointer(parent).is_some(), "{name}: {pointer} leads nowhere");
                eprintln!("{name}: {pointer} {} — {}", error["rule"], error["message"]);
            }
            refused += 1;
            continue;
        }
        assert!(matches!(status, StatusCode::ACCEPTED | StatusCode::CREATED), "{name}: {body}");
        assert!(headers.contains_key(header::LOCATION), "{name}");
        taken += 1;
        for event in events_of(&json) {
            events += 1;
            let answered = desk.found("").await;
            let like = plain(&event, &event);
            let same = answered.iter().any(|found| plain(found, &event) == like);
            assert!(same, "{name}: not answered as it was sent: {event:#}");
        }
    }
    // What the reference implementation publishes for these two documents and CBV 2.0.
    for (name, hash) in [
        ("AggregationEvent", "41cf5d2be6b6926acc531597e43932eb4b9b23926ccb6ce08c882bda7a74d1a8"),
        ("AssociationEvent", "3dada0cdabe84618e9f0b842031159cb49534f487d5714cac9cfd647bf5f6c54"),
    ] {
        let path = place.join(format!("Capture/Documents/{name}_all_possible_fields.json"));
        let hashed = hash_file(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(hashed[0].hash_id, format!("ni:///sha-256;{hash}?ver=CBV2.0"));
    }
    eprintln!("{taken} taken with {events} events, {refused} refused");
    assert_eq!((taken, refused), (32, 12));
}

#[tokio::test]
async fn who_has_no_key_or_the_wrong_one_is_turned_away() {
    let desk = Desk::open().await;
    let body = document(&[event(1)]).to_string();
    for value in [None, Some("Bearer gh_nonsense"), Some("Basic dTpw")] {
        for (method, path) in
            [(Method::POST, "/epcis/capture"), (Method::GET, "/epcis/events"), (Method::GET, "/epcis/queries")]
        {
            let mut request =
                Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
            if let Some(value) = value {
                request = request.header(header::AUTHORIZATION, value);
            }
            let (status, headers, problem) = desk.send(request.body(Body::from(body.clone())).unwrap()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
            assert!(headers[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer"));
            assert!(problem["detail"].as_str().unwrap().contains("apikey create"));
        }
    }
    let capturer = desk.make_key(&["epcis:capture"]).await;
    let request = Request::get("/epcis/events").header(header::AUTHORIZATION, format!("Bearer {capturer}"));
    let (status, _, problem) = desk.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(problem["detail"].as_str().unwrap().contains("epcis:query"), "{problem}");
}

#[tokio::test]
async fn a_document_is_a_job_and_the_same_again_adds_nothing() {
    let desk = Desk::open().await;
    let (status, headers, job) = desk.post("/epcis/capture", &document(&[event(1), event(2)]).to_string()).await;
    assert_eq!((status, &job["captured"], &job["success"]), (StatusCode::ACCEPTED, &json!(2), &json!(true)));
    let (status, _, again) = desk.get(headers[header::LOCATION].to_str().unwrap()).await;
    assert_eq!((status, &again), (StatusCode::OK, &job));
    // The same event in another syntax has the same hash.
    let mut other = event(2);
    other["eventTime"] = json!("2026-03-03T00:00:00.000Z");
    other["bizStep"] = json!("https://ref.gs1.org/cbv/BizStep-shipping");
    let job = desk.capture(&document(&[event(1), other, event(1)])).await;
    assert_eq!((&job["captured"], &job["known"]), (&json!(0), &json!(3)));
    assert_eq!(desk.found("").await.len(), 2);
    assert_eq!(desk.get("/epcis/capture/none").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_faulty_event_takes_the_others_with_it_unless_told_to_proceed() {
    let desk = Desk::open().await;
    let mut faulty = event(2);
    faulty["bizStep"] = json!("transforming");
    faulty.as_object_mut().unwrap().remove("action");
    let both = document(&[event(1), faulty]).to_string();
    let (status, _, problem) = desk.post("/epcis/capture", &both).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let errors: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| (&e["path"], &e["rule"])).collect();
    let place = |name: &str| json!(format!("/epcisBody/eventList/1/{name}"));
    assert_eq!(errors, [(&place("bizStep"), &json!("cbv.bizStep")), (&place("action"), &json!("required"))]);
    assert_eq!(problem["type"], "epcisException:ValidationException");
    assert!(desk.found("").await.is_empty(), "nothing of it was taken");

    let mut request = desk.request(Method::POST, "/epcis/capture", &both);
    request.headers_mut().insert("gs1-epcis-capture-error-behaviour", "proceed".parse().unwrap());
    let (status, _, job) = desk.send(request).await;
    assert_eq!((status, &job["success"], &job["captured"]), (StatusCode::ACCEPTED, &json!(false), &json!(1)));
    assert_eq!(job["errors"].as_array().unwrap().len(), 2);
    assert_eq!(desk.found("").await.len(), 1);
}

#[tokio::test]
async fn one_event_is_found_under_its_id_with_its_extensions() {
    let desk = Desk::open().await;
    let mut single = event(1);
    single["@context"] = json!(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", { "mine": "urn:mine:" }]);
    single["mine:note"] = json!({ "inner": [1, 2.5] });
    let (status, headers, _) = desk.post("/epcis/events", &single.to_string()).await;
    assert_eq!(status, StatusCode::CREATED);
    let (status, headers, found) = desk.get(headers[header::LOCATION].to_str().unwrap()).await;
    assert_eq!((status, headers["gs1-epcis-version"].to_str().unwrap()), (StatusCode::OK, "2.0.0"));
    assert_eq!(found["@context"][1], json!({ "mine": "urn:mine:" }));
    let event = &events_of(&found)[0];
    assert_eq!(event["mine:note"], single["mine:note"]);
    assert!(event["eventID"].as_str().unwrap().starts_with("ni:///sha-256;"));
    assert!(event["recordTime"].is_string());
    let (status, _, problem) = desk.get("/epcis/events/urn:uuid:none").await;
    assert_eq!((status, &problem["type"]), (StatusCode::NOT_FOUND, &json!("epcisException:NoSuchResourceException")));
}

#[tokio::test]
async fn every_kind_of_question_finds_what_it_asks_for_and_nothing_else() {
    let desk = Desk::open().await;
    let about = |event: Value, fields: Value| {
        let mut event = event.as_object().unwrap().clone();
        event.extend(fields.as_object().unwrap().clone());
        Value::Object(event)
    };
    let mut packed = about(
        event(3),
        json!({
            "type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": "urn:epc:id:sscc:6901234.0000000001",
            "childEPCs": ["urn:epc:id:sgtin:6901234.005678.1"],
            "childQuantityList": [{ "epcClass": "urn:epc:class:lgtin:6901234.005678.L1", "quantity": 12, "uom": "KGM" }],
        }),
    );
    packed.as_object_mut().unwrap().remove("epcList");
    let cooled = about(
        event(4),
        json!({
            "bizStep": "sensor_reporting", "disposition": "in_transit",
            "persistentDisposition": { "set": ["completeness_verified"] },
            "bizTransactionList": [{ "type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:6901234000009:7" }],
            "destinationList": [{ "type": "location", "destination": "urn:epc:id:sgln:6901234.00009.0" }],
            "sensorElementList": [{
                "sensorMetadata": { "time": "2026-03-05T00:00:00Z", "deviceID": "urn:epc:id:giai:6901234.55" },
                "sensorReport": [{ "type": "Temperature", "value": 4.5, "uom": "CEL" }],
            }],
            "own:grade": "A", "own:box": { "own:kilos": 7 },
        }),
    );
    let mut wrong = about(
        event(5),
        json!({
            "eventID": "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8",
            "errorDeclaration": { "declarationTime": "2026-03-09T00:00:00Z", "reason": "incorrect_data",
                "correctiveEventIDs": ["urn:uuid:505d95fc-9457-4a51-bd6a-0bba133845a8"] },
        }),
    );
    wrong["ilmd"] = json!({ "own:vintage": "2025" });
    wrong["action"] = json!("ADD");
    let count = desk.capture(&document(&[event(1), event(2), packed, cooled, wrong])).await["captured"].clone();
    assert_eq!(count, 5);
    for (query, expected) in [
        ("", 5),
        ("eventType=ObjectEvent", 4),
        ("eventType=ObjectEvent|AggregationEvent", 5),
        ("GE_eventTime=2026-03-04T00:00:00Z", 3),
        ("GE_eventTime=2026-03-04T08:00:00+08:00&LT_eventTime=2026-03-05T08:00:00%2B08:00", 1),
        ("GE_recordTime=2020-01-01T00:00:00Z", 5),
        ("LT_recordTime=2020-01-01T00:00:00Z", 0),
        ("EQ_action=ADD", 2),
        ("EQ_bizStep=packing", 1),
        ("EQ_bizStep=https://ref.gs1.org/cbv/BizStep-packing", 1),
        ("EQ_disposition=in_transit", 1),
        ("EQ_persistentDisposition_set=completeness_verified", 1),
        ("EQ_readPoint=urn:epc:id:sgln:6901234.00001.0", 5),
        ("EQ_readPoint=https://id.gs1.org/414/6901234000016", 5),
        ("EQ_bizLocation=urn:epc:id:sgln:6901234.00001.0", 0),
        ("MATCH_epc=urn:epc:id:sgtin:6901234.005678.1", 2),
        ("MATCH_epc=urn:epc:idpat:sgtin:6901234.005678.*", 5),
        ("MATCH_parentID=urn:epc:id:sscc:6901234.0000000001", 1),
        ("MATCH_anyEPC=urn:epc:id:sscc:6901234.0000000001", 1),
        ("MATCH_inputEPC=urn:epc:id:sgtin:6901234.005678.1", 0),
        ("MATCH_epcClass=urn:epc:class:lgtin:6901234.005678.L1", 1),
        ("EQ_quantity=12", 1),
        ("GT_quantity_KGM=12", 0),
        ("GE_quantity_KGM=12", 1),
        ("GE_quantity_GRM=1", 0),
        ("EQ_bizTransaction_po=urn:epcglobal:cbv:bt:6901234000009:7", 1),
        ("EQ_bizTransaction_inv=urn:epcglobal:cbv:bt:6901234000009:7", 0),
        ("EQ_destination_location=urn:epc:id:sgln:6901234.00009.0", 1),
        ("EXISTS_errorDeclaration", 1),
        ("EXISTS_errorDeclaration=", 1),
        ("EQ_errorReason=incorrect_data", 1),
        ("GE_errorDeclarationTime=2026-03-10T00:00:00Z", 0),
        ("EQ_correctiveEventID=urn:uuid:505d95fc-9457-4a51-bd6a-0bba133845a8", 1),
        ("eventID=urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8", 1),
        ("EXISTS_sensorElementList", 1),
        ("EQ_type=gs1:Temperature", 1),
        ("GE_value_CEL=4.5", 1),
        ("GT_value_CEL=4.5", 0),
        ("EQ_deviceID=urn:epc:id:giai:6901234.55", 1),
        ("GE_time=2026-03-05T00:00:00Z", 1),
        ("EXISTS_own:grade", 1),
        ("EQ_own:grade=A", 1),
        ("EQ_own:grade=B", 0),
        ("GE_INNER_own:kilos=7", 1),
        ("EQ_own:kilos=7", 0),
        ("EQ_ILMD_own:vintage=2025", 1),
        ("EQ_bizStep=shipping&EQ_action=OBSERVE", 2),
        ("eventCountLimit=2", 2),
    ] {
        let mut request = desk.request(Method::GET, &format!("/epcis/events?perPage=1000&{query}"), "");
        request.headers_mut().insert("gs1-extensions", "own=https://own.example/".parse().unwrap());
        let (status, _, body) = desk.send(request).await;
        assert_eq!(status, StatusCode::OK, "{query}: {body}");
        assert_eq!(events_of(&body).len(), expected, "{query}");
    }
    for query in [
        "GE_eventDate=2026-01-01T00:00:00Z",
        "EQ_colour=red",
        "GE_eventTime=yesterday",
        "EQ_quantity=many",
        "orderBy=size",
        "eventCountLimit=0",
        "eventCountLimit=2&maxEventCount=2",
        "perPage=two",
        "EQ_bizStep=",
        "nextPageToken=nonsense",
    ] {
        let (status, headers, problem) = desk.get(&format!("/epcis/events?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {problem}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{query}");
    }
    assert_eq!(desk.get("/epcis/events?maxEventCount=4").await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(desk.get("/epcis/events?maxEventCount=5").await.0, StatusCode::OK);
    for (path, expected) in [
        ("/epcis/eventTypes", 2),
        ("/epcis/epcs", 5),
        ("/epcis/bizSteps", 3),
        ("/epcis/readPoints", 1),
        ("/epcis/dispositions", 1),
        ("/epcis/bizLocations", 0),
    ] {
        let (status, _, body) = desk.get(path).await;
        assert_eq!((status, body["member"].as_array().unwrap().len()), (StatusCode::OK, expected), "{path}: {body}");
    }
    for (path, expected) in [
        ("/epcis/eventTypes/AggregationEvent/events", 1),
        ("/epcis/epcs/https%3A%2F%2Fid.gs1.org%2F01%2F06901234056785%2F21%2F1/events", 2),
        ("/epcis/epcs/urn:epc:id:sgtin:6901234.005678.2/events", 1),
        ("/epcis/bizSteps/shipping/events?EQ_action=ADD", 1),
        ("/epcis/readPoints/urn:epc:id:sgln:6901234.00001.0/events", 5),
        ("/epcis/dispositions/in_transit/events", 1),
    ] {
        let (status, _, body) = desk.get(path).await;
        assert_eq!((status, events_of(&body).len()), (StatusCode::OK, expected), "{path}: {body}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let desk = Desk::open().await;
    let all: Vec<Value> = (1..=25).map(event).collect();
    desk.capture(&document(&all)).await;
    for order in ["ASC", "DESC"] {
        let mut next = format!("/epcis/events?perPage=7&orderBy=eventTime&orderDirection={order}");
        let mut times = Vec::new();
        let mut pages = 0;
        loop {
            let (status, headers, body) = desk.get(&next).await;
            assert_eq!(status, StatusCode::OK, "{body}");
            times.extend(events_of(&body).iter().map(|event| event["eventTime"].as_str().unwrap().to_owned()));
            pages += 1;
            let Some(link) = headers.get(header::LINK) else {
                break;
            };
            let link = link.to_str().unwrap();
            assert!(link.ends_with("rel=\"next\""));
            next = link.split(['<', '>']).nth(1).unwrap().to_owned();
        }
        assert_eq!((pages, times.len()), (4, 25));
        let mut expected = times.clone();
        expected.sort();
        expected.dedup();
        assert_eq!(expected.len(), 25);
        if order == "DESC" {
            expected.reverse();
        }
        assert_eq!(times, expected);
    }
}

#[tokio::test]
async fn a_query_with_a_name_is_kept_asked_and_forgotten() {
    let desk = Desk::open().await;
    desk.capture(&document(&[event(1), event(2)])).await;
    let query = json!({ "name": "one", "query": { "MATCH_epc": ["urn:epc:id:sgtin:6901234.005678.1"] } });
    let (status, headers, _) = desk.post("/epcis/queries", &query.to_string()).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::CREATED, "/epcis/queries/one"));
    assert_eq!(desk.post("/epcis/queries", &query.to_string()).await.0, StatusCode::CREATED, "the same again");
    let other = json!({ "name": "one", "query": { "EQ_action": ["ADD"] } }).to_string();
    assert_eq!(desk.post("/epcis/queries", &other).await.0, StatusCode::CONFLICT);
    let (_, _, found) = desk.get("/epcis/queries/one/events").await;
    assert_eq!(events_of(&found).len(), 1);
    assert_eq!(found["epcisBody"]["queryResults"]["queryName"], "one");
    let bare = json!({ "eventType": ["ObjectEvent"], "GE_quantity": 1 }).to_string();
    assert_eq!(desk.post("/epcis/queries", &bare).await.0, StatusCode::CREATED);
    assert_eq!(desk.get("/epcis/queries").await.2.as_array().unwrap().len(), 2);
    let unknown = json!({ "name": "two", "query": { "EQ_colour": ["red"], "GE_eventTime": 5 } }).to_string();
    let (status, _, problem) = desk.post("/epcis/queries", &unknown).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let rules: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    assert_eq!(rules, ["/EQ_colour", "/GE_eventTime"]);
    let delete = desk.request(Method::DELETE, "/epcis/queries/one", "");
    assert_eq!(desk.send(delete).await.0, StatusCode::NO_CONTENT);
    let (status, _, problem) = desk.get("/epcis/queries/one").await;
    assert_eq!((status, &problem["type"]), (StatusCode::NOT_FOUND, &json!("epcisException:NoSuchNameException")));
}

#[tokio::test]
async fn what_is_too_large_or_in_another_format_is_refused_with_its_reason() {
    let desk = Desk::open().await;
    let many: Vec<Value> = (0..1_001).map(event).collect();
    let (status, _, problem) = desk.post("/epcis/capture", &document(&many).to_string()).await;
    assert_eq!(
        (status, &problem["type"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!("epcisException:CaptureLimitExceededException"))
    );
    let long = format!("{{\"x\": \"{}\"}}", "y".repeat(5 * 1024 * 1024));
    assert_eq!(desk.post("/epcis/capture", &long).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let (status, _, problem) = desk.post("/epcis/capture", "{").await;
    assert_eq!((status, &problem["errors"][0]["rule"]), (StatusCode::BAD_REQUEST, &json!("json")));
    let mut xml = desk.request(Method::POST, "/epcis/capture", "<x/>");
    xml.headers_mut().insert(header::CONTENT_TYPE, "application/xml".parse().unwrap());
    assert_eq!(desk.send(xml).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for (name, value) in
        [("gs1-epc-format", "Always_GS1_Digital_Link"), ("accept", "text/xml"), ("gs1-epcis-min", "2.1.0")]
    {
        let mut request = desk.request(Method::GET, "/epcis/events", "");
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(desk.send(request).await.0, StatusCode::NOT_ACCEPTABLE, "{name}");
    }
    let mut linked = desk.request(Method::GET, "/epcis/events", "");
    linked.headers_mut().insert(header::ACCEPT, "application/ld+json".parse().unwrap());
    assert_eq!(desk.send(linked).await.1[header::CONTENT_TYPE], "application/ld+json");
    let (status, headers, _) = desk.send(desk.request(Method::OPTIONS, "/epcis/capture", "")).await;
    assert_eq!((status, headers["gs1-epcis-capture-limit"].to_str().unwrap()), (StatusCode::NO_CONTENT, "1000"));
    assert_eq!(headers[header::ALLOW], "POST,GET,HEAD");
    let (status, headers, _) = desk.send(desk.request(Method::OPTIONS, "/epcis/events/x", "")).await;
    assert_eq!((status, headers[header::ALLOW].to_str().unwrap()), (StatusCode::NO_CONTENT, "GET,HEAD"));
}

#[tokio::test]
async fn an_event_is_sealed_anchored_and_proven_without_asking_the_house() {
    let desk = Desk::open().await;
    let all: Vec<Value> = (1..=5).map(event).collect();
    desk.capture(&document(&all)).await;
    let id = desk.found("EQ_bizStep=shipping").await[0]["eventID"].as_str().unwrap().to_owned();
    let proof = async || {
        desk.send(
            Request::get(format!("/epcis/events/{id}/proof").replace("ni:///", "ni:%2F%2F%2F").replace('?', "%3F"))
                .body(Body::empty())
                .unwrap(),
        )
        .await
    };
    let (status, _, waiting) = proof().await;
    assert_eq!((status, &waiting["state"]), (StatusCode::OK, &json!("waiting")), "{waiting}");
    let open = desk.platform.open_batches().await.unwrap();
    assert_eq!((open.len(), open[0].leaves), (1, 5));
    assert_eq!(desk.platform.open_batches().await.unwrap(), open, "asked again it is the same batch");
    assert_eq!(proof().await.2["state"], "sealed");
    let anchored = Trace::BatchAnchored { batchId: 1, root: open[0].root, count: 5, total: 5, by: OPERATOR };
    desk.chain.mine(START, 0, vec![transaction(OPERATOR, TRACE, vec![(TRACE, anchored.encode_log_data())])]);
    index(&desk.platform).await;
    assert!(desk.platform.open_batches().await.unwrap().is_empty());
    let (_, _, proven) = proof().await;
    assert_eq!((&proven["state"], &proven["batchId"]), (&json!("anchored"), &json!(1)), "{proven}");
    assert!(proven["blockNumber"].is_u64() && proven["transactionHash"].is_string());

    // Stand-alone: the event's own hash, and the path from it to the root.
    let checked = check_proof(&proven.to_string()).unwrap();
    let (_, _, file) = desk.get(&format!("/epcis/events/{}", id.replace('/', "%2F").replace('?', "%3F"))).await;
    let hashed = hash_file(&file.to_string()).unwrap();
    assert_eq!((hashed[0].hash, checked.root), (checked.event_hash, open[0].root));
    let mut forged = file.clone();
    forged["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["bizStep"] = json!("receiving");
    assert_ne!(hash_file(&forged.to_string()).unwrap()[0].hash, checked.event_hash);
    let mut elsewhere = proven.clone();
    elsewhere["root"] = json!(B256::from(U256::from(7)).to_string());
    assert!(check_proof(&elsewhere.to_string()).is_err());
    let more: Map<String, Value> = desk.capture(&document(&[event(9)])).await.as_object().unwrap().clone();
    assert_eq!(more["captured"], 1);
    assert_eq!(desk.platform.open_batches().await.unwrap().len(), 1, "what came later is a batch of its own");
}
