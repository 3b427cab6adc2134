//! `clientele import …`

use std::{
    fs::File,
    io::{BufReader, Read, stdin},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;

use super::{DatabaseArgs, boolish, clock, tenant_named};
use crate::{
    auth::Operator,
    import::{
        self, Problem, Report, Summary,
        reader::{self, Header, Row},
        rejects::{Rejects, reason},
        writer::Importer,
    },
};

#[derive(Subcommand)]
pub enum ImportCommand {
    /// Import customers from CSV (with a header of field names) or NDJSON (a `CustomerCreateInput`
    /// a line). A `customerGroup` is a path, like `All > Europe > Germany`: missing groups are
    /// made. A customer whose `externalId` is known is updated.
    Customers(CustomersArgs),
}

#[derive(Args)]
pub struct CustomersArgs {
    /// The file; `-` for standard input.
    #[arg(env = "CLIENTELE_IMPORT_FILE")]
    file: PathBuf,
    /// Whose customers.
    #[arg(long, env = "CLIENTELE_TENANT")]
    tenant: String,
    /// The format. Default: by the first character of the file.
    #[arg(long, env = "CLIENTELE_IMPORT_FORMAT")]
    format: Option<FormatArg>,
    /// Where rows go that cannot be imported. Default: FILE with `.rejected` before its extension.
    #[arg(long, env = "CLIENTELE_IMPORT_REJECTS", value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Check everything, write nothing. (An `externalId` that comes again much later in the file
    /// counts as created twice: nothing was written that could be updated.)
    #[arg(long, env = "CLIENTELE_IMPORT_DRY_RUN", value_parser = boolish())]
    dry_run: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Csv,
    Ndjson,
}

/// Imports; the exit code is a failure if any row was rejected.
pub async fn run(database: &DatabaseArgs, command: ImportCommand) -> anyhow::Result<ExitCode> {
    let ImportCommand::Customers(args) = command;
    let (input, size): (Box<dyn Read + Send>, Option<u64>) = open(&args.file)?;
    let db = database.open().await?;
    let tenant = tenant_named(&db, &args.tenant).await?;
    let operator = Operator::new(tenant, "import", &clock());

    let mut input = BufReader::with_capacity(1 << 16, input);
    let format = match args.format {
        Some(FormatArg::Csv) => reader::Format::Csv,
        Some(FormatArg::Ndjson) => reader::Format::Ndjson,
        None => reader::sniff(&mut input).with_context(|| shown(&args.file))?,
    };
    let rejects = args.rejects.unwrap_or_else(|| default_rejects(&args.file, format));
    ensure!(
        !is_same_file(&rejects, &args.file),
        "--rejects ({}): this is the file that is imported",
        rejects.display()
    );
    let rejects = Rejects::new(rejects);
    let header = Arc::new(OnceLock::new());
    let (sender, batches) = mpsc::channel(2);
    let reading = {
        let header = Arc::clone(&header);
        tokio::task::spawn_blocking(move || {
            let seen = |columns: &Header| {
                header.set(columns.clone()).ok();
            };
            reader::read(input, format, seen, &sender);
        })
    };
    let mut report = Terminal { bar: progress_bar(size), header, rejects };
    let importer = Importer::new(&db, operator.writer(), args.dry_run);
    let result = import::run(importer, batches, &mut report).await;
    report.bar.finish_and_clear();
    report.rejects.finish()?;
    let summary = result.with_context(|| shown(&args.file))?;
    reading.await.context("the thread that reads")?;
    tell(&summary, args.dry_run, report.rejects.written_to());
    Ok(if summary.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn open(path: &Path) -> anyhow::Result<(Box<dyn Read + Send>, Option<u64>)> {
    if path == Path::new("-") {
        return Ok((Box::new(stdin()), None));
    }
    let file = File::open(path).with_context(|| shown(path))?;
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|it| it.len());
    Ok((Box::new(file), size))
}

fn shown(path: &Path) -> String {
    format!("FILE ({})", path.display())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(one).is_some_and(|path| Some(path) == real(other))
}

fn default_rejects(file: &Path, format: reader::Format) -> PathBuf {
    let extension = match format {
        reader::Format::Csv => "csv",
        reader::Format::Ndjson => "ndjson",
    };
    match file.file_stem().filter(|_| file != Path::new("-")) {
        Some(stem) => file.with_file_name(format!("{}.rejected.{extension}", stem.display())),
        None => PathBuf::from(format!("import.rejected.{extension}")),
    }
}

/// A bar on a terminal; in a pipe it is not drawn.
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
    header: Arc<OnceLock<Header>>,
    rejects: Rejects,
}

impl Report for Terminal {
    fn progress(&mut self, bytes: u64, summary: &Summary) {
        let done = summary.created + summary.updated + summary.unchanged + summary.failed;
        self.bar.set_message(format!("{done} rows"));
        self.bar.set_position(bytes);
    }

    fn reject(&mut self, row: &Row, problems: &[Problem]) -> anyhow::Result<()> {
        let line = format!("line {}: {}", row.line, reason(problems));
        self.bar.suspend(|| eprintln!("{line}"));
        self.rejects.add(row, self.header.get(), problems)
    }
}

fn tell(summary: &Summary, dry_run: bool, rejects: Option<&Path>) {
    let Summary { created, updated, unchanged, failed } = summary;
    let note = if dry_run { " (dry run: nothing was written)" } else { "" };
    eprintln!("{created} created, {updated} updated, {unchanged} unchanged, {failed} failed{note}");
    if let Some(path) = rejects {
        eprintln!("The rows that failed are in {}.", path.display());
    }
}
