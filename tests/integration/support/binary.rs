//! The real binary: run to its end, or started to serve.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::JoinHandle,
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::database::Database;

/// Time that a test waits for the server before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The arguments of an import of customers for the tenant `acme`.
pub fn import<'a>(file: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    import_of("customers", file, options)
}

/// The arguments of an import of these kinds of rows for the tenant `acme`.
pub fn import_of<'a>(kind: &'a str, file: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [&["import", kind, file, "--tenant", "acme"], options].concat()
}

/// The rows as NDJSON.
pub fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect::<Vec<_>>().concat()
}

/// A working directory and a database for the binary, whose environment is otherwise empty.
pub struct Shell {
    folder: TempDir,
    url: String,
    environment: Vec<(String, String)>,
}

/// The result of a command.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A running command.
pub struct Running(Child);

impl Running {
    /// Sends SIGINT, like Ctrl-C.
    pub fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Sends more input.
    pub fn send(&mut self, input: impl AsRef<[u8]>) {
        self.0.stdin.as_mut().unwrap().write_all(input.as_ref()).unwrap();
    }

    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Waits until the command ends, which must not require the end of its input.
    pub fn finish(mut self) -> Outcome {
        let start = std::time::Instant::now();
        while self.0.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        Outcome::of(self.0.wait_with_output().unwrap())
    }
}

impl Shell {
    pub fn on(database: &Database) -> Self {
        Self::with_url(&database.url)
    }

    pub fn with_url(url: &str) -> Self {
        let folder = TempDir::with_prefix("clientele-shell-").unwrap();
        Self { folder, url: url.to_owned(), environment: Vec::new() }
    }

    /// Sets an environment variable for all later commands.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        let content = std::fs::read_to_string(self.path(name));
        content.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("DATABASE_URL", &self.url);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    /// Starts a command with an input that does not end.
    pub fn start_with_input(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Running {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(input.as_ref()).unwrap();
        Running(child)
    }

    pub fn run_with_input(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Outcome {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // A command that does not need all of the input may have ended already.
        child.stdin.take().unwrap().write_all(input.as_ref()).ok();
        Outcome::of(child.wait_with_output().unwrap())
    }

    /// Runs a command with a closed output pipe. Returns its exit code and its standard error.
    pub fn run_unread(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut child = self.command(arguments).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// Runs a command that must succeed. Returns its peak memory in KiB, sampled periodically.
    pub fn peak_memory(&self, arguments: &[&str]) -> u64 {
        let mut child = self.command(arguments).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            let status = std::fs::read_to_string(&status).unwrap_or_default();
            let high_water = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = high_water.and_then(|text| text.trim().strip_suffix(" kB"));
            peak = kib.and_then(|kib| kib.parse().ok()).unwrap_or(peak);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let outcome = Outcome::of(child.wait_with_output().unwrap());
        assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.stderr);
        peak
    }

    /// Runs a command that must succeed. Returns its standard output without the final line break.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let outcome = self.run(arguments);
        assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.stderr);
        outcome.stdout.trim_end().to_owned()
    }

    /// Runs commands and returns their results, without parts that differ from run to run.
    pub fn transcript(&self, commands: &[&[&str]]) -> String {
        let mut text = String::new();
        for arguments in commands {
            self.show(&mut text, arguments, &self.run(arguments));
        }
        text
    }

    /// Like [`Shell::transcript`], for one command with an input.
    pub fn transcript_with_input(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> String {
        let mut text = String::new();
        self.show(&mut text, arguments, &self.run_with_input(arguments, input));
        text
    }

    fn show(&self, text: &mut String, arguments: &[&str], outcome: &Outcome) {
        let code = outcome.code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        let stdout = outcome.stdout.lines().map(|line| format!("{line}\n"));
        let stderr = outcome.stderr.lines().map(|line| format!("! {line}\n"));
        let output: String = stdout.chain(stderr).collect();
        writeln!(text, "$ {}\n{output}= {code}\n", arguments.join(" ")).unwrap();
        *text = redact(&text.replace(&self.url, "DATABASE").replace(&self.shown_url(), "DATABASE"));
        *text = text.replace(&self.folder.path().display().to_string(), "FOLDER");
    }

    /// The database's URL as shown in messages.
    fn shown_url(&self) -> String {
        self.url.parse().map_or_else(
            |_invalid| self.url.clone(),
            |url: clientele::db::url::DatabaseUrl| url.to_string(),
        )
    }

    /// Starts a server on a free port.
    pub async fn serve(&self, arguments: &[&str]) -> Server {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        self.start(&arguments).await
    }

    /// Like [`Shell::serve`], with a limit on open files.
    pub async fn serve_with_files(&self, files: u32, arguments: &[&str]) -> Server {
        self.serve_within(
            &["sh", "-c", &format!(r#"ulimit -n {files}; exec "$@""#), "sh"],
            arguments,
        )
    }

    /// Like [`Shell::serve`], started by a wrapper program, which takes the command as its last arguments.
    pub fn serve_within(&self, outer: &[&str], arguments: &[&str]) -> Server {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let inner = self.command(&arguments);
        let mut command = Command::new(outer[0]);
        command.args(&outer[1..]).arg(inner.get_program()).args(inner.get_args());
        command.current_dir(self.folder.path()).env_clear().env("DATABASE_URL", &self.url);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Server::start(command)
    }

    /// Starts a command that serves, and waits until it is healthy.
    pub async fn start(&self, arguments: &[&str]) -> Server {
        let server = Server::start(self.command(arguments));
        let health = server.client.get(format!("{}/health", server.url)).send().await.unwrap();
        assert_eq!(health.status(), StatusCode::OK);
        server
    }
}

impl Outcome {
    fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Replaces long hexadecimal numbers by `HEX` and timestamps by `TIME`. Their width is the same in each run.
fn redact(text: &str) -> String {
    let is_hex = |char: char| matches!(char, '0'..='9' | 'a'..='f');
    let (mut redacted, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(is_hex).len();
        let (placeholder, length) = if digits >= 32 {
            (Some("HEX"), digits)
        } else if rest.get(..27).is_some_and(is_time) {
            (Some("TIME"), 27)
        } else {
            (None, first.len_utf8())
        };
        let (seen, after) = rest.split_at(length);
        redacted.push_str(placeholder.unwrap_or(seen));
        rest = after;
    }
    redacted
}

fn is_time(text: &str) -> bool {
    let zeros: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    zeros == "0000-00-00T00:00:00.000000Z"
}

/// A running server. It is killed when dropped.
pub struct Server {
    child: Child,
    stderr: Arc<Lines>,
    reader: Option<JoinHandle<()>>,
    client: reqwest::Client,
    /// The URL from the server's output: `http://127.0.0.1:PORT`.
    pub url: String,
}

/// The server's output so far, and whether it is complete.
#[derive(Default)]
struct Lines {
    so_far: Mutex<(Vec<String>, bool)>,
    more: Condvar,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let (stderr, lines) = (child.stderr.take().unwrap(), Arc::new(Lines::default()));
        let reader = {
            let lines = Arc::clone(&lines);
            std::thread::spawn(move || lines.fill(stderr))
        };
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let reader = Some(reader);
        let mut server = Self { child, stderr: lines, reader, client, url: String::new() };
        let line = server.wait_for("API:");
        let url = line.trim_start_matches("API:").trim().trim_end_matches("/graphql");
        url.clone_into(&mut server.url);
        server
    }

    /// Waits until this many lines of standard error match. Returns these lines.
    pub fn wait_for_lines(&self, count: usize, matches: impl Fn(&str) -> bool) -> Vec<String> {
        let found = |lines: &[String]| -> Vec<String> {
            lines.iter().filter(|line| matches(line)).cloned().collect()
        };
        let so_far = self.stderr.so_far.lock().unwrap();
        let is_open =
            |(lines, ended): &mut (Vec<String>, bool)| !*ended && found(lines).len() < count;
        let (so_far, _) = self.stderr.more.wait_timeout_while(so_far, PATIENCE, is_open).unwrap();
        found(&so_far.0)
    }

    /// Waits for a line with this text on standard error. Returns the line.
    pub fn wait_for(&self, text: &str) -> String {
        let find = |lines: &[String]| lines.iter().find(|line| line.contains(text)).cloned();
        let so_far = self.stderr.so_far.lock().unwrap();
        let is_open = |(lines, ended): &mut (Vec<String>, bool)| !*ended && find(lines).is_none();
        let (so_far, _) = self.stderr.more.wait_timeout_while(so_far, PATIENCE, is_open).unwrap();
        find(&so_far.0).unwrap_or_else(|| panic!("no {text:?} in {:#?}", so_far.0))
    }

    /// The address of the API.
    pub fn address(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// The address of the listener for operators, which the server must have been started with.
    pub fn operations(&self) -> SocketAddr {
        let line = self.wait_for("Metrics:");
        let url = line.trim_start_matches("Metrics:").trim().trim_end_matches("/metrics");
        url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// The response to a request, and its status.
    pub async fn query(&self, key: &str, query: &str) -> (u16, Value) {
        let request = self.client.post(format!("{}/graphql", self.url)).bearer_auth(key);
        let response = request.json(&json!({ "query": query })).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The response to an operation, with its cost.
    pub async fn operation(&self, key: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}/graphql", self.url)).bearer_auth(key);
        let response = request.header("Clientele-Cost", "1").json(body).send().await.unwrap();
        response.json().await.unwrap()
    }

    /// The status and the length in bytes of a response as `application/graphql-response+json`.
    pub async fn post_for_length(&self, key: &str, body: Vec<u8>) -> (u16, usize) {
        let request = self.client.post(format!("{}/graphql", self.url)).bearer_auth(key);
        let request = request.header("content-type", "application/json").body(body);
        let request = request.header("accept", "application/graphql-response+json");
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap().len())
    }

    /// The status and the body of the response; `None` if the connection ended before.
    pub async fn post(&self, key: &str, body: Vec<u8>) -> Option<(u16, Value)> {
        let request = self.client.post(format!("{}/graphql", self.url)).bearer_auth(key);
        let request = request.header("content-type", "application/json").body(body);
        let response = request.send().await.ok()?;
        Some((response.status().as_u16(), response.json().await.unwrap()))
    }

    /// The resident memory of the process, in KiB.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The peak resident memory of the process since [`Self::forget_peak`], in KiB.
    pub fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    pub fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|text| text.trim().strip_suffix(" kB"));
        kib.and_then(|kib| kib.parse().ok()).unwrap()
    }

    /// Sends a signal by name, like `TERM`.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits until the server has exited. Returns its exit code and its standard error.
    pub fn wait(mut self) -> (Option<i32>, String) {
        self.reader.take().unwrap().join().unwrap();
        let code = self.child.wait().unwrap().code();
        (code, self.stderr.so_far.lock().unwrap().0.join("\n"))
    }

    /// Stops the server gracefully and waits until it has exited.
    pub fn stop(self) -> String {
        self.signal("TERM");
        let (code, stderr) = self.wait();
        assert_eq!(code, Some(0), "{stderr}");
        stderr
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails if the server has exited already, which can be ignored.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Lines {
    fn fill(&self, input: impl Read) {
        for line in BufReader::new(input).lines() {
            self.so_far.lock().unwrap().0.push(line.unwrap());
            self.more.notify_all();
        }
        self.so_far.lock().unwrap().1 = true;
        self.more.notify_all();
    }
}

/// The path of a file in `tests/data`.
pub fn data_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}
