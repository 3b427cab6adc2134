//! When batches are loaded.
//!
//! A loader collects keys until someone decides to load them. A timer decides too early or too
//! late; how many statements a request sends would depend on luck. Here the request itself decides:
//! when none of its resolvers can go on, and no load is in progress, all that was asked for is
//! loaded. Then the number of statements follows from the request's shape. Nothing is spawned:
//! loads run inside the request, and end with it if the client goes away.

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

use crate::{db::Meter, limits::Exceeded};

type Load = BoxFuture<'static, ()>;

/// Loads of one request that run at the same time, each on a connection of its own: one request
/// leaves connections to others.
const CONCURRENT_LOADS: usize = 4;

/// Runs what a request loads, batch by batch. Clones are of the same request.
#[derive(Clone, Default)]
pub struct BatchScheduler(Arc<Mutex<Vec<Load>>>);

impl BatchScheduler {
    /// Runs a load that is for one resolver only, with the next batch. `None` only if the request
    /// ends before.
    pub async fn run<T: Send + 'static>(
        &self,
        load: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        // The resolver may be gone; then nobody receives it.
        self.push(load.map(|loaded| drop(sender.send(loaded))).boxed());
        // Tokio would have each 128th of these wait for another turn, and so miss the batch.
        tokio::task::unconstrained(receiver).await.ok()
    }

    /// Runs the request and, batch by batch, its loads. A query that passes a limit ends there, with
    /// all that it holds.
    pub async fn drive<F: Future>(self, request: F, meter: &Meter) -> Result<F::Output, Exceeded> {
        let mut request = pin!(request);
        let mut batch = Batch::default();
        poll_fn(|cx| {
            loop {
                // Not while a batch is loaded: what is asked for then would be in it or not, by
                // luck.
                ready!(batch.poll(cx));
                let output = request.as_mut().poll(cx);
                if let Some(exceeded) = meter.exceeded().filter(|_| !meter.has_written()) {
                    return Poll::Ready(Err(exceeded.clone()));
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

/// The loads that were asked for together.
#[derive(Default)]
struct Batch {
    waiting: VecDeque<Load>,
    running: FuturesUnordered<Load>,
}

impl Batch {
    fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.running.is_empty()
    }

    /// Ready when all are loaded.
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
