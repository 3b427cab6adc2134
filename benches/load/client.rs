//! A client of HTTP/1.1 that costs little: it shares the processors with what it measures.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Stands in a request for a number of twelve digits, another one each time that it is sent.
pub const NUMBER: &str = "@@@@@@@@@@@@";

/// A request that can be sent as it is, but for its numbers.
pub struct Request {
    bytes: Vec<u8>,
    numbers: Vec<usize>,
}

impl Request {
    /// A request for a document. `headers` are lines, each with its end.
    pub fn new(headers: &str, document: &str, variables: &Value) -> Self {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: \
             application/json\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        let text = head + &body;
        let numbers = text.match_indices(NUMBER).map(|(place, _)| place).collect();
        Self { bytes: text.into_bytes(), numbers }
    }

    fn write(&self, number: usize, into: &mut Vec<u8>) {
        into.clear();
        into.extend_from_slice(&self.bytes);
        if self.numbers.is_empty() {
            return;
        }
        let digits = format!("{number:012}");
        for place in &self.numbers {
            into[*place..place + NUMBER.len()].copy_from_slice(digits.as_bytes());
        }
    }
}

/// The requests of a workload, in turn, and the number that the next one gets.
pub struct Requests {
    all: Vec<Request>,
    next: AtomicUsize,
}

impl Requests {
    pub fn new(all: Vec<Request>) -> Arc<Self> {
        Arc::new(Self { all, next: AtomicUsize::new(0) })
    }
}

/// How many numbers there have been, of all requests of this run: none is used twice.
static NUMBERS: AtomicUsize = AtomicUsize::new(1);

/// A connection that stays open.
pub struct Connection {
    stream: TcpStream,
    sent: Vec<u8>,
    received: Vec<u8>,
}

/// A response; its body is that many last bytes of what was received.
struct Response {
    status: u16,
    start: usize,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, sent: Vec::new(), received: Vec::with_capacity(1 << 16) })
    }

    /// The JSON of a response, which must have no errors.
    pub async fn ask(&mut self, request: &Request) -> anyhow::Result<Value> {
        let response = self.send(request).await?;
        let body = &self.received[response.start..];
        let text = String::from_utf8_lossy(body);
        ensure!(response.status == 200 && !is_refused(body), "{} {text}", response.status);
        serde_json::from_slice(body).with_context(|| text.into_owned())
    }

    async fn send(&mut self, request: &Request) -> anyhow::Result<Response> {
        request.write(NUMBERS.fetch_add(1, Relaxed), &mut self.sent);
        self.stream.write_all(&self.sent).await?;
        self.received.clear();
        let (status, start, end) = loop {
            self.read().await?;
            if let Some(found) = head(&self.received)? {
                break found;
            }
        };
        while self.received.len() < end {
            self.read().await?;
        }
        ensure!(self.received.len() == end, "more than one response");
        Ok(Response { status, start })
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let count = self.stream.read_buf(&mut self.received).await?;
        ensure!(count > 0, "the connection was closed");
        Ok(())
    }
}

/// The status, and where the body begins and ends; `None` before the head is complete.
fn head(received: &[u8]) -> anyhow::Result<Option<(u16, usize, usize)>> {
    let Some(length) = received.windows(4).position(|end| end == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = str::from_utf8(&received[..length])?;
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let (Some(status), Some(body)) = (status, body) else {
        bail!("a response without a status or a length: {text}");
    };
    let start = length + 4;
    Ok(Some((status, start, start + body)))
}

/// Whether a body has errors, or errors of the user.
fn is_refused(body: &[u8]) -> bool {
    str::from_utf8(body)
        .is_ok_and(|text| text.contains("\"errors\":[") || text.contains("\"userErrors\":[{"))
}

/// The outcome of requests that were sent for some time.
#[derive(Default)]
pub struct Run {
    pub requests: usize,
    /// Of all requests, or of some of them.
    pub latencies: Vec<Duration>,
    pub wrong: usize,
    pub elapsed: Duration,
    /// The first response that was wrong.
    pub reason: Option<String>,
}

/// Sends requests on so many connections for that time.
pub async fn run(
    address: SocketAddr,
    requests: &Arc<Requests>,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Run> {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let start = Instant::now();
    let tasks: Vec<_> = open
        .into_iter()
        .map(|connection| tokio::spawn(keep_sending(connection, requests.clone(), start + time)))
        .collect();
    let mut all = Run::default();
    for task in tasks {
        let run = task.await??;
        all.latencies.extend(run.latencies);
        all.wrong += run.wrong;
        all.reason = all.reason.or(run.reason);
    }
    all.requests = all.latencies.len();
    all.elapsed = start.elapsed();
    all.latencies.sort_unstable();
    Ok(all)
}

async fn keep_sending(
    mut connection: Connection,
    requests: Arc<Requests>,
    end: Instant,
) -> anyhow::Result<Run> {
    let mut run = Run::default();
    let mut now = Instant::now();
    while now < end {
        let place = requests.next.fetch_add(1, Relaxed) % requests.all.len();
        let response = connection.send(&requests.all[place]).await?;
        let done = Instant::now();
        run.latencies.push(done - now);
        now = done;
        let body = &connection.received[response.start..];
        if response.status != 200 || is_refused(body) {
            run.wrong += 1;
            let text = String::from_utf8_lossy(body);
            run.reason.get_or_insert_with(|| text.chars().take(300).collect());
        }
    }
    Ok(run)
}
