//! The result, as a table.

use std::{
    collections::HashMap, fmt::Write as _, fs, path::Path, process::Command, time::Duration,
};

use anyhow::Context;

use super::{
    cli::LoadArgs, client::Run, measure::machine, run::System, setup::Setup, workloads::Workload,
};

/// Markers around the result in a file.
const MARKERS: (&str, &str) = ("<!-- result -->\n", "<!-- end of the result -->\n");

/// One system under one workload for some time.
pub struct Sample {
    requests: u32,
    pub wrong: usize,
    pub reason: Option<String>,
    elapsed: Duration,
    p50: Duration,
    p99: Duration,
    server: Duration,
    database: Duration,
    /// The most memory of the server, in KiB.
    memory: Option<u32>,
}

/// All samples of one system, one workload and one number of connections.
pub struct Cell {
    pub workload: Workload,
    pub connections: usize,
    pub system: System,
    pub samples: Vec<Sample>,
}

pub struct Report<'a> {
    pub cells: Vec<Cell>,
    pub statements: HashMap<(System, Workload), u64>,
    pub setup: &'a Setup,
    pub args: &'a LoadArgs,
}

impl Sample {
    pub fn new(run: Run, server: Duration, database: Duration, memory: Option<u32>) -> Self {
        let at = |hundredth: usize| {
            let place = run.latencies.len() * hundredth / 100;
            run.latencies.get(place).copied().unwrap_or_default()
        };
        Self {
            requests: u32::try_from(run.requests).unwrap_or(u32::MAX),
            p50: at(50),
            p99: at(99),
            wrong: run.wrong,
            reason: run.reason,
            elapsed: run.elapsed,
            server,
            database,
            memory,
        }
    }
}

impl System {
    const fn name(self) -> &'static str {
        use super::server::Database::{Postgres, Sqlite};
        match self {
            Self::Clientele(Sqlite) => "Clientele, SQLite",
            Self::Clientele(Postgres) => "Clientele, PostgreSQL",
            Self::Floor => "pgbench",
            Self::Peer => "PostGraphile",
        }
    }
}

impl Cell {
    fn requests(&self) -> u32 {
        self.samples.iter().map(|sample| sample.requests).sum::<u32>().max(1)
    }

    fn rate(&self) -> f64 {
        let elapsed: Duration = self.samples.iter().map(|sample| sample.elapsed).sum();
        f64::from(self.requests()) / elapsed.as_secs_f64().max(f64::EPSILON)
    }

    /// The mean of something over the samples, in milliseconds.
    fn mean(&self, of: impl Fn(&Sample) -> Duration) -> f64 {
        let count = u32::try_from(self.samples.len()).unwrap_or(1).max(1);
        self.samples.iter().map(of).sum::<Duration>().as_secs_f64() * 1e3 / f64::from(count)
    }

    /// The share of a request in a processor time, in microseconds.
    fn per_request(&self, of: impl Fn(&Sample) -> Duration) -> f64 {
        let used: Duration = self.samples.iter().map(of).sum();
        used.as_secs_f64() * 1e6 / f64::from(self.requests())
    }

    fn memory(&self) -> Option<u32> {
        self.samples.iter().filter_map(|sample| sample.memory).max()
    }

    pub fn progress(&self) -> String {
        let (workload, system) = (self.workload.name(), self.system.name());
        let wrong: usize = self.samples.iter().map(|sample| sample.wrong).sum();
        let note = if wrong > 0 { format!("  {wrong} WRONG") } else { String::new() };
        let connections = self.connections;
        format!("{workload:<12}{connections:>3}  {system:<22}{:>8.0}/s{note}", self.rate())
    }
}

/// Writes a result into a file, between its markers.
pub fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let in_file = || path.display().to_string();
    let old = fs::read_to_string(path).with_context(in_file)?;
    let (before, rest) = old.split_once(MARKERS.0).context("it has no markers")?;
    let (_, after) = rest.split_once(MARKERS.1).context("it has no second marker")?;
    let new = [before, MARKERS.0, "\n", text, "\n", MARKERS.1, after].concat();
    fs::write(path, new).with_context(in_file)
}

impl Report<'_> {
    pub fn text(&self) -> anyhow::Result<String> {
        let mut text = self.conditions();
        text.push_str(
            "\n| workload | connections | system | requests/s | p50 ms | p99 ms | CPU of the server, µs | CPU \
             of the database, µs | statements | memory, MiB | of pgbench | of PostGraphile |\n\
             |---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        for cell in &self.cells {
            self.line(&mut text, cell)?;
        }
        Ok(text)
    }

    fn conditions(&self) -> String {
        let said = |program: &Path, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output().ok();
            let text = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
            text.unwrap_or_default()
        };
        let date = said("date".as_ref(), &["-u", "+%Y-%m-%d"]);
        let mut version = said(&self.setup.binary, &["--version"]);
        // Nobody knows which commit another binary is of.
        if self.setup.binary == Path::new(env!("CARGO_BIN_EXE_clientele")) {
            let commit = said("git".as_ref(), &["rev-parse", "--short", "HEAD"]);
            write!(version, " (commit {commit})").ok();
        }
        let postgres = self.setup.postgres.as_ref().map(|postgres| {
            let server = said(&postgres.binaries.join("postgres"), &["--version"]);
            format!(", {}", server.replace("postgres (PostgreSQL)", "PostgreSQL"))
        });
        format!(
            "{date}, {version}{} on {}. {} customers in {} groups; {} rounds of {} \
             seconds.\n",
            postgres.unwrap_or_default(),
            machine(),
            self.setup.data.customers.len(),
            self.setup.data.groups.len(),
            self.args.rounds,
            self.args.time().as_secs(),
        )
    }

    fn line(&self, text: &mut String, cell: &Cell) -> std::fmt::Result {
        let beside = |system: System| {
            let same = |other: &&Cell| {
                (other.system, other.workload, other.connections)
                    == (system, cell.workload, cell.connections)
            };
            let other = self.cells.iter().find(same).filter(|_| cell.system != system);
            other.map(|other| format!("{:.2}", cell.rate() / other.rate())).unwrap_or_default()
        };
        let count = self.statements.get(&(cell.system, cell.workload));
        let sqlite = System::Clientele(super::server::Database::Sqlite);
        let database = (cell.system != sqlite)
            .then(|| format!("{:.0}", cell.per_request(|sample| sample.database)));
        let server = (cell.system != System::Floor)
            .then(|| format!("{:.0}", cell.per_request(|sample| sample.server)));
        writeln!(
            text,
            "| {} | {} | {} | {:.0} | {:.2} | {:.2} | {} | {} | {} | {} | {} | {} |",
            cell.workload.name(),
            cell.connections,
            cell.system.name(),
            cell.rate(),
            cell.mean(|sample| sample.p50),
            cell.mean(|sample| sample.p99),
            server.unwrap_or_default(),
            database.unwrap_or_default(),
            count.map(u64::to_string).unwrap_or_default(),
            cell.memory().map(|kib| (kib >> 10).to_string()).unwrap_or_default(),
            beside(System::Floor),
            beside(System::Peer),
        )
    }
}
