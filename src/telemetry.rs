//! Traces for an OpenTelemetry collector: a request, its execution, its statements.
//!
//! Traces are exported by OTLP over HTTP, in batches, from a separate thread.

use std::{
    fmt,
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    pin::Pin,
    str::FromStr,
    time::Duration,
};

use axum::{
    body::Bytes,
    http::{HeaderMap, Request, Response, StatusCode, Uri},
};
use opentelemetry::{propagation::TextMapPropagator, trace::TracerProvider};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Level, Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

/// Timeout for sending a batch to the collector.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum size of a collector's response, in bytes.
const RESPONSE_MAX: u64 = 64 << 10;

/// The URL of a collector, without TLS.
#[derive(Clone, Debug)]
pub struct Endpoint(Uri);

impl FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri =
            text.parse().map_err(|_invalid| "must be a URL, like http://localhost:4318")?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err("must begin with http:// and a host: TLS is not supported");
        }
        let path = if uri.path() == "/" { "/v1/traces" } else { uri.path() };
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let whole = format!("http://{authority}{path}");
        Ok(Self(whole.parse().map_err(|_invalid| "must be a URL")?))
    }
}

/// The exporter of traces.
pub struct Traces(SdkTracerProvider);

impl Traces {
    pub fn start(endpoint: &Endpoint) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client)
            .with_endpoint(endpoint.0.to_string())
            .with_timeout(TIMEOUT)
            .build()?;
        let resource = Resource::builder().with_service_name("clientele").build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// The layer that turns spans into traces.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer = self.0.tracer("clientele");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false);
        layer.with_filter(filter_fn(is_traced))
    }

    /// Exports the remaining traces.
    pub fn finish(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(TIMEOUT) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Traces only our own spans, down to those of statements, and not the spans of libraries.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("clientele") && *metadata.level() <= Level::DEBUG
}

/// Makes a span the child of the client's span, if the request's trace headers identify one.
pub fn follow(span: &Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        // This fails without a collector, which can be ignored.
        span.set_parent(parent).ok();
    }
}

/// The HTTP client that sends batches. The exporter calls it from its own thread, so it may block.
#[derive(Debug)]
struct Client;

impl HttpClient for Client {
    fn send_bytes<'this, 'sent>(
        &'this self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'sent>>
    where
        'this: 'sent,
    {
        Box::pin(async move { send(&request) })
    }
}

fn send(request: &Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let uri = request.uri();
    let host = uri.host().ok_or("no host")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let mut addresses = (bare, uri.port_u16().unwrap_or(80)).to_socket_addrs()?;
    let address = addresses.next().ok_or("the host has no address")?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(head(request).as_bytes())?;
    stream.write_all(request.body())?;
    let mut received = Vec::new();
    stream.take(RESPONSE_MAX).read_to_end(&mut received)?;
    let text = String::from_utf8_lossy(&received);
    let status = text.split(' ').nth(1).ok_or("no status")?;
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_str(status)?;
    Ok(response)
}

fn head(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let (path, host) = (uri.path(), uri.authority().map_or("", |it| it.as_str()));
    let length = request.body().len();
    let mut head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\nconnection: close\r\n"
    );
    for (name, value) in request.headers() {
        if let Ok(value) = value.to_str() {
            fmt::Write::write_fmt(&mut head, format_args!("{name}: {value}\r\n")).ok();
        }
    }
    head + "\r\n"
}
