//! The execution of requests on separate threads, so that a request that keeps a processor busy
//! never delays the threads that accept connections and report health.
//!
//! Whether a request is expensive shows only while it runs, so all of them run here. The hop costs
//! some microseconds, and no threshold has to be chosen.

use std::{io, sync::Arc};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};
use tokio_util::task::TaskTracker;

/// Runs tasks and counts those in progress. Cheap to clone.
#[derive(Clone, Default)]
pub struct Executor {
    runtime: Option<Arc<Owned>>,
    tasks: TaskTracker,
}

impl Executor {
    /// Creates an executor with a thread for each processor, and up to `blocking` threads for
    /// blocking work. [`Executor::default`] uses the runtime of its caller.
    pub fn start(blocking: usize) -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.enable_all().thread_name("clientele-work").max_blocking_threads(blocking);
        // Nesting is bounded, and this is more than twice the largest stack that a request needed.
        builder.thread_stack_size(4 << 20);
        let runtime = Owned(Some(builder.build()?));
        Ok(Self { runtime: Some(Arc::new(runtime)), tasks: TaskTracker::new() })
    }

    /// Runs a future to its end, even if nobody waits for it.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        match self.handle() {
            Some(handle) => self.tasks.spawn_on(future, handle),
            None => self.tasks.spawn(future),
        }
    }

    /// Waits until no task is in progress.
    pub async fn idle(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn handle(&self) -> Option<&Handle> {
        let runtime = self.runtime.as_deref()?.0.as_ref();
        runtime.map(Runtime::handle)
    }
}

/// A runtime that may be dropped within another one.
struct Owned(Option<Runtime>);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
