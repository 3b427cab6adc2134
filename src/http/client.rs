//! The client of a request: its address, and whether it is still connected.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{io::Interest, net::TcpStream, time};

/// Time for which a client that has closed its side of the connection is assumed to wait for its
/// response. A client may half-close the connection after its request and still read the response;
/// one that has left looks the same.
const HALF_CLOSED: Duration = Duration::from_secs(2);

/// Interval at which a connection with unread data is checked. Such a connection is always ready,
/// so waiting for readiness would be a busy loop.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// The client of a request: an extension of each request that came over a connection.
#[derive(Clone)]
pub struct Client {
    pub address: SocketAddr,
    pub gone: ClientGone,
}

/// Detects that the client has left.
#[derive(Clone)]
pub struct ClientGone(Arc<TcpStream>);

impl Client {
    pub fn new(address: SocketAddr, stream: Arc<TcpStream>) -> Self {
        Self { address, gone: ClientGone(stream) }
    }

    /// The client's address without the port. IPv4-mapped IPv6 addresses become IPv4 addresses.
    pub fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }
}

impl ClientGone {
    /// Resolves when the client has reset the connection, or some time after it has closed its
    /// side.
    pub async fn gone(&self) {
        loop {
            match self.0.ready(Interest::READABLE | Interest::ERROR).await {
                Ok(ready) if ready.is_error() => return,
                Ok(ready) if ready.is_read_closed() => break,
                Ok(_) => time::sleep(CHECK_INTERVAL).await,
                Err(_closed) => return,
            }
        }
        // A reset after the half-close is reported as an error.
        time::timeout(HALF_CLOSED, self.0.ready(Interest::ERROR)).await.ok();
    }
}
