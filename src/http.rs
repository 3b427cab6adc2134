//! HTTP: who may come in, what is answered in which form, and GraphiQL.

mod api;
mod graphiql;

pub use self::api::{Documents, ManifestError, Trusted};

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    trace::{DefaultMakeSpan, TraceLayer},
};
use tracing::Level;

use crate::{
    auth::{Authenticator, KeySecret},
    clock::Clock,
    db::{self, Db},
    graphql::{Engine, ErrorCode, Policy},
    limits::Limits,
};

/// Bytes of documents that a tenant's clients can register, unless a setting says otherwise.
pub const REGISTERED_BYTES: usize = 1 << 20;

/// How long a request may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// What every request is answered with.
#[derive(Clone)]
pub struct App {
    pub engine: Engine,
    pub documents: Arc<Documents>,
    pub db: Db,
    pub authenticator: Authenticator,
    /// Is the demo's key, which everybody knows, taken?
    pub demo: bool,
    pub limits: Limits,
}

impl App {
    pub fn new(db: Db, clock: Clock, demo: bool) -> Self {
        let authenticator = Authenticator::new(db.clone(), clock);
        let limits = Limits::default();
        let engine = Engine::new(limits, Policy::default());
        let documents = Arc::new(Documents::any(REGISTERED_BYTES));
        Self { engine, documents, db, authenticator, demo, limits }
    }

    /// The same with other limits, and another policy for documents.
    #[must_use]
    pub fn with_limits(self, limits: Limits, policy: Policy) -> Self {
        Self { engine: Engine::new(limits, policy), limits, ..self }
    }

    /// The same with other documents that clients need not send.
    #[must_use]
    pub fn with_documents(self, documents: Documents) -> Self {
        Self { documents: Arc::new(documents), ..self }
    }
}

/// The server. `origins` are the web sites whose pages may call it.
pub fn router(app: App, origins: Vec<HeaderValue>) -> Router {
    let demo_key = app.demo.then(KeySecret::demo);
    Router::new()
        .merge(api::router(&app.limits, origins))
        .route("/health", get(health))
        .merge(graphiql::router(demo_key.as_ref().map(KeySecret::reveal)))
        .layer(compression())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(DefaultMakeSpan::new().level(Level::INFO)))
        .with_state(app)
}

/// Compresses what is long enough to gain from it, as the client asks for it: with br, gzip or zstd,
/// quickly rather than as small as can be.
fn compression() -> CompressionLayer<impl Predicate> {
    let gains = SizeAbove::new(1_000)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("font/"));
    CompressionLayer::new().no_deflate().quality(CompressionLevel::Precise(4)).compress_when(gains)
}

const PANICKED: &str = "the server failed to answer this; it is not the request's fault";

const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// 200 if requests can be answered, 503 if not.
async fn health(State(app): State<App>) -> Response {
    let (status, text) = match app.db.ping().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(error = %db::describe(&error), "not healthy");
            (StatusCode::SERVICE_UNAVAILABLE, "the database is not available\n")
        }
    };
    (status, [NO_STORE], text).into_response()
}

/// A defect of ours is no reason to leave a client without an answer.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    api::error(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::InternalServerError, PANICKED)
}
