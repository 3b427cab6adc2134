//! Settings for connections, as options of `clientele serve`.

use std::time::Duration;

use clap::Args;

use super::activity::Timeouts;

/// Limits and timeouts of connections.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connections")]
pub struct ConnectionSettings {
    /// Maximum number of connections. It is reduced if the process's limit of open files is too
    /// low. A further connection replaces the one that has been idle longest.
    #[arg(
        long,
        env = "CLIENTELE_MAX_CONNECTIONS",
        default_value_t = 1000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
        value_name = "NUMBER"
    )]
    pub max_connections: u32,

    /// Time in which a client must send the head of a request.
    #[arg(long, env = "CLIENTELE_HEADER_TIMEOUT", default_value = "10s", value_parser = duration,
          value_name = "TIME")]
    pub header_timeout: Duration,

    /// Time that a connection is kept open between two requests.
    #[arg(long, env = "CLIENTELE_IDLE_TIMEOUT", default_value = "60s", value_parser = duration,
          value_name = "TIME")]
    pub idle_timeout: Duration,

    /// Time after which a client that reads none of its response is disconnected.
    #[arg(long, env = "CLIENTELE_WRITE_TIMEOUT", default_value = "10s", value_parser = duration,
          value_name = "TIME")]
    pub write_timeout: Duration,

    /// Time in which a client must read its whole response.
    #[arg(long, env = "CLIENTELE_RESPONSE_TIMEOUT", default_value = "60s", value_parser = duration,
          value_name = "TIME")]
    pub response_timeout: Duration,

    /// Time in which requests in progress must end after the server is told to stop.
    #[arg(long, env = "CLIENTELE_SHUTDOWN_TIMEOUT", default_value = "10s", value_parser = duration,
          value_name = "TIME")]
    pub shutdown_timeout: Duration,
}

impl ConnectionSettings {
    pub fn timeouts(&self) -> Timeouts {
        Timeouts {
            head: self.header_timeout,
            idle: self.idle_timeout,
            write: self.write_timeout,
            response: self.response_timeout,
        }
    }
}

/// Parses a duration, like `10s`, `500ms` or `1m`.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    let span = text.parse::<jiff::SignedDuration>().ok();
    let positive = span.filter(jiff::SignedDuration::is_positive);
    positive
        .and_then(|span| Duration::try_from(span).ok())
        .ok_or("must be a time above zero with its unit, like 10s, 500ms or 1m")
}
