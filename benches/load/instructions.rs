//! The instructions that a request takes, counted by callgrind. Unlike time, they are the same on a busy
//! machine.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use super::{
    cli::{CommonArgs, InstructionArgs},
    client::Connection,
    run,
    server::Filled,
    setup::Setup,
    verify,
    workloads::Workload,
};

const WORKLOADS: [Workload; 4] =
    [Workload::Point, Workload::Page1, Workload::List, Workload::Nested];
const CUSTOMERS: usize = 2_000;
/// Requests before anything is counted, for all that is made once.
const WARM_UP: usize = 20;
/// Requests that are counted at once, and how often: the least of them counts, for a thread that wakes
/// up by itself only adds to it.
const BATCH: usize = 10;
const BATCHES: usize = 3;
/// How much more than is written down is too much, in hundredths.
const TOLERANCE: u64 = 5;
/// The build that is measured. Figures of different builds have nothing in common.
const PROFILE: &str = if cfg!(debug_assertions) { "dev" } else { "release" };

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Figures {
    instructions: u64,
    statements: u64,
}

/// By profile, database and workload.
type Kept = BTreeMap<String, BTreeMap<String, BTreeMap<String, Figures>>>;

pub async fn count(common: &CommonArgs, args: &InstructionArgs) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.json");
    let mut kept: Kept =
        serde_json::from_str(&fs::read_to_string(&path).unwrap_or("{}".to_owned()))
            .with_context(|| path.display().to_string())?;
    let of_profile = kept.entry(PROFILE.to_owned()).or_default();
    let setup = Setup::new(common, CUSTOMERS, 1, false).await?;
    let mut grown = Vec::new();
    println!(
        "{:<12}{:<14}{:>14}{:>14}{:>9}  statements",
        PROFILE, "", "instructions", "kept", "change"
    );
    for filled in &setup.filled {
        let database = filled.database.name();
        let kept = of_profile.entry(database.to_owned()).or_default();
        for (workload, now) in measure(&setup, filled).await.context(database)? {
            let before = kept.insert(workload.name().to_owned(), now);
            if show(database, workload, now, before) && args.check {
                grown.push(format!("{} on {database}", workload.name()));
            }
            ensure!(
                before.is_some() || !args.check,
                "nothing is written down of it: --update does"
            );
        }
    }
    if args.update {
        fs::write(path, serde_json::to_string_pretty(&kept)? + "\n")?;
    }
    if !grown.is_empty() {
        bail!("a request takes more than it did: {}. If that is meant, --update", grown.join(", "));
    }
    Ok(())
}

/// Prints a line; returns whether the figures have grown too much.
fn show(database: &str, workload: Workload, now: Figures, before: Option<Figures>) -> bool {
    let Figures { instructions, statements } = now;
    let was = before.unwrap_or(now);
    let ratio = |part: u64, whole: u64| {
        let float = |number: u64| u32::try_from(number >> 4).map_or(f64::MAX, f64::from);
        float(part) / float(whole.max(16))
    };
    let change = 100.0 * (ratio(instructions, was.instructions) - 1.0);
    let has_grown = statements > was.statements
        || instructions > was.instructions + was.instructions * TOLERANCE / 100;
    let note = if has_grown { "  GROWN" } else { "" };
    println!(
        "{database:<12}{:<14}{instructions:>14}{:>14}{change:>8.1}%  {statements} ({}){note}",
        workload.name(),
        was.instructions,
        was.statements,
    );
    has_grown
}

/// A server that callgrind watches.
struct Watched {
    process: u32,
    output: PathBuf,
    dumps: usize,
}

async fn measure(setup: &Setup, filled: &Filled) -> anyhow::Result<Vec<(Workload, Figures)>> {
    let output = setup.folder().join("callgrind.out");
    let outer = [
        "valgrind",
        "--tool=callgrind",
        // Starting takes long when it is counted.
        "--instr-atstart=no",
        &format!("--callgrind-out-file={}", output.display()),
    ];
    let server = setup
        .clientele()
        .serve(filled, &outer.map(str::to_owned))
        .await
        .context("callgrind; Debian has it in the package valgrind")?;
    let order = verify::walk(&server, &setup.data).await?;
    let mut watched = Watched { process: server.process.id(), output, dumps: 0 };
    let mut statements = Vec::new();
    for workload in WORKLOADS {
        verify::clientele(&server, workload, &setup.data, &order).await?;
        statements.push(verify::statements(&server, workload, &setup.data, &order).await?);
    }
    watched.tell(&["instrumentation", "on"])?;
    let mut connection = Connection::open(server.address).await?;
    let mut found = Vec::new();
    for (workload, statements) in WORKLOADS.into_iter().zip(statements) {
        let requests = run::requests(workload, setup, &server, &order);
        for request in requests.iter().take(WARM_UP) {
            connection.ask(request).await?;
        }
        let mut least = u64::MAX;
        for _ in 0..BATCHES {
            watched.tell(&["zero"])?;
            for request in requests.iter().take(BATCH) {
                connection.ask(request).await?;
            }
            least = least.min(watched.count()?);
        }
        let instructions = least / u64::try_from(BATCH)?;
        found.push((workload, Figures { instructions, statements }));
    }
    Ok(found)
}

impl Watched {
    /// Gives callgrind a command.
    fn tell(&self, command: &[&str]) -> anyhow::Result<()> {
        let mut vgdb = Command::new("vgdb");
        vgdb.arg(format!("--pid={}", self.process)).args(command);
        let status = vgdb.stdout(Stdio::null()).stderr(Stdio::null()).status().context("vgdb")?;
        ensure!(status.success(), "vgdb {} failed", command.join(" "));
        Ok(())
    }

    /// The instructions since the last time, of all threads.
    fn count(&mut self) -> anyhow::Result<u64> {
        self.tell(&["dump"])?;
        self.dumps += 1;
        let path = self.output.with_extension(format!("out.{}", self.dumps));
        let dump = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let line = dump.lines().find_map(|line| line.strip_prefix("summary: "));
        let count = line.and_then(|text| text.trim().parse().ok());
        count.with_context(|| format!("{} has no summary", path.display()))
    }
}
