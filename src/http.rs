//! HTTP: admission control, content negotiation, and GraphiQL.

pub mod admission;
pub mod client;
pub mod guarded;
pub mod health;
pub mod metrics;
pub mod outcome;
pub mod paced;
pub mod rate_limit;
pub mod request_log;

mod api;
mod graphiql;
mod negotiate;
mod response;

pub use self::api::{Documents, ManifestError, Trusted};

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::Response,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

use self::{admission::Admission, health::Readiness, metrics::Metrics};
use crate::{
    auth::{Authenticator, KeySecret},
    clock::Clock,
    db::Db,
    executor::Executor,
    graphql::{Engine, ErrorCode, Policy},
    limits::Limits,
};

/// Default maximum size of all documents that the clients of a tenant can register, in bytes.
pub const REGISTERED_BYTES: usize = 1 << 20;

/// The state shared by all requests.
#[derive(Clone)]
pub struct App {
    pub engine: Engine,
    pub documents: Arc<Documents>,
    pub db: Db,
    pub authenticator: Authenticator,
    /// Whether the demo's public key is accepted.
    pub demo: bool,
    pub limits: Limits,
    pub executor: Executor,
    pub admission: Admission,
    pub readiness: Readiness,
    pub metrics: Metrics,
}

impl App {
    pub fn new(db: Db, clock: Clock, demo: bool) -> Self {
        Self::with_limits(db, clock, demo, Limits::default(), Policy::default())
    }

    /// Like [`App::new`], with the given limits and policy for documents.
    pub fn with_limits(db: Db, clock: Clock, demo: bool, limits: Limits, policy: Policy) -> Self {
        let authenticator = Authenticator::new(db.clone(), clock);
        let engine = Engine::new(limits, policy);
        let documents = Arc::new(Documents::any(REGISTERED_BYTES));
        Self {
            engine,
            documents,
            db,
            authenticator,
            demo,
            limits,
            executor: Executor::default(),
            admission: Admission::default(),
            readiness: Readiness::default(),
            metrics: Metrics::default(),
        }
    }

    /// Replaces the persisted or trusted documents.
    #[must_use]
    pub fn with_documents(self, documents: Documents) -> Self {
        Self { documents: Arc::new(documents), ..self }
    }
}

/// The routes of the server. `origins` are the CORS origins that may call it.
pub fn router(app: App, origins: Vec<HeaderValue>) -> Router {
    let demo_key = app.demo.then(KeySecret::demo);
    Router::new()
        .merge(api::router(&app, origins))
        .merge(health::router(app.readiness.clone()))
        .merge(graphiql::router(demo_key.as_ref().map(KeySecret::reveal)))
        .layer(compression())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.metrics.clone(), request_log::log))
        .with_state(Arc::new(app))
}

/// The routes for operators: metrics, health and readiness.
pub fn operations(app: &App) -> Router {
    let health = health::router(app.readiness.clone());
    let memory = app.admission.memory().clone();
    health.merge(metrics::router(app.metrics.clone(), memory, app.db.clone()))
}

/// Compresses long bodies with an encoding that the client accepts (br, gzip or zstd), at levels
/// that prefer speed to size.
fn compression() -> CompressionLayer<impl Predicate> {
    let gains = SizeAbove::new(1_000)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("font/"));
    CompressionLayer::new().no_deflate().quality(CompressionLevel::Precise(4)).compress_when(gains)
}

const PANICKED: &str = "the server failed to process the request; this is not the request's fault";

const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// The response after a panic. A panic is a defect of the server, but the client still gets a
/// response.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    api::error(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::InternalServerError, PANICKED)
}
