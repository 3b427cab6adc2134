//! The client of a request: where it is, and whether it is still there.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{io::Interest, net::TcpStream, time};

/// How long a client that has closed its side is still taken to wait for its answer. One that has
/// sent its request may close its side and read on; one that has left looks the same.
const HALF_CLOSED: Duration = Duration::from_secs(2);

/// How often a connection is looked at whose client has sent more than was read.
const LOOK: Duration = Duration::from_millis(100);

/// An extension of each request that came in by a connection.
#[derive(Clone)]
pub struct Client {
    pub address: SocketAddr,
    pub gone: ClientGone,
}

/// Knows whether the client has left.
#[derive(Clone)]
pub struct ClientGone(Arc<TcpStream>);

impl Client {
    pub fn new(address: SocketAddr, stream: Arc<TcpStream>) -> Self {
        Self { address, gone: ClientGone(stream) }
    }

    /// Without the port, as IPv4 if it is an IPv4 address in the form of an IPv6 one.
    pub fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }
}

impl ClientGone {
    /// Returns when the client has reset the connection, or a while after it has closed its side.
    pub async fn gone(&self) {
        loop {
            match self.0.ready(Interest::READABLE | Interest::ERROR).await {
                Ok(ready) if ready.is_error() => return,
                Ok(ready) if ready.is_read_closed() => break,
                Ok(_) => time::sleep(LOOK).await,
                Err(_closed) => return,
            }
        }
        // A reset after the half-close shows as an error.
        time::timeout(HALF_CLOSED, self.0.ready(Interest::ERROR)).await.ok();
    }
}
