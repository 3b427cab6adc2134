//! The server: listening, serving, and graceful shutdown.

mod activity;
mod connection;
mod connections;
mod descriptors;
mod operations;
mod refusal;
mod request_body;
mod settings;
mod socket;

use std::{io, net::SocketAddr, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    time,
};

use crate::{
    executor::Executor,
    http::{App, health},
};

use self::connections::Connections;
pub use self::{
    operations::Operations,
    settings::{ConnectionSettings, duration},
};

/// The outcome of a server's shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All requests were completed.
    Done,
    /// Some requests were not completed in time.
    Overdue,
    /// A second signal with this number stopped the server immediately.
    Forced(u8),
}

/// A server that is listening, but does not respond yet.
pub struct Server {
    listener: TcpListener,
    connections: Connections,
    app: App,
    shutdown_timeout: Duration,
}

impl Server {
    /// Creates a server for this listener.
    pub fn new(
        listener: TcpListener,
        app: App,
        settings: &ConnectionSettings,
        pool_size: usize,
    ) -> Self {
        let max = descriptors::connections(settings.max_connections, pool_size);
        let connections = Connections::new(max, settings.timeouts(), app.metrics.clone());
        Self { listener, connections, app, shutdown_timeout: settings.shutdown_timeout }
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until SIGINT or SIGTERM. Then it completes requests in progress within the time that
    /// the settings allow. A second signal stops the server immediately.
    pub async fn run(self, router: Router) -> io::Result<Stopped> {
        let mut signals = Signals::new()?;
        let Self { listener, connections, app, shutdown_timeout } = self;
        let refreshing = tokio::spawn(health::refresh(app.readiness.clone(), app.db.clone()));
        tokio::select! {
            () = connections.accept(listener, router) => {}
            _ = signals.next() => {}
        }
        app.readiness.drain();
        tracing::info!(
            connections = connections.count(),
            "stopping: completing the requests in progress"
        );
        let stopped = tokio::select! {
            () = finish(&connections, &app.executor) => Stopped::Done,
            () = time::sleep(shutdown_timeout) => {
                tracing::warn!("stopped: some requests were not completed in time");
                Stopped::Overdue
            }
            number = signals.next() => {
                tracing::warn!("stopped by a second signal");
                Stopped::Forced(number)
            }
        };
        refreshing.abort();
        Ok(stopped)
    }
}

/// Waits for all connections, and for mutations whose clients have disconnected.
async fn finish(connections: &Connections, executor: &Executor) {
    connections.finish().await;
    executor.idle().await;
}

/// The signals that stop a server.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self { interrupt: signal(interrupt)?, terminate: signal(terminate)? })
    }

    /// Waits for a signal and returns its number.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
        }
    }
}
