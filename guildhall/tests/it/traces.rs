//! What a collector of OpenTelemetry gets: requests by their routes, and each
//! block from the moment it is made until the watch has judged it.

use crate::{house::House, program::program};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
};
use prost::Message;
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

type Received = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// A collector that keeps what it gets.
fn collector() -> (u16, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = Received::default();
    let kept = Arc::clone(&received);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            while reader.read_line(&mut head).unwrap_or(0) > 2 {
                let line = head.lines().last().unwrap_or_default().to_lowercase();
                length = line.strip_prefix("content-length: ").map_or(length, |text| text.trim().parse().unwrap());
            }
            assert!(head.starts_with("POST /v1/traces "), "{head}");
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            kept.lock().unwrap().push(ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
            let _ = reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (port, received)
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

#[test]
fn a_collector_gets_requests_by_their_routes_and_every_step_of_a_block() {
    let (port, received) = collector();
    let directory = tempfile::tempdir().unwrap();
    let collector = format!("http://127.0.0.1:{port}");
    let house = House::open_with(directory.path(), &["--otlp", &collector], Stdio::null());
    house.ask("GET", "/api/v1/notices/unsubscribe/planted-token", "", "").unwrap();
    house.ask("GET", "/api/v1/status", "", "").unwrap();
    let since = Instant::now();
    let wanted = ["seal block", "index blocks", "judge block", "GET /api/v1/status"];
    loop {
        let requests = received.lock().unwrap().clone();
        let resources: Vec<_> = requests.iter().flat_map(|request| &request.resource_spans).collect();
        let spans: Vec<_> =
            resources.iter().flat_map(|resource| &resource.scope_spans).flat_map(|scope| &scope.spans).collect();
        let names: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
        if wanted.iter().all(|name| names.contains(name)) {
            let service = &resources[0].resource.as_ref().unwrap().attributes;
            assert_eq!(text(service, "service.name").as_deref(), Some("guildhall"));
            let asked = spans.iter().find(|span| span.name == "GET /api/v1/status").unwrap();
            assert_eq!(text(&asked.attributes, "http.response.status_code").as_deref(), Some("200"));
            assert!(asked.end_time_unix_nano >= asked.start_time_unix_nano);
            assert!(!format!("{requests:?}").contains("planted-token"), "an address may hold what is secret");
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(40), "only {names:?}");
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[test]
fn a_collector_that_is_none_is_refused_and_one_that_is_gone_keeps_nobody() {
    let refused = program().args(["--otlp", "collector:4318", "rules", "test"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
    let since = Instant::now();
    let gone = program().args(["--otlp", "http://127.0.0.1:9", "rules", "test", "rule-changed"]).output().unwrap();
    assert!(gone.status.success(), "{}", String::from_utf8_lossy(&gone.stderr));
    assert!(since.elapsed() < Duration::from_secs(15));
}
