//! HTTP and WebSocket on one port.
//!
//! What programs send, a POST of JSON without an Origin, is answered here
//! without a detour: at tens of thousands of requests a second the layers of
//! a web framework cost as much as the calls. Everything else goes through
//! [`crate::doors`].

use crate::{
    dispatch::{self, Stateless},
    doors::{self, Place, ServerOptions},
    node::Node,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Method, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::ServiceExt;

/// How long a client may take over the head of a request, and how long a
/// connection may be idle (as geth).
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);
/// How long requests under way may take when the server stops.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// How long to wait after the system refused a connection, as it does when
/// files run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What a client is told for whom there is no place.
const NO_PLACE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 38\r\nconnection: close\r\n\r\ntoo many connections; try again later\n";

/// A bound server.
#[derive(Debug)]
pub struct RpcServer {
    listener: TcpListener,
    serving: Serving,
}

/// What every connection needs.
#[derive(Debug, Clone)]
struct Serving {
    node: Arc<Node>,
    options: Arc<ServerOptions>,
    router: Router,
}

impl RpcServer {
    /// Binds `address`.
    ///
    /// # Errors
    /// The system's error, such as a taken port.
    pub async fn bind(address: SocketAddr, node: Arc<Node>, options: ServerOptions) -> io::Result<Self> {
        let options = Arc::new(options);
        let router = doors::router(Arc::clone(&node), Arc::clone(&options));
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, serving: Serving { node, options, router } })
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// The system's error.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` completes, then lets requests under way finish.
    ///
    /// # Errors
    /// The system's error.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let places = Arc::new(Semaphore::new(self.serving.node.limits.connections));
        let (stopping, stopped) = watch::channel(false);
        tokio::pin!(stop);
        loop {
            let stream = tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::debug!(%error, "a connection was not accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                        continue;
                    }
                },
            };
            match Arc::clone(&places).try_acquire_owned() {
                Ok(place) => {
                    drop(tokio::spawn(self.serving.clone().converse(stream, Arc::new(place), stopped.clone())))
                }
                // The socket's buffer takes so little at once.
                Err(_) => drop(stream.try_write(NO_PLACE)),
            }
        }
        drop(stopped);
        stopping.send_replace(true);
        // Every connection listens until it ends. Whoever takes longer is
        // cut off.
        let _ = tokio::time::timeout(STOP_GRACE, stopping.closed()).await;
        Ok(())
    }
}

impl Serving {
    /// Serves one connection until it closes.
    async fn converse(self, stream: TcpStream, place: Place, mut stopped: watch::Receiver<bool>) {
        // Dropped when the connection has ended, which is what a stop waits for.
        let _open = stopped.clone();
        let stop = async move { stopped.wait_for(|stopped| *stopped).await.is_ok() };
        // Answers are written whole: waiting for more to send only delays.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection has no low delay");
        }
        let serving = Arc::new(self);
        let service = service_fn(move |request| {
            let (serving, place) = (Arc::clone(&serving), Arc::clone(&place));
            async move { Ok::<_, Infallible>(serving.answer(request, place).await) }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = stop => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended badly");
        }
    }

    async fn answer(&self, mut request: Request<Incoming>, place: Place) -> Response<Body> {
        if !self.is_plain(&request) {
            request.extensions_mut().insert(place);
            let Ok(response) = self.router.clone().oneshot(request.map(Body::new)).await;
            return response;
        }
        // Its length is known and within bounds.
        let Ok(body) = request.into_body().collect().await else {
            return status(StatusCode::BAD_REQUEST);
        };
        match dispatch::handle(&self.node, &Stateless, &body.to_bytes()).await {
            None => status(StatusCode::NO_CONTENT),
            Some(answer) => {
                let mut response = Response::new(Body::from(answer));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
        }
    }

    /// Whether a request is what programs send, with nothing to object to.
    fn is_plain(&self, request: &Request<Incoming>) -> bool {
        let headers = request.headers();
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let length = text(header::CONTENT_LENGTH).and_then(|text| text.parse::<usize>().ok());
        request.method() == Method::POST
            && request.uri().path() == "/"
            && length.is_some_and(|length| length <= self.node.limits.request_bytes)
            && !headers.contains_key(header::ORIGIN)
            && doors::allowed_host(&self.options, text(header::HOST).unwrap_or(""))
            && doors::is_json(headers)
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_says_its_own_length() {
        let text = std::str::from_utf8(NO_PLACE).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }
}
