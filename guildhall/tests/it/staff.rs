//! Somebody of the staff, signed in by their key and with a second factor, as the console would do it.

use crate::house::House;
use platform_protocol::Signer;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A session that may do what takes a second factor.
pub(crate) struct Staff {
    http: u16,
    cookie: String,
    csrf: String,
}

struct Answer {
    status: u16,
    cookie: Option<String>,
    body: Value,
}

impl Staff {
    /// Signs in with a key, makes a second factor, and gives one of its codes for paper.
    pub(crate) fn enter(house: &House, signer: &Signer, chain_id: u64) -> Self {
        let mut staff = Self { http: house.http, cookie: String::new(), csrf: String::new() };
        let nonce = staff.send("POST", "/auth/nonce", &json!({}));
        let (_, issued) = now();
        let message = format!(
            "127.0.0.1 wants you to sign in with your Ethereum account:\n{}\n\nURI: http://127.0.0.1\nVersion: 1\nChain ID: \
             {chain_id}\nNonce: {}\nIssued At: {issued}",
            signer.address().to_checksum(None),
            nonce.body["nonce"].as_str().unwrap(),
        );
        let signature = alloy_primitives::Bytes::from(signer.sign_message(&message).as_bytes());
        let entered = staff.send("POST", "/auth/verify", &json!({ "message": message, "signature": signature }));
        assert_eq!(entered.status, 200, "{}", entered.body);
        staff.cookie = entered.cookie.unwrap();
        entered.body["csrf"].as_str().unwrap().clone_into(&mut staff.csrf);
        let begun = staff.send("POST", "/auth/second-factor", &json!({}));
        assert_eq!(begun.status, 200, "{}", begun.body);
        let app = totp_rs::Totp::from_url(begun.body["uri"].as_str().unwrap()).unwrap();
        let code = app.generate(now().0).to_string();
        let papers = staff.send("POST", "/auth/second-factor/confirmation", &json!({ "code": code }));
        let stepped_up = staff.send("POST", "/auth/step-up", &json!({ "code": papers.body["codes"][0] }));
        assert_eq!(stepped_up.status, 200, "{}", stepped_up.body);
        staff
    }

    /// The same person at the house after it was opened again.
    pub(crate) fn at(self, house: &House) -> Self {
        Self { http: house.http, ..self }
    }

    /// Posts and gives status and body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.send("POST", path, body);
        (answer.status, answer.body)
    }

    /// Puts and gives status and body.
    pub(crate) fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.send("PUT", path, body);
        (answer.status, answer.body)
    }

    /// Reads what must be there.
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.http)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        // HTTP/1.0: nothing comes in chunks.
        write!(
            stream,
            "{method} /api/v1{path} HTTP/1.0\r\nhost: 127.0.0.1\r\ncookie: {}\r\nx-csrf-token: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.cookie,
            self.csrf,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let cookie =
            head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).and_then(|line| line.split(';').next());
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            cookie: cookie.map(str::to_owned),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }
}

/// Now, as a number and as sign-in messages have it.
fn now() -> (u64, String) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    (now, platform_api::calendar::rfc3339(now))
}
