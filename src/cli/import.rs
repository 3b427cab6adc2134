//! `clientele import …`

mod args;

use std::{
    path::{Path, PathBuf},
    pin::pin,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, ensure};
use encoding_rs::UTF_8;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
    time::timeout,
};

pub use self::args::ImportArgs;
use super::{DatabaseArgs, clock, tenant_named, wrong_option};
use crate::{
    auth::Operator,
    db::{Db, WorkLock},
    import::{
        self, End, Problem, Report, Summary,
        input::{self, Input},
        match_key::MatchKey,
        reader::{self, Options, Raw, Row, delimiter_of},
        rejects::{Rejects, position_of, reason},
        writer::{Importer, Rules},
    },
    models::customer::CustomerKey,
    transfer::{Format, Selection, unpacked},
};

/// Maximum number of new groups that the summary lists.
const GROUPS_SHOWN: usize = 20;

/// Imports; the exit code is a failure if any row was rejected.
pub async fn run(database: &DatabaseArgs, args: ImportArgs) -> anyhow::Result<ExitCode> {
    if let Some(message) = args.conflict() {
        wrong_option("import", message);
    }
    let stop = watch_signals()?;
    let in_file = || shown(&args.file);
    let (file, size) = input::open(&args.file).with_context(in_file)?;
    let mut input = Input::new(file, &args.file, args.encoding).with_context(in_file)?;
    let options = args.options(&mut input).with_context(in_file)?;
    let path = args.rejects.clone().unwrap_or_else(|| default_rejects(&args.file, options.format));
    ensure!(
        !is_same_file(&path, &args.file),
        "--rejects ({}): this is the file that is imported",
        path.display()
    );
    let rejects =
        Rejects::create(path, options.format, options.is_decoded, args.overwrite_rejects)?;
    let db = database.open().await?;
    let tenant = tenant_named(&db, &args.tenant).await?;
    let _others_wait = if args.dry_run {
        None
    } else {
        Some(wait_for_other_imports(&db, tenant.id(), stop.clone()).await?)
    };
    let operator = Operator::new(tenant, "import", &clock());

    let rules = args.rules();
    let (sender, batches) = mpsc::channel(2);
    let (text, progress) = (input.text, input.progress);
    // Not awaited: when the import ends early, the reader may still be waiting for input.
    drop(tokio::task::spawn_blocking(move || reader::read(text, &options, progress, sender)));
    let mut report = Terminal { bar: progress_bar(size), rejects };
    let (writer, max_errors, told) = (operator.writer(), args.max_errors, stop.clone());
    // A row of customers never depends on another one, so their dry run rolls back batch by batch
    // and blocks other writers no longer than a batch takes.
    let ended = if args.dry_run && args.kind != Selection::Customers {
        Box::pin(import::dry_run(&db, writer, rules, batches, &mut report, max_errors, told))
            .await?
    } else {
        let importer = Importer::new(&db, writer, rules);
        import::run(importer, batches, &mut report, max_errors, told).await
    };
    report.bar.finish_and_clear();
    args.conclude(ended, report.rejects, *stop.borrow())
}

/// Waits until no other import writes for the tenant. On PostgreSQL, two that look for the same customers at the same time
/// would both create them.
async fn wait_for_other_imports(
    db: &Db,
    tenant: &str,
    mut stop: watch::Receiver<u32>,
) -> anyhow::Result<WorkLock> {
    let work = format!("import {tenant}");
    let mut lock = pin!(db.lock_work(&work));
    if let Ok(lock) = timeout(Duration::from_secs(1), &mut lock).await {
        return Ok(lock?);
    }
    eprintln!("Waiting for another import of {tenant} to end.");
    tokio::select! {
        lock = lock => Ok(lock?),
        _ = stop.wait_for(|count| *count >= 1) => anyhow::bail!("stopped before the import began"),
    }
}

impl ImportArgs {
    fn match_key(&self) -> MatchKey {
        match self.match_column {
            _ if self.create_only => MatchKey::CreateOnly,
            column => MatchKey::By(column.unwrap_or(CustomerKey::ExternalId)),
        }
    }

    fn rules(&self) -> Rules {
        Rules {
            dry_run: self.dry_run,
            match_key: self.match_key(),
            may_make_groups: !self.no_new_groups,
        }
    }

    /// The options for reading the file; guesses are reported.
    fn options(&self, input: &mut Input) -> anyhow::Result<Options> {
        if input.is_guess {
            let name = input.encoding.name();
            eprintln!(
                "The encoding of the file is assumed to be {name}; use --encoding to set it."
            );
        }
        let start = input.peek()?;
        let format = match self.format {
            Some(format) => format,
            None if start.is_empty() && self.kind != Selection::Customers => Format::Ndjson,
            None => reader::sniff(&start)?,
        };
        ensure!(
            format == Format::Ndjson || self.kind == Selection::Customers,
            "is not NDJSON: only customers can be imported from CSV"
        );
        let delimiter = self.delimiter.unwrap_or_else(|| delimiter_of(&start));
        if self.delimiter.is_none() && format == Format::Csv && delimiter != b',' {
            let name = if delimiter == b';' { "semicolons" } else { "tabs" };
            eprintln!("The cells are separated by {name}.");
        }
        Ok(Options {
            format,
            delimiter,
            decimal_comma: self.decimal_comma,
            is_decoded: input.encoding != UTF_8,
            selection: self.kind,
            match_key: self.match_key(),
        })
    }

    /// Reports the result of an import, including one that ended early.
    fn conclude(
        &self,
        (summary, end): (Summary, End),
        rejects: Rejects,
        signals: u32,
    ) -> anyhow::Result<ExitCode> {
        let rejects = rejects.finish();
        tell(&summary, self.dry_run);
        if let Some((rows, reasons)) = rejects? {
            let (rows, reasons) = (rows.display(), reasons.display());
            eprintln!("The rows that failed are in {rows}, and why in {reasons}.");
        }
        match end {
            End::Failed(error) => return Err(error.context(shown(&self.file))),
            End::TooManyErrors => {
                eprintln!("Stopped: more than {} rows failed (--max-errors).", self.max_errors);
            }
            End::Stopped => {
                if self.dry_run {
                    eprintln!("Stopped: the rest of the rows were not checked.");
                } else {
                    eprintln!("Stopped: the rows counted above were imported, the rest were not.");
                }
                let code = if signals >= TERMINATED { 143 } else { 130 };
                return Ok(ExitCode::from(code));
            }
            End::Complete if summary.rows() == 0 && !self.allow_empty => {
                anyhow::bail!(
                    "{}: there are no rows; use --allow-empty if that is intended",
                    shown(&self.file)
                );
            }
            End::Complete if summary.failed == 0 => return Ok(ExitCode::SUCCESS),
            End::Complete => {}
        }
        Ok(ExitCode::FAILURE)
    }
}

/// The weight of a SIGTERM in the sum of signals, to distinguish it from Ctrl-C.
const TERMINATED: u32 = 1_000;

/// Counts the signals that stop the import.
fn watch_signals() -> anyhow::Result<watch::Receiver<u32>> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for signals")?;
    let (sender, receiver) = watch::channel(0);
    tokio::spawn(async move {
        loop {
            let count = tokio::select! {
                _ = interrupt.recv() => 1,
                _ = terminate.recv() => TERMINATED,
            };
            sender.send_modify(|sum| *sum += count);
        }
    });
    Ok(receiver)
}

fn shown(path: &Path) -> String {
    format!("FILE ({})", path.display())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(one).is_some_and(|path| Some(path) == real(other))
}

fn default_rejects(file: &Path, format: Format) -> PathBuf {
    let extension = match format {
        Format::Csv => "csv",
        Format::Ndjson => "ndjson",
    };
    if file == Path::new("-") {
        return PathBuf::from(format!("import.rejects.{extension}"));
    }
    let unpacked = unpacked(file);
    let stem = unpacked.file_stem().unwrap_or_default();
    file.with_file_name(format!("{}.rejects.{extension}", stem.display()))
}

/// A progress bar. It is drawn only on a terminal.
fn progress_bar(size: Option<u64>) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (ProgressBar::new(size), "{bar:32} {percent:>3}%  {msg}  {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes}  {msg}"),
    };
    bar.with_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

struct Terminal {
    bar: ProgressBar,
    rejects: Rejects,
}

impl Report for Terminal {
    fn progress(&mut self, bytes: u64, summary: &Summary) {
        self.bar.set_message(format!("{} rows", summary.rows()));
        self.bar.set_position(bytes);
    }

    fn reject(&mut self, mut row: Row, mut problems: Vec<Problem>) -> anyhow::Result<()> {
        if let Raw::Csv { header, .. } = &row.raw {
            let position =
                |it: &Problem| it.column.as_ref().and_then(|name| position_of(header, name));
            problems.sort_by_key(position);
        }
        let line = format!("line {}: {}", row.line, reason(&problems));
        self.bar.suspend(|| eprintln!("{line}"));
        self.rejects.add(&mut row, &problems)
    }
}

fn tell(summary: &Summary, dry_run: bool) {
    let Summary { created, updated, unchanged, failed, new_groups } = summary;
    let note = if dry_run { " (dry run: nothing was written)" } else { "" };
    eprintln!("{created} created, {updated} updated, {unchanged} unchanged, {failed} failed{note}");
    if new_groups.is_empty() {
        return;
    }
    let shown: Vec<&str> = new_groups.iter().take(GROUPS_SHOWN).map(String::as_str).collect();
    let more = match new_groups.len().saturating_sub(GROUPS_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let plural = if new_groups.len() == 1 { "" } else { "s" };
    eprintln!("{} new group{plural}: {}{more}", new_groups.len(), shown.join("; "));
}
