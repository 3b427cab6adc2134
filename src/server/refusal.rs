//! The response to a client when there are too many connections.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time,
};

use crate::http::request_log;

const MESSAGE: &str = "the server has too many connections: try again later";

/// Time that a client has to read the response.
const NOTICE: Duration = Duration::from_millis(500);

/// Tells a client to try again later, and closes the connection.
pub async fn tell(mut stream: TcpStream, address: SocketAddr) {
    // The request is not read, so the client's own request id is unknown.
    let id = request_log::new_id();
    tracing::info!(id, %address, "refused a connection: there are too many");
    let body = format!(
        r#"{{"errors":[{{"message":"{MESSAGE}","extensions":{{"code":"SERVICE_UNAVAILABLE"}}}}]}}"#
    );
    let response = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
         Cache-Control: no-store\r\nRetry-After: 1\r\nConnection: close\r\n\
         X-Request-Id: {id}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let told = async {
        stream.write_all(response.as_bytes()).await?;
        stream.shutdown().await?;
        // Closing a connection with unread data resets it, and the response is lost.
        let mut unread = [0; 4096];
        while stream.read(&mut unread).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    // The result is ignored, because the client need not read the response.
    time::timeout(NOTICE, told).await.ok();
}
