//! Reads rows. In both formats, a row becomes a JSON object of fields, with the problems that can
//! be found without the database.

mod csv;
mod ndjson;

use std::{fs::File, io::Read, sync::Arc};

use ::csv::ByteRecord;
use anyhow::bail;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

pub use self::csv::delimiter_of;
use super::{BATCH, Problem, input::Progress, match_key::MatchKey};
use crate::transfer::{Format, RowKind, Selection};

/// Maximum size of the rows in one transaction, in bytes, because rows of NDJSON can be long.
const BATCH_BYTES: usize = 4 << 20;

/// The options for reading a file.
#[derive(Clone, Debug)]
pub struct Options {
    pub format: Format,
    pub delimiter: u8,
    pub decimal_comma: bool,
    /// Whether the text was decoded, so that invalid characters have become replacement characters.
    pub is_decoded: bool,
    pub selection: Selection,
    pub match_key: MatchKey,
}

/// Rows of one kind, and the position of their end in the file.
pub struct Batch {
    pub rows: Vec<Row>,
    pub bytes: u64,
}

pub struct Row {
    /// The row's first line in the file, from 1.
    pub line: u64,
    pub kind: RowKind,
    /// The row's text in the file.
    pub raw: Raw,
    pub fields: Map<String, Value>,
    pub problems: Vec<Problem>,
}

impl Row {
    /// Whether the row could be parsed.
    pub fn is_readable(&self) -> bool {
        self.problems.iter().all(|problem| problem.column.is_some())
    }
}

/// A row's text in the file.
pub enum Raw {
    Csv {
        header: Arc<Header>,
        record: ByteRecord,
        /// The bytes in the file of a record that would differ if it was written again.
        text: Option<Vec<u8>>,
    },
    Ndjson(Vec<u8>),
    /// A line that is too long to keep in memory.
    LongLine(File),
}

impl Raw {
    fn bytes(&self) -> usize {
        match self {
            Self::Csv { record, .. } => record.as_slice().len(),
            Self::Ndjson(line) => line.len(),
            Self::LongLine(_) => 0,
        }
    }
}

/// The column names of a CSV file.
#[derive(Debug, Default)]
pub struct Header {
    /// The header's text in the file.
    pub record: ByteRecord,
    pub names: Vec<String>,
    pub delimiter: u8,
}

/// Detects the format from the first character: an object starts with a brace.
pub fn sniff(start: &[u8]) -> anyhow::Result<Format> {
    match start.trim_ascii_start().first() {
        Some(b'{') => Ok(Format::Ndjson),
        Some(b'[') => bail!("is a JSON array: write one object per line, without brackets"),
        _ => Ok(Format::Csv),
    }
}

/// Reads all rows and sends them in batches, until the end of the file or until the receiver is
/// dropped.
pub fn read(
    input: impl Read,
    options: &Options,
    progress: Progress,
    batches: mpsc::Sender<anyhow::Result<Batch>>,
) {
    let mut sender = Sender { batches, progress, rows: Vec::new(), bytes: 0 };
    let result = match options.format {
        Format::Csv => csv::read(input, options, &mut sender),
        Format::Ndjson => ndjson::read(input, options, &mut sender),
    };
    sender.flush();
    if let Err(error) = result {
        // Fails only if the receiver was dropped.
        sender.batches.blocking_send(Err(error)).ok();
    }
}

/// Collects rows into batches of one kind each.
struct Sender {
    batches: mpsc::Sender<anyhow::Result<Batch>>,
    progress: Progress,
    rows: Vec<Row>,
    bytes: usize,
}

impl Sender {
    /// Sends a row; returns whether the receiver still exists.
    fn send(&mut self, row: Row) -> bool {
        let is_other = self.rows.first().is_some_and(|first| first.kind != row.kind);
        if is_other && !self.flush() {
            return false;
        }
        self.bytes += row.raw.bytes();
        self.rows.push(row);
        self.rows.len() < BATCH && self.bytes < BATCH_BYTES || self.flush()
    }

    fn flush(&mut self) -> bool {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        let batch = Batch { rows, bytes: self.progress.bytes() };
        batch.rows.is_empty() || self.batches.blocking_send(Ok(batch)).is_ok()
    }
}
