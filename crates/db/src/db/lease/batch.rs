//! Writes of concurrent requests that PostgreSQL executes as one statement.
//!
//! The overhead of a statement and its commit takes PostgreSQL longer than to insert most rows. So writes of one type
//! and tenant queue while others are in progress, and are then sent together.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
};

use diesel::{
    QueryResult,
    result::{DatabaseErrorKind, Error},
};
pub use diesel_async::AsyncPgConnection as PgConnection;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::oneshot;
use tracing::Instrument;

use super::{Shared, in_time, timed_out};
use crate::db::is_timeout;

/// Maximum number of batches in progress, per type of writes and tenant. With two, the server prepares one while
/// PostgreSQL executes the other.
const IN_PROGRESS_MAX: usize = 2;

/// Maximum number of writes in a batch.
const WRITES_MAX: usize = 16;

/// A write that needs no transaction and waits only for locks for which all such writes of its tenant wait. (A row with
/// a unique value may wait for another transaction, and would hold up the rest of its batch.)
pub trait Batched: Send + Sync + 'static {
    type Output: Clone + Send + 'static;

    /// Whether both can be part of one statement. Its text may depend only on the number of its writes.
    fn fits(&self, other: &Self) -> bool;

    /// Executes all writes as one statement. Their number is a power of two, because connections keep each such
    /// statement prepared.
    fn execute<'a>(
        writes: &'a [&'a Self],
        conn: &'a PgConnection,
    ) -> BoxFuture<'a, QueryResult<Self::Output>>;
}

/// The queued writes, by type and tenant, so that no tenant waits for another one.
#[derive(Clone, Default)]
pub struct Batches(Arc<Mutex<Queues>>);

type Queues = HashMap<Key, Box<dyn Any + Send>>;
type Key = (TypeId, String);

/// The writes of one type and tenant.
struct Queue<T: Batched> {
    /// Number of batches in progress.
    in_progress: usize,
    waiting: Vec<Waiting<T>>,
}

struct Waiting<T: Batched> {
    write: T,
    /// The connection of its request.
    conn: Arc<Shared>,
    response: oneshot::Sender<QueryResult<T::Output>>,
}

impl Batches {
    /// Executes a write together with others that fit. `conn` is the connection of its request.
    pub(super) async fn write<T: Batched>(
        &self,
        tenant: &str,
        conn: Arc<Shared>,
        write: T,
    ) -> QueryResult<T::Output> {
        let (response, result) = oneshot::channel();
        let key = (TypeId::of::<T>(), tenant.to_owned());
        let begins = self.with(&key, |queue| queue.add(Waiting { write, conn, response }));
        if begins {
            let turn = Turn::<T> { batches: self.clone(), key, has_ended: false, of: PhantomData };
            // A separate task, so that writes of other requests in the batch complete even if this
            // request ends.
            tokio::spawn(turn.execute().in_current_span());
        }
        result.await.unwrap_or_else(|_closed| Err(timed_out()))
    }

    /// Calls `f` with the queue of that key. A queue exists only while it has batches in progress.
    fn with<T: Batched, R: Default>(&self, key: &Key, f: impl FnOnce(&mut Queue<T>) -> R) -> R {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(key.clone()).or_insert_with(|| Box::new(Queue::<T>::default()));
        // The type is part of the key, so the downcast succeeds.
        let Some(queue) = queue.downcast_mut::<Queue<T>>() else { return R::default() };
        let result = f(queue);
        if queue.in_progress == 0 {
            queues.remove(key);
        }
        result
    }
}

impl<T: Batched> Queue<T> {
    /// Adds a write; returns whether the caller must start a [`Turn`].
    fn add(&mut self, write: Waiting<T>) -> bool {
        self.waiting.push(write);
        let begins = self.in_progress < IN_PROGRESS_MAX;
        self.in_progress += usize::from(begins);
        begins
    }

    /// The next batch. If it is empty, the turn ends.
    fn next(&mut self) -> Vec<Waiting<T>> {
        let batch = self.take();
        self.in_progress -= usize::from(batch.is_empty());
        batch
    }

    /// Takes the writes that fit the first one, up to a power of two.
    fn take(&mut self) -> Vec<Waiting<T>> {
        let Some(first) = self.waiting.first() else { return Vec::new() };
        let fits = |it: &Waiting<T>| it.write.fits(&first.write);
        let fits: Vec<bool> = self.waiting.iter().map(fits).collect();
        let fitting = fits.iter().filter(|fits| **fits).count().clamp(1, WRITES_MAX);
        let (mut left, mut fits) = (1_usize << fitting.ilog2(), fits.into_iter());
        let is_next = |_: &mut Waiting<T>| {
            let is_next = left > 0 && fits.next().unwrap_or_default();
            left -= usize::from(is_next);
            is_next
        };
        self.waiting.extract_if(.., is_next).collect()
    }
}

impl<T: Batched> Default for Queue<T> {
    fn default() -> Self {
        Self { in_progress: 0, waiting: Vec::new() }
    }
}

/// Executes batches until no writes are queued.
struct Turn<T: Batched> {
    batches: Batches,
    key: Key,
    has_ended: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: Batched> Turn<T> {
    async fn execute(mut self) {
        loop {
            let batch = self.batches.with(&self.key, Queue::<T>::next);
            if batch.is_empty() {
                self.has_ended = true;
                return;
            }
            respond(batch).await;
        }
    }
}

/// After a panic, queued writes fail unless another turn executes them.
impl<T: Batched> Drop for Turn<T> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.batches.with(&self.key, |queue: &mut Queue<T>| queue.in_progress -= 1);
        }
    }
}

/// Executes a batch. If PostgreSQL rejects it, each write is executed alone, and has its own result.
async fn respond<T: Batched>(batch: Vec<Waiting<T>>) {
    let Some(first) = batch.first() else { return };
    let writes: Vec<&T> = batch.iter().map(|it| &it.write).collect();
    let result = execute(&first.conn, &writes).await;
    if matches!(&result, Err(error) if batch.len() > 1 && is_rejection(error)) {
        let alone = batch.into_iter().map(async |it| {
            let result = execute(&it.conn, &[&it.write]).await;
            _ = it.response.send(result); // its request may have ended
        });
        join_all(alone).await;
    } else {
        for it in batch {
            _ = it.response.send(copy(&result));
        }
    }
}

async fn execute<T: Batched>(conn: &Shared, writes: &[&T]) -> QueryResult<T::Output> {
    let result = in_time(T::execute(writes, conn.conn()?)).await;
    result.unwrap_or_else(|| {
        conn.note_unfinished();
        Err(timed_out())
    })
}

/// Whether PostgreSQL may have rejected the statement because of one of its rows. A broken connection does not count,
/// because the rows may be stored. Neither does a timeout, because the lock that caused it blocks each of the rows.
fn is_rejection(error: &Error) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    let Error::DatabaseError(kind, info) = error else { return false };
    !matches!(kind, ClosedConnection | UnableToSendCommand) && !is_timeout(info.message())
}

/// The same result, for another write of the batch.
fn copy<T: Clone>(result: &QueryResult<T>) -> QueryResult<T> {
    let (kind, message) = match result {
        Ok(output) => return Ok(output.clone()),
        Err(Error::DatabaseError(kind, info)) => (*kind, info.message().to_owned()),
        Err(error) => (DatabaseErrorKind::Unknown, error.to_string()),
    };
    Err(Error::DatabaseError(kind, Box::new(message)))
}
