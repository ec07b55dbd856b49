//! Starting the program and talking to it.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// The first well-known development keys and their accounts.
pub(crate) const DEV_KEYS: [(&str, &str); 4] = [
    ("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    ("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    ("5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
    ("7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6", "0x90F79bf6EB2c4f870365E785982E1f101E93b906"),
];

/// Flags that make checkpoints and new segments happen all the time.
pub(crate) const SMALL: &[&str] = &["--checkpoint-values", "60", "--segment-bytes", "20000"];

/// The program's path.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_guildhall"))
}

/// A port that nobody uses now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running development node.
pub(crate) struct Node {
    child: Child,
    pub(crate) port: u16,
}

impl Node {
    pub(crate) fn start(directory: &Path) -> Self {
        Self::start_with(directory, &[])
    }

    pub(crate) fn start_with(directory: &Path, flags: &[&str]) -> Self {
        let port = free_port();
        let mut child = program()
            .args(["node", "--dev", "--rpc", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(directory)
            .args(flags)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // A start after a kill may warn of a torn record first.
        let mut said = Vec::new();
        let ready = lines.by_ref().map_while(Result::ok).any(|line| {
            let ready = line.contains("JSON-RPC");
            said.push(line);
            ready
        });
        assert!(ready, "{said:?}");
        // Keep reading, so that the program never waits for its log.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    /// Kills it as nothing can be prepared for.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn call(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        serde_json::from_str(&self.post(&body)).unwrap()
    }

    /// Posts a body and returns the answer's.
    pub(crate) fn post(&self, body: &str) -> String {
        post(self.port, body).unwrap()
    }
}

/// Posts a body to a port of this machine and returns the answer's.
pub(crate) fn post(port: u16, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    Ok(body.to_owned())
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A signed transfer of one wei.
pub(crate) fn transfer(nonce: u64, chain_id: u64) -> Bytes {
    sign(DEV_KEYS[0].0, chain_id, nonce, Address::repeat_byte(0x77).into(), U256::from(1), Vec::new())
}

/// A signed transaction of the development chain.
pub(crate) fn signed(key: &str, nonce: u64, to: TxKind, value: U256, input: Vec<u8>) -> Bytes {
    sign(key, 31_337, nonce, to, value, input)
}

fn sign(key: &str, chain_id: u64, nonce: u64, to: TxKind, value: U256, input: Vec<u8>) -> Bytes {
    let signer = platform_protocol::Signer::from_bytes(&key.parse().unwrap()).unwrap();
    let plain = input.is_empty();
    let unsigned = TxEip1559 {
        chain_id,
        nonce,
        gas_limit: if plain { 21_000 } else { 200_000 },
        to,
        value,
        input: input.into(),
        ..TxEip1559::default()
    };
    let signature = signer.sign_hash(&unsigned.signature_hash());
    TxEnvelope::from(unsigned.into_signed(signature)).encoded_2718().into()
}
