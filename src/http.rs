//! HTTP: who may come in, what is answered in which form, and GraphiQL.

pub mod admission;
pub mod client;
pub mod guarded;
pub mod health;
pub mod metrics;
pub mod paced;
pub mod rate_limit;
pub mod request_log;

mod api;
mod graphiql;

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware,
    response::Response,
    routing::post,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};

use self::{admission::Admission, health::Readiness, metrics::Metrics};

use crate::{
    auth::{Authenticator, KeySecret},
    clock::Clock,
    db::Db,
    executor::Executor,
    graphql::{self, ErrorCode},
    limits::Limits,
};

/// Longest body of a request, in bytes.
pub const BODY_MAX: usize = 1 << 20;

/// How long a request may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// What every request is answered with.
#[derive(Clone)]
pub struct App {
    pub schema: graphql::Schema,
    pub db: Db,
    pub authenticator: Authenticator,
    /// Is the demo's key, which everybody knows, taken?
    pub demo: bool,
    pub limits: Limits,
    pub executor: Executor,
    pub admission: Admission,
    pub readiness: Readiness,
    pub metrics: Metrics,
}

impl App {
    pub fn new(db: Db, clock: Clock, demo: bool) -> Self {
        let authenticator = Authenticator::new(db.clone(), clock);
        Self {
            schema: graphql::schema(),
            db,
            authenticator,
            demo,
            limits: Limits::default(),
            executor: Executor::default(),
            admission: Admission::default(),
            readiness: Readiness::default(),
            metrics: Metrics::default(),
        }
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
        .layer(middleware::from_fn_with_state(app.admission.clone(), admission::limit))
        .layer(cors)
        .merge(health::router(app.readiness.clone()))
        .merge(graphiql::router(demo_key.as_ref().map(KeySecret::reveal)))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.metrics.clone(), request_log::log))
        .with_state(app)
}

const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// What operators ask for: the metrics, and how the server is.
pub fn operations(app: &App) -> Router {
    let health = health::router(app.readiness.clone());
    health.merge(metrics::router(app.metrics.clone(), app.db.clone()))
}

/// A defect of ours is no reason to leave a client without an answer.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    let message = "the server failed to answer this; it is not the request's fault";
    api::error(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::InternalServerError, message)
}
