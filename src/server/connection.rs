//! The lifecycle of a connection.

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Version, header},
};
use hyper::{
    Request, Response,
    body::{Body as _, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{net::TcpStream, time};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    activity::{Activity, Closed},
    request_body::RequestBody,
    socket::Socket,
};
use crate::http::{client::Client, guarded::GuardedBody};

/// Maximum size of a request's head, in bytes.
const HEAD_MAX: u32 = 64 << 10;

/// Maximum number of concurrent requests on one HTTP/2 connection.
const STREAMS_MAX: u32 = 100;

/// Time that a graceful close of a connection may take.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Time to wait for the rest of a request when the server stops.
const REMAINDER_TIMEOUT: Duration = Duration::from_secs(1);

/// Maximum size of a request body that is read and discarded after an early response, in bytes. If a body is longer,
/// the connection is closed.
const DISCARDED_MAX: u64 = 4 << 10;

/// The HTTP settings. hyper's timeouts for HTTP/1 are not used: a single one covers the head of a
/// request and the time between requests, and none covers the time until the first byte.
pub fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let head_max = usize::try_from(HEAD_MAX).unwrap_or(usize::MAX);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .half_close(true)
        .max_buf_size(head_max);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_MAX)
        .max_send_buf_size(head_max)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

/// Serves a connection until it ends. Returns the reason if the server ended it.
pub async fn serve(
    protocol: &Builder<TokioExecutor>,
    (stream, address): (TcpStream, SocketAddr),
    router: Router,
    activity: Arc<Activity>,
    stopping: CancellationToken,
) -> Option<Closed> {
    let stream = Arc::new(stream);
    let client = Client::new(address, Arc::clone(&stream));
    let service = service_fn({
        let activity = Arc::clone(&activity);
        move |request| respond(router.clone(), client.clone(), Arc::clone(&activity), request)
    });
    let io = TokioIo::new(Socket::new(Arc::clone(&stream), Arc::clone(&activity)));
    let mut connection = pin!(protocol.serve_connection(io, service));
    tokio::select! {
        // Errors are ignored, because they only concern this client.
        _ended = connection.as_mut() => {
            if activity.has_unread() {
                time::timeout(CLOSE_TIMEOUT, discard(&stream)).await.ok();
            }
            return None;
        }
        reason = activity.closed() => {
            if reason.is_orderly() {
                connection.as_mut().graceful_shutdown();
                time::timeout(CLOSE_TIMEOUT, connection).await.ok();
            }
            return Some(reason);
        }
        () = stopping.cancelled() => {}
    }
    if activity.idle_since().is_some() && !activity.is_receiving() {
        connection.as_mut().graceful_shutdown();
        time::timeout(CLOSE_TIMEOUT, connection).await.ok();
        return None;
    }
    connection.as_mut().graceful_shutdown();
    let unfinished = async {
        time::sleep(REMAINDER_TIMEOUT).await;
        if !activity.is_receiving() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        _ended = connection => None,
        reason = activity.closed() => Some(reason),
        () = unfinished => Some(Closed::SlowHead),
    }
}

/// Reads and discards remaining data from the client. Closing a connection with unread data resets
/// it, and the client may then never see its response.
async fn discard(stream: &TcpStream) {
    let mut unread = [0; 4096];
    while stream.readable().await.is_ok() {
        match stream.try_read(&mut unread) {
            Ok(0) => break,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => break,
            _ => {}
        }
    }
}

async fn respond(
    router: Router,
    client: Client,
    activity: Arc<Activity>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request_guard = InProgress::begin(&activity, request.version());
    let is_long = request.body().size_hint().upper().is_none_or(|length| length > DISCARDED_MAX);
    let waits = request.headers().contains_key(header::EXPECT);
    let is_http2 = request.version() == Version::HTTP_2;
    let (parts, incoming) = request.into_parts();
    let (body, remainder) = RequestBody::new(incoming, &activity);
    let mut request = Request::from_parts(parts, Body::new(body));
    request.extensions_mut().insert(client);
    let mut response = router.oneshot(request).await?;
    // Without this, hyper would close an HTTP/1 connection with an unread body although the
    // response promised keep-alive.
    match remainder.take() {
        Some(unread) if !is_http2 && !is_long && !waits => drop(tokio::spawn(unread.discard())),
        Some(_) if !is_http2 => {
            activity.leave_unread();
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    request_guard.respond();
    Ok(response.map(|body| Body::new(GuardedBody::new(body, request_guard))))
}

/// A request whose response has not been sent.
struct InProgress {
    activity: Arc<Activity>,
    response: Option<std::time::Instant>,
}

impl InProgress {
    fn begin(activity: &Arc<Activity>, version: Version) -> Self {
        activity.begin_request(version == Version::HTTP_2);
        Self { activity: Arc::clone(activity), response: None }
    }

    fn respond(&mut self) {
        self.response = Some(self.activity.begin_response());
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.activity.end_request(self.response);
    }
}
