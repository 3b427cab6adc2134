//! All connections of a listener: accepting them, limiting their number, and evicting idle ones.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::Router;
use hyper_util::{rt::TokioExecutor, server::conn::auto::Builder};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    activity::{Activity, Closed, Timeouts},
    connection, refusal,
};
use crate::http::metrics::Metrics;

/// Maximum number of concurrent connections that are being refused.
pub const REFUSALS_MAX: usize = 16;

/// Pause after `accept` fails, for example for lack of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    max: usize,
    timeouts: Timeouts,
    protocol: Builder<TokioExecutor>,
    open: Mutex<HashMap<u64, Arc<Activity>>>,
    next: AtomicU64,
    refusals: Arc<Semaphore>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    metrics: Metrics,
}

impl Connections {
    pub fn new(max: usize, timeouts: Timeouts, metrics: Metrics) -> Self {
        Self(Arc::new(Shared {
            max,
            timeouts,
            protocol: connection::protocol(),
            open: Mutex::default(),
            next: AtomicU64::new(0),
            refusals: Arc::new(Semaphore::new(REFUSALS_MAX)),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            metrics,
        }))
    }

    /// Accepts connections forever, and closes those that exceed a timeout.
    pub async fn accept(&self, listener: TcpListener, router: Router) {
        tokio::join!(self.accept_all(listener, router), self.watch());
    }

    async fn accept_all(&self, listener: TcpListener, router: Router) {
        let mut last_told = None;
        loop {
            match listener.accept().await {
                Ok(accepted) => self.admit(accepted, &router),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    let is_due = |last: Instant| last.elapsed() >= Duration::from_secs(1);
                    if last_told.is_none_or(is_due) {
                        last_told = Some(Instant::now());
                        let open = self.open().len();
                        tracing::error!(%error, open, "cannot accept connections");
                    }
                    self.evict();
                    time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, (stream, address): (TcpStream, SocketAddr), router: &Router) {
        // Disables buffering of small writes. A socket that does not support this is still served.
        stream.set_nodelay(true).ok();
        if self.open().len() >= self.0.max && !self.evict() {
            self.refuse(stream, address);
            return;
        }
        let (id, activity) =
            (self.0.next.fetch_add(1, Ordering::Relaxed), Arc::new(Activity::new()));
        self.open().insert(id, Arc::clone(&activity));
        self.0.metrics.connections_open.inc();
        let (this, router) = (self.clone(), router.clone());
        self.0.tasks.spawn(async move {
            let stopping = this.0.stopping.clone();
            let accepted = (stream, address);
            let ended = connection::serve(&this.0.protocol, accepted, router, activity, stopping);
            if let Some(reason) = ended.await {
                tracing::debug!(%address, reason = reason.name(), "closed a connection");
                this.0.metrics.connection_closed(reason.name());
            }
            this.open().remove(&id);
            this.0.metrics.connections_open.dec();
        });
    }

    /// Closes the connection that has been idle longest. Returns `false` if none is idle.
    fn evict(&self) -> bool {
        let mut open = self.open();
        let idle = open.iter().filter_map(|(id, it)| Some((it.idle_since()?, *id)));
        let Some((_, id)) = idle.min() else { return false };
        if let Some(activity) = open.remove(&id) {
            activity.close(Closed::Evicted);
        }
        true
    }

    fn refuse(&self, stream: TcpStream, address: SocketAddr) {
        self.0.metrics.connections_rejected.inc();
        // More refusals than this are dropped without a response, to save file descriptors.
        if let Ok(permit) = Arc::clone(&self.0.refusals).try_acquire_owned() {
            self.0.tasks.spawn(async move {
                refusal::tell(stream, address).await;
                drop(permit);
            });
        }
    }

    async fn watch(&self) {
        let timeouts = self.0.timeouts;
        let shortest =
            [timeouts.head, timeouts.idle, timeouts.write, timeouts.response].into_iter().min();
        let look = shortest.unwrap_or_default() / 4;
        let look = look.clamp(Duration::from_millis(10), Duration::from_millis(500));
        loop {
            time::sleep(look).await;
            let now = Instant::now();
            for activity in self.open().values() {
                if let Some(reason) = activity.overdue(now, &timeouts) {
                    activity.close(reason);
                }
            }
        }
    }

    /// Ends all connections: idle ones immediately, others when their requests are complete.
    pub async fn finish(&self) {
        self.0.stopping.cancel();
        self.0.tasks.close();
        tokio::select! {
            () = self.0.tasks.wait() => {}
            () = self.watch() => {}
        }
    }

    pub fn count(&self) -> usize {
        self.open().len()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Activity>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the error concerns only one connection, for example because its client disconnected
/// before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
