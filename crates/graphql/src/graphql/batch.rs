//! The schedule of batch loads.
//!
//! A loader collects keys until something triggers the load. A timer would fire too early or too
//! late, so that the number of statements depends on chance. Here the request itself triggers the
//! load: when none of its resolvers can proceed and no load is in progress, all requested keys are
//! loaded. The number of statements then follows from the request's shape. Loads are not spawned:
//! they run inside the request's future, and are dropped with it if the client disconnects.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    mem,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::oneshot;

use crate::{db::Meter, limits::Overrun};

type Load = BoxFuture<'static, ()>;

/// Concurrent loads of one request. On PostgreSQL they share a connection.
const CONCURRENT_LOADS: usize = 4;

/// Runs the loads of a request, batch by batch. Clones belong to the same request.
#[derive(Clone, Default)]
pub struct BatchScheduler(Arc<Mutex<Vec<Load>>>);

impl BatchScheduler {
    /// Runs a load for a single resolver with the next batch. Returns `None` only if the request
    /// ends first.
    pub async fn run<T: Send + 'static>(
        &self,
        load: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        // If the resolver was dropped, nobody receives the value.
        self.push(load.map(|loaded| drop(sender.send(loaded))).boxed());
        // Tokio's cooperative budget would make every 128th of these awaits yield, and so miss the
        // batch.
        tokio::task::unconstrained(receiver).await.ok()
    }

    /// Runs the request and, batch by batch, its loads. A query that exceeds a limit ends
    /// immediately and frees everything it holds.
    pub async fn drive<F: Future>(self, request: F, meter: &Meter) -> Result<F::Output, Overrun> {
        let mut request = pin!(request);
        let mut batch = Batch::default();
        poll_fn(|cx| {
            loop {
                // Do not poll the request while a batch is loading: whether new keys made it into
                // the batch would depend on chance.
                ready!(batch.poll(cx));
                let output = request.as_mut().poll(cx);
                if let Some(overrun) = meter.overrun().filter(|_| !meter.has_written()) {
                    return Poll::Ready(Err(overrun.clone()));
                }
                if let Poll::Ready(output) = output {
                    return Poll::Ready(Ok(output));
                }
                batch.waiting.extend(self.take());
                if batch.is_done() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Runs a load with the next batch.
    pub fn push(&self, load: Load) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(load);
    }

    fn take(&self) -> Vec<Load> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The loads that were requested together.
#[derive(Default)]
struct Batch {
    waiting: VecDeque<Load>,
    running: FuturesUnordered<Load>,
}

impl Batch {
    fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.running.is_empty()
    }

    /// Ready when all loads have finished.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            while self.running.len() < CONCURRENT_LOADS
                && let Some(load) = self.waiting.pop_front()
            {
                self.running.push(load);
            }
            if ready!(self.running.poll_next_unpin(cx)).is_none() {
                return Poll::Ready(());
            }
        }
    }
}
