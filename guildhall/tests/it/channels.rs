//! Alerts leave the house: a kill between an alert and its delivery loses
//! nothing and repeats nothing, and no secret is said anywhere.

use crate::{
    house::House,
    program::{DEV_KEYS, program},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// One request: its `webhook-id`, whether it was taken, and its body.
type Got = (String, bool, Value);

/// A web server that takes nothing until it is told to.
#[derive(Clone)]
struct Receiver {
    port: u16,
    takes: Arc<AtomicBool>,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver = Self { port, takes: Arc::default(), got: Arc::default() };
        let own = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (own, stream) = (own.clone(), stream.unwrap());
                std::thread::spawn(move || own.serve(stream));
            }
        });
        receiver
    }

    fn serve(&self, stream: std::net::TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let (mut id, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(": ") {
                match name.to_ascii_lowercase().as_str() {
                    "webhook-id" => value.clone_into(&mut id),
                    "content-length" => length = value.parse().ok()?,
                    _ => {}
                }
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let takes = self.takes.load(Ordering::SeqCst);
        self.got.lock().unwrap().push((id, takes, serde_json::from_slice(&body).ok()?));
        let status = if takes { "200 OK" } else { "500 Down" };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        reader.get_mut().write_all(answer.as_bytes()).ok()
    }

    /// How often each id was taken.
    fn taken(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (id, ..) in self.got.lock().unwrap().iter().filter(|(_, taken, _)| *taken) {
            *counts.entry(id.clone()).or_insert(0) += 1;
        }
        counts
    }

    /// Subjects that were tried, in order, taken or not.
    fn subjects(&self, taken_only: bool) -> Vec<String> {
        let got = self.got.lock().unwrap();
        let told = got.iter().filter(|(_, taken, _)| *taken || !taken_only);
        told.map(|(.., body)| format!("{} {}", body["data"]["rule"], body["type"])).collect()
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(90), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn channels(directory: &Path, arguments: &[&str], secret: &str) -> (bool, String, String) {
    let file = directory.join("secret-file");
    std::fs::write(&file, secret).unwrap();
    let mut command = program();
    command.arg("channels").args(arguments).arg("--data-dir").arg(directory);
    if arguments[0] == "add" {
        command.arg("--secret-file").arg(&file);
    }
    let output = command.output().unwrap();
    std::fs::remove_file(&file).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_kill_between_an_alert_and_its_delivery_loses_nothing_and_repeats_nothing() {
    const SECRET: &str = "whsec_cGxhbnRlZHNlY3JldHBsYW50ZWRzZWNyZXQ=";
    let directory = tempfile::tempdir().unwrap();
    let receiver = Receiver::open();
    let log = tempfile::NamedTempFile::new().unwrap();
    let flags = ["--private-channels", "-vv"];
    let open = || House::open_with(directory.path(), &flags, log.reopen().unwrap());
    let house = open();
    let key = directory.path().join("sealing.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    // Added while the house is open; inside only because that is allowed.
    let url = format!("url=http://127.0.0.1:{}/hook", receiver.port);
    let (done, _, said) = channels(directory.path(), &["add", "webhook", "--set", &url], SECRET);
    assert!(!done && said.contains("https://"), "{said}");
    let (done, _, said) = channels(directory.path(), &["add", "webhook", "--set", &url, "--private-channels"], SECRET);
    assert!(done, "{said}");
    let on_the_line = channels(directory.path(), &["add", "webhook", "--set", &format!("secret={SECRET}")], "");
    assert!(!on_the_line.0 && !on_the_line.2.contains(SECRET), "{}", on_the_line.2);

    // A right is given without a ticket: the receiver hears of it and does not take it.
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(directory.path().join("manifest.json")).unwrap()).unwrap();
    let authority = manifest["authority"]["address"].as_str().unwrap();
    let grant = |house: &House, role: u64| {
        let data = format!("0x25c471a0{role:064x}{:0>64}{:064x}", &DEV_KEYS[3].1[2..], 0);
        house.call("eth_sendTransaction", &json!([{ "from": DEV_KEYS[0].1, "to": authority, "data": data }]));
    };
    grant(&house, 3);
    let told = |receiver: &Receiver, taken: bool| {
        receiver.subjects(taken).iter().any(|one| one == "\"privilege-change\" \"incident.firing\"")
    };
    until("the alert is sent", || told(&receiver, false));
    house.kill();
    assert!(receiver.taken().is_empty());

    // It is sent when the house is open again, and once.
    receiver.takes.store(true, Ordering::SeqCst);
    let house = open();
    until("the alert arrives", || told(&receiver, true));
    let waits = |directory: &Path| channels(directory, &["list"], "").1;
    until("nothing waits", || waits(directory.path()).contains("0 waiting"));
    let before = receiver.taken();
    house.kill();
    let house = open();
    // Whatever was to be repeated would come before a message that is written now.
    let (done, listed, _) = channels(directory.path(), &["test", "webhook", "--private-channels"], "");
    assert!(done, "{listed}");
    until("what was written since arrives", || waits(directory.path()).contains("0 waiting"));
    let after = receiver.taken();
    assert!(after.len() > before.len());
    assert!(after.values().all(|times| *times == 1), "{after:?}");

    // What another monitoring system reports becomes an alert, with a key that may, and leaves the house too.
    let report = |key: &str, status: &str| {
        let body = json!({ "version": "4", "alerts": [{
            "status": status, "fingerprint": "c0ffee", "labels": { "alertname": "DiskFull", "severity": "critical" },
            "annotations": { "summary": "the disk is full" },
        }] });
        let answer = house.ask("POST", "/api/v1/ops/signals/alertmanager", key, &body.to_string());
        answer.unwrap().0
    };
    let key = |grant: &str| {
        let made = program().args(["apikey", "create", "--grant", grant, "--data-dir"]).arg(directory.path()).output();
        String::from_utf8(made.unwrap().stdout).unwrap().trim().to_owned()
    };
    assert_eq!(report("gh_nonsense", "firing"), 401);
    assert_eq!(report(&key("epcis:query"), "firing"), 403);
    let good = key("ops:signal");
    assert_eq!(report(&good, "molten"), 400);
    for status in ["firing", "firing", "resolved", "resolved"] {
        assert_eq!(report(&good, status), 204);
    }
    let external = || -> Vec<String> {
        receiver.subjects(true).into_iter().filter(|one| one.starts_with("\"external-critical\"")).collect()
    };
    until("its end is told", || external().len() >= 2);
    let expected = ["\"external-critical\" \"incident.firing\"", "\"external-critical\" \"incident.resolved\""];
    assert_eq!(external(), expected, "a count that goes up is no news");
    let got = receiver.got.lock().unwrap().clone();
    let told = got.iter().find(|(.., body)| body["data"]["rule"] == "external-critical").unwrap();
    assert_eq!(told.2["data"]["labels"]["summary"], "the disk is full");
    assert_eq!(told.2["data"]["labels"]["alertname"], "DiskFull");

    let after = receiver.taken();
    assert!(after.values().all(|times| *times == 1), "{after:?}");

    let openapi = house.ask("GET", "/api/v1/openapi.json", "", "").unwrap().1;
    assert!(openapi.contains("/ops/signals/alertmanager"));
    house.kill();
    let said = std::fs::read_to_string(log.path()).unwrap();
    assert!(!said.contains("cGxhbnRlZ"), "a secret is in the log");
    assert!(!waits(directory.path()).contains("cGxhbnRlZ"));
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        assert!(!bytes.windows(9).any(|window| window == b"cGxhbnRlZ"), "{}: a secret is readable", path.display());
    }
}
