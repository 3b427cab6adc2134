//! The address of a listener, as people write it: `127.0.0.1:8000`, `localhost:8000`, `:8000`.

use std::{fmt, io, net::SocketAddr, str::FromStr};

use tokio::net::lookup_host;

/// A host, which may be a name, and a port.
#[derive(Clone, Debug)]
pub struct ListenAddress(String);

impl FromStr for ListenAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong =
            "must be a host and a port, like 127.0.0.1:8000, or :8000 for every IPv4 interface";
        let (host, port) = text.rsplit_once(':').ok_or(wrong)?;
        port.parse::<u16>().map_err(|_invalid| "the port must be a number from 0 to 65535")?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        let is_ipv6 = text.parse::<SocketAddr>().is_ok();
        if !is_ipv6 && !host.bytes().all(is_name) {
            return Err(wrong);
        }
        Ok(Self(text.to_owned()))
    }
}

impl ListenAddress {
    /// The socket addresses that it resolves to, at least one.
    pub async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        if let Some(port) = self.0.strip_prefix(':') {
            return Ok(lookup_host(format!("0.0.0.0:{port}")).await?.collect());
        }
        let found: Vec<SocketAddr> = lookup_host(&self.0).await?.collect();
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
        }
        Ok(found)
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
