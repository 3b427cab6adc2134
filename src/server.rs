//! Listening, serving, and stopping without leaving anyone unanswered.

use std::{io, net::SocketAddr, time::Duration};

use axum::http::HeaderValue;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use crate::http::{self, App};

/// How long requests that are under way may take when the server is told to stop: somewhat longer
/// than any request that came in whole.
const GRACE: Duration = http::TIMEOUT.saturating_add(Duration::from_secs(5));

/// A server that listens, but does not answer yet.
pub struct Server {
    listener: TcpListener,
    app: App,
    origins: Vec<HeaderValue>,
}

impl Server {
    /// Takes the address; with port 0, any that is free.
    pub async fn bind(
        address: SocketAddr,
        app: App,
        origins: Vec<HeaderValue>,
    ) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, app, origins })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until SIGINT or SIGTERM; what is under way then is still answered, but a client that
    /// never finishes what it sends does not keep the server from stopping.
    pub async fn run(self) -> io::Result<()> {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let (told, stopping) = oneshot::channel();
        let stop = async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("stopping: requests under way are still answered");
            told.send(()).ok();
        };
        let overdue = async move {
            stopping.await.ok();
            tokio::time::sleep(GRACE).await;
        };
        let router = http::router(self.app, self.origins);
        tokio::select! {
            served = axum::serve(self.listener, router).with_graceful_shutdown(stop) => served,
            () = overdue => {
                tracing::warn!("stopped: some clients did not finish their requests");
                Ok(())
            }
        }
    }
}
