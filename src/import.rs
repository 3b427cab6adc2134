//! Import from a file: customers from CSV or NDJSON, and everything that an export writes.
//!
//! A thread reads and parses batches of rows ([`reader`]); this side writes each batch of customers
//! in one transaction ([`writer`]). Only a few batches are in memory at any time.

pub mod attributes;
pub mod columns;
mod customers;
pub mod extras;
mod fields;
mod graph;
mod groups;
pub mod input;
mod lines;
pub mod lists;
pub mod match_key;
pub mod matching;
pub mod merges;
mod parts;
pub mod reader;
pub mod rejects;
mod result;
mod stored;
mod survivor;
pub mod writer;

use std::{collections::BTreeSet, convert::Infallible};

use tokio::sync::{mpsc, watch};

use self::{
    reader::{Batch, Row},
    writer::{Importer, Rules},
};
use crate::{
    auth::Writer,
    db::{self, Db},
};

/// Maximum number of rows that are written in one transaction.
pub const BATCH: usize = 250;

/// The result of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
}

/// A reason why a row was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The column; `None` for the whole row.
    pub column: Option<String>,
    pub message: String,
}

impl Problem {
    pub fn of_row(message: impl Into<String>) -> Self {
        Self { column: None, message: message.into() }
    }

    pub fn of_column(column: impl Into<String>, message: impl Into<String>) -> Self {
        Self { column: Some(column.into()), message: message.into() }
    }

    /// The same problem, with `prefix` prepended to the path of its column.
    #[must_use]
    fn within(self, prefix: &str) -> Self {
        Self { column: self.column.map(|column| format!("{prefix}{column}")), ..self }
    }
}

/// The numbers of rows by result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub failed: u64,
    /// The paths of created groups.
    pub new_groups: BTreeSet<String>,
}

impl Summary {
    pub fn rows(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.failed
    }
}

/// The reason why an import ended.
#[derive(Debug)]
pub enum End {
    Complete,
    /// It was interrupted.
    Stopped,
    /// More rows failed than permitted.
    TooManyErrors,
    Failed(anyhow::Error),
}

/// Receives reports while an import runs.
pub trait Report {
    /// The rows in this many bytes of the file have been processed.
    fn progress(&mut self, bytes: u64, summary: &Summary);

    /// A row was not imported.
    fn reject(&mut self, row: Row, problems: Vec<Problem>) -> anyhow::Result<()>;
}

/// Imports all batches. Stops early at an error that does not belong to a row, after more than
/// `max_errors` failed rows, or when `stop` is set: 1 stops after the batch in progress, and 2
/// abandons that batch. In every case, committed rows stay, and the summary counts them.
pub async fn run(
    mut importer: Importer<'_>,
    mut batches: mpsc::Receiver<anyhow::Result<Batch>>,
    report: &mut (impl Report + Send),
    max_errors: u64,
    mut stop: watch::Receiver<u32>,
) -> (Summary, End) {
    let mut summary = Summary::default();
    let mut now = stop.clone();
    let end = loop {
        let batch = tokio::select! {
            biased;
            Ok(_) = stop.wait_for(|count| *count >= 1) => break End::Stopped,
            batch = batches.recv() => match batch {
                None => break End::Complete,
                Some(Err(error)) => break End::Failed(error),
                Some(Ok(batch)) => batch,
            },
        };
        let results = tokio::select! {
            biased;
            // The future is boxed because it is large.
            results = Box::pin(importer.write(&batch.rows)) => match results {
                Ok(results) => results,
                Err(error) => break End::Failed(error.into()),
            },
            Ok(_) = now.wait_for(|count| *count >= 2) => break End::Stopped,
        };
        if let Err(error) = tell(batch.rows, results, &mut summary, report) {
            break End::Failed(error);
        }
        report.progress(batch.bytes, &summary);
        if summary.failed > max_errors {
            break End::TooManyErrors;
        }
    };
    if summary.created + summary.updated > 0 && !matches!(end, End::Stopped) {
        // The rows are committed even if this fails.
        if let Err(error) = importer.analyze().await {
            tracing::warn!(
                cause = db::describe(&error),
                "the database's statistics were not updated"
            );
        }
    }
    summary.new_groups = importer.into_new_groups();
    (summary, end)
}

/// A dry run of [`run`] in a single transaction that is rolled back at the end. So each row can refer to the rows
/// before it.
pub async fn dry_run(
    db: &Db,
    writer: Writer<'_>,
    rules: Rules,
    batches: mpsc::Receiver<anyhow::Result<Batch>>,
    report: &mut (impl Report + Send),
    max_errors: u64,
    stop: watch::Receiver<u32>,
) -> Result<(Summary, End), db::Error> {
    let mut lease = db.write().await?;
    let undone: Result<Infallible, RolledBack> = lease
        .conn()
        .transaction(async |tx| {
            tx.allow_pauses().await.map_err(RolledBack::Failed)?;
            let importer = Importer::in_dry_run(tx.reborrow(), writer, rules);
            let (summary, end) = run(importer, batches, report, max_errors, stop).await;
            Err(RolledBack::Ended(summary, end))
        })
        .await;
    match undone {
        Ok(never) => match never {},
        Err(RolledBack::Ended(summary, end)) => Ok((summary, end)),
        Err(RolledBack::Failed(error)) => Err(error),
    }
}

/// The reason for the rollback of a dry run.
enum RolledBack {
    Ended(Summary, End),
    Failed(db::Error),
}

impl From<diesel::result::Error> for RolledBack {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn tell(
    rows: Vec<Row>,
    results: Vec<result::RowResult>,
    summary: &mut Summary,
    report: &mut impl Report,
) -> anyhow::Result<()> {
    let mut told = Ok(());
    for (row, result) in rows.into_iter().zip(results) {
        match result {
            Ok(Outcome::Created) => summary.created += 1,
            Ok(Outcome::Updated) => summary.updated += 1,
            Ok(Outcome::Unchanged) => summary.unchanged += 1,
            Err(problems) => {
                summary.failed += 1;
                if told.is_ok() {
                    told = report.reject(row, problems);
                }
            }
        }
    }
    told
}
