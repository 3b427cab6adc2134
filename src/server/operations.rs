//! The listener for operators: `/metrics`, `/health` and `/ready`. It has its own thread, so that
//! it responds even if the rest of the process is busy.

use std::{io, net::SocketAddr, thread, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, runtime::Builder};

use super::{activity::Timeouts, connections::Connections};
use crate::http::metrics::Metrics;

/// Maximum number of connections to this listener.
const CONNECTIONS_MAX: usize = 16;

const TIMEOUTS: Timeouts = Timeouts {
    head: Duration::from_secs(5),
    idle: Duration::from_secs(60),
    write: Duration::from_secs(5),
    response: Duration::from_secs(10),
};

/// A bound listener that does not respond yet.
pub struct Operations(std::net::TcpListener);

impl Operations {
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Starts serving; it serves until the process ends.
    pub fn start(self, router: Router) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        // Its connections are not counted in the server's metrics.
        let connections = Connections::new(CONNECTIONS_MAX, TIMEOUTS, Metrics::default());
        thread::Builder::new().name("clientele-ops".to_owned()).spawn(move || {
            runtime.block_on(async {
                match TcpListener::from_std(self.0) {
                    Ok(listener) => connections.accept(listener, router).await,
                    Err(error) => tracing::error!(%error, "--metrics-listen"),
                }
            });
        })?;
        Ok(())
    }
}
