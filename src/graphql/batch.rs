//! When batches are loaded: in waves.
//!
//! A dataloader collects keys until someone decides to load them. A timer decides too early or too
//! late; how many statements a request sends would depend on luck. Here the request itself decides:
//! when none of its resolvers can go on, and no load is under way, all that was asked for is loaded
//! at once. So the number of statements follows from the request's shape. Nothing is spawned: loads
//! run inside the request, and end with it if the client goes away.

use std::{
    future::{Future, poll_fn},
    mem,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};

/// The loads that a request has asked for and that wait for the next wave.
#[derive(Default)]
pub struct Waves(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Waves {
    /// What a dataloader is to spawn its loads with.
    pub fn spawner(&self) -> impl Fn(BoxFuture<'static, ()>) + Send + Sync + 'static {
        let waiting = Arc::clone(&self.0);
        move |load| waiting.lock().unwrap_or_else(PoisonError::into_inner).push(load)
    }

    /// Runs the request and, wave by wave, its loads.
    pub async fn drive<F: Future>(self, request: F) -> F::Output {
        let mut request = pin!(request);
        let mut wave = FuturesUnordered::new();
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(output) = request.as_mut().poll(cx) {
                    return Poll::Ready(output);
                }
                if wave.is_empty() {
                    let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    wave.extend(mem::take(&mut *waiting));
                    if wave.is_empty() {
                        return Poll::Pending;
                    }
                }
                while let Poll::Ready(Some(())) = wave.poll_next_unpin(cx) {}
                if !wave.is_empty() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}
