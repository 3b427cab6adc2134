//! The file of rejected rows, made when there is the first.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;

use super::{
    Problem,
    reader::{Header, Raw, Row},
};

/// The column that says why, so that the file can be mended and imported again as it is.
const REASON: &str = "reject.reason";

pub struct Rejects {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Rejects {
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Where rows were rejected to; `None` if there were none.
    pub fn written_to(&self) -> Option<&Path> {
        self.file.is_some().then_some(self.path.as_path())
    }

    /// Adds a row as it stood in its file: CSV with its header and a column that says why.
    pub fn add(
        &mut self,
        row: &Row,
        header: Option<&Header>,
        problems: &[Problem],
    ) -> anyhow::Result<()> {
        let context = || format!("--rejects ({})", self.path.display());
        let is_first = self.file.is_none();
        if is_first {
            self.file = Some(BufWriter::new(File::create(&self.path).with_context(context)?));
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        match &row.raw {
            Raw::Ndjson(line) => {
                file.write_all(line.trim_ascii_end()).with_context(context)?;
                file.write_all(b"\n").with_context(context)?;
            }
            Raw::Csv(record) => {
                let mut csv = csv::WriterBuilder::new().flexible(true).from_writer(&mut *file);
                let names = header.cloned().unwrap_or_default();
                // A file of rejected rows that is imported again has the reasons of the first time.
                let old_reasons = usize::from(names.iter().next_back() == Some(REASON.as_bytes()));
                let cells = record.iter().take(record.len().saturating_sub(old_reasons));
                if is_first {
                    let names = names.iter().take(names.len().saturating_sub(old_reasons));
                    csv.write_record(names.chain([REASON.as_bytes()])).with_context(context)?;
                }
                let reason = reason(problems);
                csv.write_record(cells.chain([reason.as_bytes()])).with_context(context)?;
                csv.flush().with_context(context)?;
            }
        }
        Ok(())
    }

    pub fn finish(&mut self) -> anyhow::Result<()> {
        let context = || format!("--rejects ({})", self.path.display());
        self.file.as_mut().map_or(Ok(()), BufWriter::flush).with_context(context)
    }
}

/// The problems of a row in one line.
pub fn reason(problems: &[Problem]) -> String {
    let one = |problem: &Problem| match &problem.column {
        Some(column) => format!("{column}: {}", problem.message),
        None => problem.message.clone(),
    };
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}
