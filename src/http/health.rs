//! `/health` reports whether the process is alive, and `/ready` whether it can serve requests.
//!
//! Neither waits for the database: readiness is the last result of a background task.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::time;

use super::NO_STORE;
use crate::db::{self, Db};

/// Interval at which the database is checked.
const INTERVAL: Duration = Duration::from_secs(1);

/// The readiness of a server. Cheap to clone; clones share the state.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<Known>>);

#[derive(Clone, Copy, Default)]
struct Known {
    database: Database,
    is_draining: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Database {
    #[default]
    Unknown,
    Responds,
    Away,
    /// The disk is full: the database can be read, but not written.
    Full,
}

impl Readiness {
    /// Checks the database, and records whether it responded in time.
    pub async fn check(&self, db: &Db) {
        let failure = db.check().await.err();
        let now = match &failure {
            None => Database::Responds,
            Some(db::Error::DiskFull) => Database::Full,
            Some(_) => Database::Away,
        };
        let failure = failure.map(|error| db::describe(&error));
        let before = self.change(|known| std::mem::replace(&mut known.database, now));
        match failure {
            Some(error) if before != now => tracing::warn!(error, "not ready"),
            None if [Database::Away, Database::Full].contains(&before) => {
                tracing::info!("ready again");
            }
            _ => {}
        }
    }

    /// Makes `/ready` fail from now on, so that load balancers send no further requests.
    pub fn drain(&self) {
        self.change(|known| known.is_draining = true);
    }

    /// The reason why requests cannot be served; `None` if they can.
    fn obstacle(&self) -> Option<&'static str> {
        let known = self.change(|known| *known);
        match known.database {
            _ if known.is_draining => Some("the server is stopping"),
            Database::Responds => None,
            Database::Away => Some("the database is not available"),
            Database::Full => Some("the disk of the database is full"),
            Database::Unknown => Some("the server is starting"),
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps the readiness up to date, forever.
pub async fn refresh(readiness: Readiness, db: Db) {
    loop {
        readiness.check(&db).await;
        time::sleep(INTERVAL).await;
    }
}

pub fn router<S>(readiness: Readiness) -> Router<S> {
    Router::new()
        .route("/health", get(async || (StatusCode::OK, [NO_STORE], "ok\n")))
        .route("/ready", get(ready))
        .with_state(readiness)
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    match readiness.obstacle() {
        None => (StatusCode::OK, [NO_STORE], "ready\n").into_response(),
        Some(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, [NO_STORE], format!("{reason}\n")).into_response()
        }
    }
}
