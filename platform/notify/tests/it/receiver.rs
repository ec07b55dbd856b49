//! A web server on loopback that keeps what it is sent and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use serde_json::Value;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }
}

type Reply = (u16, Vec<(&'static str, String)>, String);

#[derive(Clone, Default)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<Got>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

impl Receiver {
    /// One that answers `usual` with status 200 unless told otherwise.
    pub(crate) async fn open(usual: &'static str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let receiver = Self { url, ..Self::default() };
        let (got, replies) = (Arc::clone(&receiver.got), Arc::clone(&receiver.replies));
        let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            got.lock().unwrap().push(Got { uri, headers, body: body.to_vec() });
            let (status, headers, body) =
                replies.lock().unwrap().pop_front().unwrap_or((200, Vec::new(), usual.to_owned()));
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            async move { response }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        receiver
    }

    /// Answers the next request so.
    pub(crate) fn next(&self, status: u16, body: &str) {
        self.replies.lock().unwrap().push_back((status, Vec::new(), body.to_owned()));
    }

    pub(crate) fn next_with(&self, status: u16, name: &'static str, value: &str) {
        self.replies.lock().unwrap().push_back((status, vec![(name, value.to_owned())], String::new()));
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Got {
        self.got().pop().expect("nothing came")
    }
}
