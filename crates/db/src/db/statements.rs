//! The statements of all connections: counted, logged, and kept prepared within bounds.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use diesel::{
    SqliteConnection,
    connection::{CacheSize, Connection, Instrumentation, InstrumentationEvent},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use tracing::Span;

use super::Meter;

/// Counts the statements of all connections, and logs them at the level `trace`.
#[derive(Clone, Default)]
pub(super) struct Statements {
    sent: Arc<AtomicU64>,
    prepared: Arc<Prepared>,
    /// Whether values are logged with them.
    with_values: bool,
}

impl Statements {
    /// Sets whether bind values are logged.
    pub fn log_values(&mut self, with_values: bool) {
        self.with_values = with_values;
    }

    /// The number of statements sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether the next connection that is lent must drop its prepared statements.
    pub fn is_time_to_forget(&self) -> bool {
        self.prepared.is_due()
    }

    /// Counts the statements of a connection, in total and by the meter.
    pub fn watch(&self, conn: &mut (impl Watched + ?Sized), meter: Option<&Meter>) {
        if self.prepared.take_turn() {
            // The only way to empty the cache.
            conn.limit_prepared(CacheSize::Disabled);
            conn.limit_prepared(CacheSize::Unbounded);
        }
        let prepared = Arc::clone(&self.prepared);
        let (count, meter, with_values) =
            (Arc::clone(&self.sent), meter.cloned(), self.with_values);
        // Several statements may be in progress; they end in order.
        let mut spans = VecDeque::new();
        conn.report_to(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                count.fetch_add(1, Ordering::Relaxed);
                if let Some(meter) = &meter {
                    meter.count_statements(1);
                }
                if tracing::enabled!(target: "clientele::sql", tracing::Level::TRACE) {
                    let query = loggable(query.to_string(), with_values);
                    tracing::trace!(target: "clientele::sql", %query);
                }
                // A statement without a request is not traced.
                let is_of_request = !Span::current().is_none();
                if is_of_request
                    && tracing::enabled!(target: "clientele::sql", tracing::Level::DEBUG)
                {
                    let query = loggable(query.to_string(), false);
                    let statement =
                        tracing::debug_span!(target: "clientele::sql", "statement", %query);
                    spans.push_back(statement);
                }
            }
            InstrumentationEvent::CacheQuery { sql, .. } => {
                prepared.count();
                tracing::trace!(target: "clientele::sql", prepared = %sql);
            }
            InstrumentationEvent::FinishQuery { .. } => drop(spans.pop_front()),
            _ => {}
        });
    }
}

/// A connection whose statements can be counted.
pub trait Watched {
    fn report_to(&mut self, instrumentation: impl Instrumentation);
    /// Limits the number of statements that the connection keeps prepared.
    fn limit_prepared(&mut self, size: CacheSize);
}

impl Watched for SqliteConnection {
    fn report_to(&mut self, instrumentation: impl Instrumentation) {
        Connection::set_instrumentation(self, instrumentation);
    }

    fn limit_prepared(&mut self, size: CacheSize) {
        Connection::set_prepared_statement_cache_size(self, size);
    }
}

impl Watched for AsyncPgConnection {
    fn report_to(&mut self, instrumentation: impl Instrumentation) {
        AsyncConnection::set_instrumentation(self, instrumentation);
    }

    fn limit_prepared(&mut self, size: CacheSize) {
        AsyncConnection::set_prepared_statement_cache_size(self, size);
    }
}

/// A statement as Diesel displays it, without its values unless requested, and never with the
/// values of keys.
fn loggable(mut query: String, with_values: bool) -> String {
    if (!with_values || query.contains("api_keys"))
        && let Some(values) = query.find(" -- binds: ")
    {
        query.truncate(values);
    }
    query
}

/// Statements that connections have prepared and keep.
///
/// Clients choose columns, orders and limits, so the number of different statements is unlimited. Whenever
/// all connections together have prepared another [`PREPARED`] statements, the next connection that is used
/// drops its prepared statements. So connections keep [`PREPARED`] statements on average, and a server that
/// gets only the usual requests drops none after the first minutes.
#[derive(Default)]
struct Prepared(AtomicU64);

/// Maximum number of prepared statements of a connection, on average.
const PREPARED: u64 = 256;

impl Prepared {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a connection must drop its prepared statements.
    fn is_due(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= PREPARED
    }

    /// Whether the calling connection must drop its prepared statements. If so, no other one must.
    fn take_turn(&self) -> bool {
        let fewer = |kept: u64| kept.checked_sub(PREPARED);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_connection_forgets_for_each_256_statements() {
        let prepared = Prepared::default();
        (0..PREPARED - 1).for_each(|_| prepared.count());
        assert!(!prepared.take_turn());
        (0..=PREPARED).for_each(|_| prepared.count());
        let forget: Vec<bool> = (0..3).map(|_| prepared.take_turn()).collect();
        assert_eq!(forget, [true, true, false]);
    }
}
