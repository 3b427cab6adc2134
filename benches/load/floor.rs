//! The floor: what PostgreSQL alone needs for the same rows, asked by pgbench with the SQL in
//! `benches/floor`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, ensure};
use tokio_postgres::{NoTls, SimpleQueryMessage};

use super::{
    client::Run,
    postgres::{Postgres, RUN},
    truth::Order,
    workloads::{Subject, Workload},
};

/// Texts that searches are for; `search.sql` takes one of them.
const TERMS: usize = 64;

pub struct Floor {
    pgbench: PathBuf,
    port: String,
    url: String,
    folder: PathBuf,
    /// The input of scripts.
    variables: Vec<(&'static str, String)>,
}

impl Floor {
    pub async fn new(
        postgres: &Postgres,
        folder: &Path,
        customers: usize,
        searches: &[Subject],
    ) -> anyhow::Result<Self> {
        // Only some of the programs may be linked into a folder of the path.
        let server = postgres.binaries.join("postgres").canonicalize()?;
        let pgbench = server.with_file_name("pgbench");
        ensure!(
            pgbench.is_file(),
            "there is no pgbench beside PostgreSQL; --no-floor goes without"
        );
        postgres.execute(RUN, "CREATE SEQUENCE bench_numbers").await?;
        let terms = searches.iter().filter_map(|subject| match subject {
            Subject::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let terms = terms.take(TERMS).collect::<Vec<_>>().join(",");
        Ok(Self {
            pgbench,
            port: postgres.port.to_string(),
            url: postgres.url(RUN),
            folder: folder.to_owned(),
            variables: vec![
                ("customers", customers.to_string()),
                ("terms", format!("{{{terms}}}")),
            ],
        })
    }

    /// How many statements a script has.
    pub fn statements(workload: Workload) -> anyhow::Result<usize> {
        let script = fs::read_to_string(script(workload))?;
        Ok(script.lines().filter(|line| line.ends_with(';')).count())
    }

    /// Sends the SQL of a workload on so many connections for that time.
    pub fn run(
        &self,
        workload: Workload,
        connections: usize,
        time: Duration,
    ) -> anyhow::Result<Run> {
        let logs = self.folder.join("pgbench");
        fs::remove_dir_all(&logs).ok();
        fs::create_dir(&logs)?;
        let output = self.command(workload, connections, time, &logs).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pgbench: {errors}");
        let mut latencies = Vec::new();
        for file in fs::read_dir(&logs)? {
            latencies.extend(fs::read_to_string(file?.path())?.lines().filter_map(latency));
        }
        latencies.sort_unstable();
        let count = |before: &str| -> anyhow::Result<usize> {
            let number =
                after(&text, before).with_context(|| format!("pgbench says no {before}"))?;
            Ok(number.parse()?)
        };
        let requests = count("transactions actually processed: ")?;
        let wrong = count("number of failed transactions: ")?;
        let rate: f64 = after(&text, "tps = ").context("pgbench says no rate")?.parse()?;
        let elapsed = Duration::from_secs_f64(f64::from(u32::try_from(requests)?) / rate);
        let reason = (wrong > 0).then(|| errors.into_owned());
        Ok(Run { requests, latencies, wrong, elapsed, reason })
    }

    fn command(
        &self,
        workload: Workload,
        connections: usize,
        time: Duration,
        logs: &Path,
    ) -> Command {
        let mut command = Command::new(&self.pgbench);
        command.args(["--host=127.0.0.1", "--username=postgres", "--no-vacuum", "--jobs=1"]);
        // Each line of the log costs time that others need.
        command.args(["--protocol=prepared", "--log", "--sampling-rate=0.2", "--port", &self.port]);
        command.arg("--log-prefix").arg(logs.join("log"));
        command.args(["--client", &connections.to_string()]);
        command.args(["--time", &time.as_secs().max(1).to_string()]);
        for (name, value) in &self.variables {
            command.args(["--define", &format!("{name}={value}")]);
        }
        if workload == Workload::Mixed {
            for one in Workload::SINGLE {
                let file = format!("{}@{}", script(one).display(), one.weight());
                command.args(["--file", &file]);
            }
        } else {
            command.arg("--file").arg(script(workload));
        }
        command.arg(RUN);
        command
    }

    /// The texts that a script's statements return for a subject, one per line.
    pub async fn texts(
        &self,
        workload: Workload,
        subject: &Subject,
        order: &Order,
    ) -> anyhow::Result<String> {
        let mut given: HashMap<&str, String> = HashMap::new();
        given.extend(self.variables.iter().cloned());
        let numbers = match subject {
            Subject::Customer(number) | Subject::Group(number) | Subject::Profile(number) => {
                [*number, 0]
            }
            Subject::After(place) => [place.map_or(0, |place| order.customers[place]), 0],
            Subject::Groups(one, other) => [*one, *other],
            _ => [1, 0],
        };
        given.insert("n", numbers[0].to_string());
        given.insert("m", numbers[1].to_string());
        if let Subject::Text(text) = subject {
            given.insert("terms", format!("{{{text}}}"));
        }
        let statements = fill_in(&fs::read_to_string(script(workload))?, &given);
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        tokio::spawn(connection);
        let mut texts = String::new();
        for message in client.simple_query(&statements).await.with_context(|| statements.clone())? {
            if let SimpleQueryMessage::Row(row) = message {
                for column in 0..row.len() {
                    texts.push_str(row.get(column).unwrap_or_default());
                    texts.push('\n');
                }
            }
        }
        Ok(texts)
    }
}

fn script(workload: Workload) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/floor");
    folder.join(format!("{}.sql", workload.name()))
}

/// The statements of a script, with values for its variables.
fn fill_in(script: &str, given: &HashMap<&str, String>) -> String {
    let lines = script.lines().filter(|line| !line.starts_with('\\'));
    let statements = lines.collect::<Vec<_>>().join("\n");
    let mut pieces = statements.split(':');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let name =
            piece.split(|char: char| !char.is_ascii_alphanumeric()).next().unwrap_or_default();
        match given.get(name) {
            // `::type` is no variable.
            Some(value) if !filled.ends_with(':') => {
                filled.extend(["'", value, "'", piece.strip_prefix(name).unwrap_or_default()]);
            }
            _ => filled.extend([":", piece]),
        }
    }
    filled
}

/// The word after those words.
fn after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.split_once(words)?.1.split_whitespace().next()
}

/// That of a line of the log: the third field, in microseconds.
fn latency(line: &str) -> Option<Duration> {
    line.split(' ').nth(2)?.parse().ok().map(Duration::from_micros)
}
