//! HTTP: who may come in, what is answered in which form, and GraphiQL.

mod api;
mod graphiql;

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
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

/// Longest body of a request, in bytes.
pub const BODY_MAX: usize = 1 << 20;

/// How long a request may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// What every request is answered with.
#[derive(Clone)]
pub struct App {
    pub engine: Engine,
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
        Self { engine, db, authenticator, demo, limits }
    }
}

impl App {
    /// The same with other limits, and another policy for documents.
    #[must_use]
    pub fn with_limits(self, limits: Limits, policy: Policy) -> Self {
        Self { engine: Engine::new(limits, policy), limits, ..self }
    }
}

/// The server. `origins` are the web sites whose pages may call it.
pub fn router(app: App, origins: Vec<HeaderValue>) -> Router {
    let demo_key = app.demo.then(KeySecret::demo);
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .max_age(Duration::from_secs(3600));
    Router::new()
        .route("/graphql", post(api::post).get(api::get))
        .layer(cors)
        .route("/health", get(health))
        .merge(graphiql::router(demo_key.as_ref().map(KeySecret::reveal)))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(DefaultMakeSpan::new().level(Level::INFO)))
        .with_state(app)
}

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
    let message = "the server failed to answer this; it is not the request's fault";
    api::error(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::InternalServerError, message)
}
