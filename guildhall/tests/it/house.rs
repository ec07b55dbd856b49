//! A demo house of the program itself, and plain HTTP to it.

use crate::program::{free_port, program};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

/// A demo house that is open.
pub(crate) struct House {
    child: Child,
    pub(crate) http: u16,
    pub(crate) rpc: u16,
}

impl House {
    /// Opens the house of a directory and waits until it is ready.
    pub(crate) fn open(directory: &Path) -> Self {
        let (http, rpc) = (free_port(), free_port());
        let child = program()
            .args(["up", "--demo", "--http", &format!("127.0.0.1:{http}"), "--rpc", &format!("127.0.0.1:{rpc}")])
            .arg("--data-dir")
            .arg(directory)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let house = Self { child, http, rpc };
        let since = Instant::now();
        while house.ask("GET", "/readyz", "", "").is_none_or(|(status, _)| status != 200) {
            assert!(since.elapsed() < Duration::from_secs(120), "the house did not open");
            std::thread::sleep(Duration::from_millis(200));
        }
        house
    }

    /// SIGKILL: nothing is written any more.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks its REST endpoints, with an API key where there is one.
    pub(crate) fn ask(&self, method: &str, path: &str, key: &str, body: &str) -> Option<(u16, String)> {
        ask(self.http, method, path, key, body)
    }

    /// Calls its JSON-RPC, and fails where that does.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let (_, answer) = ask(self.rpc, "POST", "/", "", &body).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }
}

/// Status and body, or nothing where nobody answers.
fn ask(port: u16, method: &str, path: &str, key: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let auth = if key.is_empty() { String::new() } else { format!("authorization: Bearer {key}\r\n") };
    let length = body.len();
    // HTTP/1.0: nothing comes in chunks.
    let head = format!(
        "{method} {path} HTTP/1.0\r\nhost: 127.0.0.1\r\n{auth}content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}
