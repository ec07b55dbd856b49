//! Connections that cost the load generator next to nothing: it shares the
//! machine with the node that it measures.
//!
//! A connection is a blocking socket with one request in flight. Requests are
//! serialised beforehand, answers are handed out as bytes.

use axum::http::Uri;
use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};
use tungstenite::{Message, WebSocket};

/// How long a node may take over one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
/// The most bytes of response headers.
const HEADER_BYTES_MAX: usize = 16 << 10;
/// The most bytes of one answer.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// Why an endpoint could not be talked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    /// The URL is of a kind this tool does not speak.
    #[error("{url} can't be used: {reason}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nobody listens there.
    #[error("can't connect to {url}: {source}. Is the node running, and is the port right?")]
    Connect {
        /// Where to.
        url: String,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The connection broke.
    #[error("the connection to {url} failed: {source}")]
    Io {
        /// Where to.
        url: String,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The peer does not speak the protocol.
    #[error("{url} does not answer as a JSON-RPC node: {reason}")]
    Protocol {
        /// Where to.
        url: String,
        /// What it did.
        reason: String,
    },
}

/// A node's address.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    url: String,
    authority: String,
    host: String,
    port: u16,
    path: String,
    socket: bool,
}

impl Endpoint {
    /// Parses `http://` and `ws://` URLs.
    pub(crate) fn parse(url: &str) -> Result<Self, WireError> {
        let bad = |reason| WireError::Url { url: url.to_owned(), reason };
        let uri: Uri = url.parse().map_err(|_| bad("it is not a URL"))?;
        let socket = match uri.scheme_str() {
            Some("http") => false,
            Some("ws") => true,
            Some("https" | "wss") => return Err(bad("measure without TLS in between: use http:// or ws://")),
            _ => return Err(bad("it must begin with http:// or ws://")),
        };
        let authority = uri.authority().ok_or_else(|| bad("it names no host"))?;
        Ok(Self {
            url: url.to_owned(),
            authority: authority.to_string(),
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            socket,
        })
    }

    /// The URL as it was given.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether requests go over a WebSocket.
    pub(crate) const fn is_socket(&self) -> bool {
        self.socket
    }

    /// Opens a connection.
    pub(crate) fn connect(&self) -> Result<Connection, WireError> {
        let stream = self.open().map_err(|source| WireError::Connect { url: self.url.clone(), source })?;
        let wire = if self.socket {
            let (socket, _) = tungstenite::client(self.url.as_str(), stream)
                .map_err(|error| WireError::Protocol { url: self.url.clone(), reason: error.to_string() })?;
            Wire::Socket(Box::new(socket), String::new())
        } else {
            let head = format!(
                "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: ",
                self.path, self.authority
            );
            Wire::Http(Http {
                stream,
                head: head.into_bytes(),
                out: Vec::new(),
                buffer: Vec::new(),
                answer: Vec::new(),
            })
        };
        Ok(Connection { endpoint: self.clone(), wire })
    }

    fn open(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, Duration::from_secs(5)) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// One connection with at most one request in flight.
pub(crate) struct Connection {
    endpoint: Endpoint,
    wire: Wire,
}

enum Wire {
    Http(Http),
    Socket(Box<WebSocket<TcpStream>>, String),
}

impl Connection {
    /// Sends `body` and returns the answer's bytes.
    pub(crate) fn ask(&mut self, body: &str) -> Result<&[u8], WireError> {
        let url = || self.endpoint.url.clone();
        match &mut self.wire {
            Wire::Http(http) => {
                let mut asked = http.ask(body.as_bytes());
                if asked.as_ref().is_err_and(is_closed) && http.buffer.is_empty() {
                    // Nodes close connections that were idle for a while.
                    http.stream = self.endpoint.open().map_err(|source| WireError::Connect { url: url(), source })?;
                    asked = http.ask(body.as_bytes());
                }
                match asked {
                    Ok(()) => Ok(&http.answer),
                    Err(source) if source.kind() == io::ErrorKind::InvalidData => {
                        Err(WireError::Protocol { url: url(), reason: source.to_string() })
                    }
                    Err(source) => Err(WireError::Io { url: url(), source }),
                }
            }
            Wire::Socket(socket, answer) => {
                *answer = converse(socket, body).map_err(|error| match error {
                    tungstenite::Error::Io(source) => WireError::Io { url: url(), source },
                    error => WireError::Protocol { url: url(), reason: error.to_string() },
                })?;
                Ok(answer.as_bytes())
            }
        }
    }
}

/// Whether the peer hung up.
fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

fn converse(socket: &mut WebSocket<TcpStream>, body: &str) -> Result<String, tungstenite::Error> {
    socket.send(Message::text(body))?;
    loop {
        match socket.read()? {
            Message::Text(text) => return Ok(text.as_str().to_owned()),
            Message::Close(_) => return Err(tungstenite::Error::ConnectionClosed),
            _ => {}
        }
    }
}

/// HTTP/1.1 with keep-alive, as far as JSON-RPC needs it.
struct Http {
    stream: TcpStream,
    head: Vec<u8>,
    out: Vec<u8>,
    buffer: Vec<u8>,
    answer: Vec<u8>,
}

impl Http {
    /// Leaves the answer to `body` in `answer`.
    fn ask(&mut self, body: &[u8]) -> io::Result<()> {
        self.buffer.clear();
        self.out.clear();
        self.out.extend_from_slice(&self.head);
        write!(self.out, "{}\r\n\r\n", body.len())?;
        self.out.extend_from_slice(body);
        self.stream.write_all(&self.out)?;
        let (head, length) = loop {
            self.fill()?;
            if let Some(found) = parse_head(&self.buffer)? {
                break found;
            }
            if self.buffer.len() > HEADER_BYTES_MAX {
                return Err(invalid("its headers don't end"));
            }
        };
        self.buffer.drain(..head);
        match length {
            Length::Bytes(length) if length > ANSWER_BYTES_MAX => return Err(invalid("its answer is too long")),
            Length::Bytes(length) => {
                while self.buffer.len() < length {
                    self.fill()?;
                }
                std::mem::swap(&mut self.answer, &mut self.buffer);
                self.answer.truncate(length);
            }
            Length::Chunked => self.read_chunks()?,
        }
        Ok(())
    }

    fn read_chunks(&mut self) -> io::Result<()> {
        self.answer.clear();
        loop {
            let (start, size) = match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete((start, size))) => (start, usize::try_from(size).unwrap_or(usize::MAX)),
                Ok(httparse::Status::Partial) => {
                    self.fill()?;
                    continue;
                }
                Err(_) => return Err(invalid("its chunks have no size")),
            };
            if size.saturating_add(self.answer.len()) > ANSWER_BYTES_MAX {
                return Err(invalid("its answer is too long"));
            }
            while self.buffer.len() < start + size + 2 {
                self.fill()?;
            }
            self.answer.extend_from_slice(&self.buffer[start..start + size]);
            self.buffer.drain(..start + size + 2);
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        const STEP: usize = 64 << 10;
        let filled = self.buffer.len();
        self.buffer.resize(filled + STEP, 0);
        let read = self.stream.read(&mut self.buffer[filled..]);
        self.buffer.truncate(filled + read.as_ref().copied().unwrap_or(0));
        match read? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the node closed the connection")),
            _ => Ok(()),
        }
    }
}

enum Length {
    Bytes(usize),
    Chunked,
}

/// Where the body begins and how long it is, once all headers are there.
fn parse_head(bytes: &[u8]) -> io::Result<Option<(usize, Length)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(invalid(&format!("its answer is not HTTP ({error})"))),
    };
    let value = |name: &str| {
        response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
    };
    if let Some(length) = value("content-length") {
        let length = std::str::from_utf8(length).ok().and_then(|text| text.trim().parse().ok());
        return length
            .map(|length| Some((head, Length::Bytes(length))))
            .ok_or_else(|| invalid("its length is no number"));
    }
    if value("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case(b"chunked")) {
        return Ok(Some((head, Length::Chunked)));
    }
    match response.code {
        Some(204) => Ok(Some((head, Length::Bytes(0)))),
        code => Err(invalid(&format!("its answer (status {}) says no length", code.unwrap_or(0)))),
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, thread::JoinHandle};

    /// A peer that answers each request with the next of `answers`, a few
    /// bytes at a time.
    fn peer(answers: Vec<&'static str>) -> (Endpoint, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            let mut buffer = [0; 4096];
            for answer in answers {
                assert!(stream.read(&mut buffer).unwrap() > 0);
                for piece in answer.as_bytes().chunks(7) {
                    stream.write_all(piece).unwrap();
                }
            }
        });
        (Endpoint::parse(&format!("http://{address}")).unwrap(), answering)
    }

    #[test]
    fn answers_come_whole_by_length_and_by_chunks() {
        let (endpoint, answering) = peer(vec![
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n again\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
        ]);
        let mut connection = endpoint.connect().unwrap();
        assert_eq!(connection.ask("{}").unwrap(), b"hello world");
        assert_eq!(connection.ask("{}").unwrap(), b"hello again");
        assert_eq!(connection.ask("{}").unwrap(), b"");
        // Until it has closed its port, another connection is still let in.
        answering.join().unwrap();
        assert!(matches!(connection.ask("{}"), Err(WireError::Connect { .. })));
    }

    #[test]
    fn a_connection_that_was_closed_while_idle_is_opened_again() {
        const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let peer = std::thread::spawn(move || {
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().unwrap();
                assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
                stream.write_all(ANSWER).unwrap();
            }
        });
        let mut connection = Endpoint::parse(&format!("http://{address}")).unwrap().connect().unwrap();
        assert_eq!(connection.ask("{}").unwrap(), b"hi");
        assert_eq!(connection.ask("{}").unwrap(), b"hi");
        peer.join().unwrap();
    }

    #[test]
    fn what_is_no_node_is_said_to_be_none() {
        let (endpoint, _answering) = peer(vec!["SSH-2.0-OpenSSH_9.2\r\n\r\n"]);
        let error = endpoint.connect().unwrap().ask("{}").unwrap_err();
        assert!(error.to_string().contains("does not answer as a JSON-RPC node"), "{error}");
        for url in ["https://example.org", "ftp://example.org", "nonsense"] {
            assert!(matches!(Endpoint::parse(url), Err(WireError::Url { .. })), "{url}");
        }
    }
}
