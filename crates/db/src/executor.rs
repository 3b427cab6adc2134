//! The execution of requests on separate threads, so that a request that keeps a processor busy
//! never delays the threads that accept connections and report health.
//!
//! Whether a request is expensive shows only while it runs, so all of them run here. The hop costs
//! some microseconds, and no threshold has to be chosen.
//!
//! A call that blocks its thread (a statement of SQLite, by [`block`]) needs no further hop, because there is one
//! more thread for each such call that can run at the same time.

use std::{cell::Cell, future::poll_fn, io, sync::Arc, task::Poll, thread::available_parallelism};

use tokio::{
    runtime::{Builder, Handle, Runtime, RuntimeFlavor},
    task::{JoinHandle, block_in_place},
};
use tokio_util::task::TaskTracker;

/// Runs tasks and counts those in progress. Cheap to clone.
#[derive(Clone, Default)]
pub struct Executor {
    runtime: Option<Arc<Owned>>,
    tasks: TaskTracker,
}

impl Executor {
    /// Creates an executor with a thread for each processor but one, which is left to connections and the
    /// database, and one more for each of the calls that can block a thread at the same time. (With a
    /// thread for each of two processors, a request takes a tenth more CPU time, in threads that wake
    /// each other.) [`Executor::default`] uses the runtime of its caller.
    pub fn start(calls: usize) -> io::Result<Self> {
        let threads = available_parallelism()?.get().saturating_sub(1).max(1);
        let mut builder = Builder::new_multi_thread();
        builder.enable_all().thread_name("clientele-work").worker_threads(threads + calls);
        builder.on_thread_start(|| HAS_SPARES.set(true));
        // For connections that are opened, and for syncs of the disk. Tokio would start many more,
        // each with its own memory.
        builder.max_blocking_threads(calls + 4);
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

thread_local! {
    /// Whether this is a thread of an executor, which has others while this one is blocked.
    static HAS_SPARES: Cell<bool> = const { Cell::new(false) };
    /// Whether a task was woken that may wait for this thread.
    static HAS_WOKEN: Cell<bool> = const { Cell::new(false) };
}

/// Runs a call that may block the thread for long.
///
/// On another runtime, another thread must first take over the tasks of this one, which takes a hop. On an
/// executor, that is necessary only if this thread has woken a task, because Tokio keeps the last woken task
/// for the thread that woke it.
pub fn block<T>(call: impl FnOnce() -> T) -> T {
    if !must_hand_over() {
        return call();
    }
    // Boxed, so that handing over is compiled for each type of results, and not for each call.
    let call: Box<dyn FnOnce() -> T + '_> = Box::new(call);
    block_in_place(call)
}

/// Whether another thread must take over the tasks of this one before it blocks.
fn must_hand_over() -> bool {
    if HAS_SPARES.get() && !HAS_WOKEN.take() {
        return false;
    }
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    flavor.is_ok_and(|it| it == RuntimeFlavor::MultiThread)
}

/// Records that this thread may have woken a task. Call it wherever further calls of [`block`] can follow.
pub fn has_woken() {
    HAS_WOKEN.set(true);
}

/// Lets the task run that this thread has woken, if any, before more calls of [`block`] follow. This costs less than
/// handing over to another thread.
pub async fn let_woken_run() {
    if !HAS_SPARES.get() || !HAS_WOKEN.get() {
        return;
    }
    let mut is_second = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut is_second, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    // A thread runs the task that it has woken before any other one.
    HAS_WOKEN.set(false);
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
