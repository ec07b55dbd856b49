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

/// A house that runs until this is dropped.
pub(crate) struct House {
    child: Child,
    pub(crate) http: u16,
    pub(crate) rpc: u16,
}

impl Drop for House {
    fn drop(&mut self) {
        // SIGKILL: nothing is written any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl House {
    /// Opens the demo house of a directory and waits until it is ready.
    pub(crate) fn open(directory: &Path) -> Self {
        Self::open_with(directory, &[], Stdio::null())
    }

    /// The same with more flags, and a place for its log.
    pub(crate) fn open_with(directory: &Path, flags: &[&str], log: impl Into<Stdio>) -> Self {
        Self::start_with(directory, &[&["--demo"], flags].concat(), log).ready()
    }

    /// Opens a business of its own.
    pub(crate) fn open_business(directory: &Path, passphrase: &Path) -> Self {
        Self::start(directory, &["--passphrase-file", passphrase.to_str().unwrap()]).ready()
    }

    fn ready(self) -> Self {
        let since = Instant::now();
        while self.ask("GET", "/readyz", "", "").is_none_or(|(status, _)| status != 200) {
            assert!(since.elapsed() < Duration::from_secs(120), "the house did not open");
            std::thread::sleep(Duration::from_millis(200));
        }
        self
    }

    /// Starts a house, and waits for nothing.
    pub(crate) fn start(directory: &Path, flags: &[&str]) -> Self {
        Self::start_with(directory, flags, Stdio::null())
    }

    fn start_with(directory: &Path, flags: &[&str], log: impl Into<Stdio>) -> Self {
        let (http, rpc) = (free_port(), free_port());
        let child = program()
            .args(["up", "--http", &format!("127.0.0.1:{http}"), "--rpc", &format!("127.0.0.1:{rpc}")])
            .arg("--data-dir")
            .arg(directory)
            .args(flags)
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, http, rpc }
    }

    /// Kills it, as the machine would.
    pub(crate) fn kill(self) {
        drop(self);
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
