//! Listening, serving, and stopping without leaving anyone unanswered.

use std::{io, net::SocketAddr};

use axum::http::HeaderValue;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::http::{self, App};

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

    /// Serves until SIGINT or SIGTERM; what is under way then is still answered.
    pub async fn run(self) -> io::Result<()> {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let stop = async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("stopping: requests under way are still answered");
        };
        let router = http::router(self.app, self.origins);
        axum::serve(self.listener, router).with_graceful_shutdown(stop).await
    }
}
