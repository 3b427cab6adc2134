//! Importing customers from a file: CSV, or NDJSON.
//!
//! A thread reads and parses batches of rows ([`reader`]); this side writes each batch in one
//! transaction ([`writer`]). A few batches are all that is in memory at any time.

mod fields;
pub mod lines;
mod parts;
pub mod reader;
pub mod rejects;
pub mod writer;

use tokio::sync::mpsc;

use self::{
    reader::{Batch, Row},
    writer::Importer,
};

/// Rows that are written in one transaction.
pub const BATCH: usize = 250;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
}

/// Why a row was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The column; `None` if it is the row as a whole.
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
}

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub failed: u64,
}

/// What is told while an import runs.
pub trait Report {
    /// So many bytes of the file were read, and their rows are done.
    fn progress(&mut self, bytes: u64, summary: &Summary);

    /// A row was not imported.
    fn reject(&mut self, row: &Row, problems: &[Problem]) -> anyhow::Result<()>;
}

/// Imports all batches; only a database that fails, or a report, ends it early.
pub async fn run(
    mut importer: Importer<'_>,
    mut batches: mpsc::Receiver<anyhow::Result<Batch>>,
    report: &mut (impl Report + Send),
) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    while let Some(batch) = batches.recv().await {
        let batch = batch?;
        let results = importer.write(&batch.rows).await?;
        for (row, result) in batch.rows.iter().zip(results) {
            match result {
                Ok(Outcome::Created) => summary.created += 1,
                Ok(Outcome::Updated) => summary.updated += 1,
                Ok(Outcome::Unchanged) => summary.unchanged += 1,
                Err(problems) => {
                    summary.failed += 1;
                    report.reject(row, &problems)?;
                }
            }
        }
        report.progress(batch.bytes, &summary);
    }
    if summary.created + summary.updated > 0 {
        // The rows are in, whatever comes of this.
        if let Err(error) = importer.analyze().await {
            tracing::warn!(
                cause = crate::db::describe(&error),
                "the database did not look at what was imported"
            );
        }
    }
    Ok(summary)
}
