//! The file of rejected rows, which can be corrected and imported again, and a second file with the
//! reasons.
//!
//! Both are written to temporary files, which replace the final ones when the import ends. Files of
//! an earlier run are replaced only if they have not been changed since, even if this run rejects
//! nothing, so that corrected rows are not lost. To detect changes, the last line of the second
//! file contains a digest of both files.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{
    Problem,
    reader::{Header, Raw, Row},
};
use crate::transfer::{Format, temporary_beside};

/// Maximum length of the value that is shown beside a reason, in characters.
const VALUE_MAX: usize = 500;

/// Prefix of the digest, which the last line of the reasons contains in place of a value.
const DIGEST: &str = "sha256:";

/// The writer of rejected rows.
pub struct Rejects {
    rows: Output,
    reasons: Output,
    /// Whether the input was decoded from another encoding. These files are then UTF-8 with a byte
    /// order mark.
    is_decoded: bool,
    count: u64,
}

/// A file that is renamed into place when it is complete.
struct Output {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Rejects {
    /// Creates both files up front, so that a failure is known before the first row.
    pub fn create(
        path: PathBuf,
        format: Format,
        is_decoded: bool,
        overwrite: bool,
    ) -> anyhow::Result<Self> {
        let reasons = reasons_beside(&path, format);
        if !overwrite {
            check_unchanged(&path, &reasons)?;
        }
        Ok(Self {
            rows: Output::create(path)?,
            reasons: Output::create(reasons)?,
            is_decoded,
            count: 0,
        })
    }

    /// Adds a row with its original text and the reasons.
    pub fn add(&mut self, row: &mut Row, problems: &[Problem]) -> anyhow::Result<()> {
        if self.count == 0 {
            self.begin(row)?;
        }
        self.count += 1;
        self.rows.write(|file| match &mut row.raw {
            Raw::Csv { header, record, text: None } => {
                write_record(file, header.delimiter, record.iter())
            }
            Raw::Csv { text: Some(text), .. } => {
                file.write_all(text)?;
                Ok(file.write_all(b"\n")?)
            }
            Raw::Ndjson(line) => {
                file.write_all(line.trim_ascii_end())?;
                Ok(file.write_all(b"\n")?)
            }
            Raw::LongLine(line) => {
                io::copy(line, file)?;
                Ok(())
            }
        })?;
        for problem in problems {
            let value: String = value_of(row, problem).chars().take(VALUE_MAX).collect();
            let column = problem.column.as_deref().unwrap_or_default();
            let line = row.line.to_string();
            let reason = [line.as_str(), column, &value, &problem.message];
            self.reasons.write(|file| write_record(file, b',', reason))?;
        }
        Ok(())
    }

    fn begin(&mut self, row: &Row) -> anyhow::Result<()> {
        let mark = if self.is_decoded { "\u{feff}" } else { "" };
        self.rows.write(|file| {
            file.write_all(mark.as_bytes())?;
            if let Raw::Csv { header, .. } = &row.raw {
                write_record(file, header.delimiter, &header.record)?;
            }
            Ok(())
        })?;
        let names = ["line", "column", "value", "reason"];
        self.reasons.write(|file| write_record(file, b',', names))
    }

    /// Renames both files into place; returns their paths, or `None` if they are empty.
    pub fn finish(self) -> anyhow::Result<Option<(PathBuf, PathBuf)>> {
        let Self { mut rows, mut reasons, count, .. } = self;
        if count == 0 {
            for output in [rows, reasons] {
                remove(&output.path)?;
            }
            return Ok(None);
        }
        let digest = digest_of(&mut rows.reread()?, &mut reasons.reread()?)?;
        let note =
            "a digest of both files: they are overwritten only while nobody has changed them";
        let last = ["", "", &format!("{DIGEST}{digest}"), note];
        reasons.write(|file| write_record(file, b',', last))?;
        let paths = (rows.path.clone(), reasons.path.clone());
        rows.persist()?;
        reasons.persist()?;
        Ok(Some(paths))
    }
}

/// `customers.rejects.csv` has its reasons in `customers.reasons.csv`.
fn reasons_beside(path: &Path, format: Format) -> PathBuf {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = name.strip_suffix(".rejects").unwrap_or(&name).to_owned();
    let reasons = path.with_file_name(format!("{name}.reasons.csv"));
    // The user may have chosen that name for the rejects.
    if reasons == path && format == Format::Csv {
        path.with_file_name(format!("{name}.reasons.reasons.csv"))
    } else {
        reasons
    }
}

/// Fails if such files exist, unless they are unchanged since an earlier run.
fn check_unchanged(rows: &Path, reasons: &Path) -> anyhow::Result<()> {
    let advice = "import it, move it away, or give --overwrite-rejects";
    let (has_rows, has_reasons) = (rows.exists(), reasons.exists());
    if !has_rows && !has_reasons {
        return Ok(());
    }
    if has_rows && has_reasons && are_unchanged(rows, reasons).unwrap_or(false) {
        return Ok(());
    }
    let changed = if has_rows { rows } else { reasons };
    bail!(
        "--rejects ({}): this file exists, and was changed since an import wrote it: {advice}",
        changed.display()
    );
}

fn are_unchanged(rows: &Path, reasons: &Path) -> io::Result<bool> {
    let text = std::fs::read_to_string(reasons)?;
    let start = text.trim_end().rfind('\n').map_or(0, |end| end + 1);
    let (Some(before), Some(last)) = (text.get(..start), text.get(start..)) else {
        return Ok(false);
    };
    let noted = last.split(',').find_map(|cell| cell.strip_prefix(DIGEST));
    let digest = digest_of(&mut File::open(rows)?, &mut before.as_bytes())?;
    Ok(noted == Some(digest.as_str()))
}

fn digest_of(rows: &mut impl Read, reasons: &mut impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(rows, &mut digest)?;
    digest.update([0]);
    io::copy(reasons, &mut digest)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(digest.finalize()))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("--rejects ({})", path.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a CSV record.
fn write_record<W: Write>(
    file: W,
    delimiter: u8,
    record: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> anyhow::Result<()> {
    let mut csv = csv::WriterBuilder::new().flexible(true).delimiter(delimiter).from_writer(file);
    csv.write_record(record)?;
    Ok(csv.flush()?)
}

impl Output {
    fn create(path: PathBuf) -> anyhow::Result<Self> {
        let made = temporary_beside(&path);
        let file = made.with_context(|| format!("--rejects ({})", path.display()))?;
        Ok(Self { path, file: BufWriter::new(file) })
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut BufWriter<NamedTempFile>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        write(&mut self.file).with_context(|| format!("--rejects ({})", self.path.display()))
    }

    /// Reopens the bytes written so far.
    fn reread(&mut self) -> anyhow::Result<File> {
        self.write(|file| Ok(file.flush()?))?;
        let reopened = self.file.get_ref().reopen().and_then(|mut file| {
            file.rewind()?;
            Ok(file)
        });
        reopened.with_context(|| format!("--rejects ({})", self.path.display()))
    }

    fn persist(mut self) -> anyhow::Result<()> {
        self.write(|file| Ok(file.flush()?))?;
        let Self { path, file } = self;
        let context = || format!("--rejects ({})", path.display());
        let file =
            file.into_inner().map_err(io::IntoInnerError::into_error).with_context(context)?;
        file.persist(&path).map_err(|error| error.error).with_context(context)?;
        Ok(())
    }
}

/// The value of the column that a problem concerns.
fn value_of(row: &Row, problem: &Problem) -> String {
    let Some(column) = &problem.column else { return String::new() };
    match &row.raw {
        Raw::Csv { header, record, .. } => {
            let position = position_of(header, column);
            let cell = position.and_then(|position| record.get(position));
            String::from_utf8_lossy(cell.unwrap_or_default()).into_owned()
        }
        Raw::Ndjson(_) | Raw::LongLine(_) => json_value(row, column),
    }
}

/// The index of a column. `None`, for problems without a column, sorts first.
pub fn position_of(header: &Header, column: &str) -> Option<usize> {
    header.names.iter().position(|name| name == column)
}

fn json_value(row: &Row, column: &str) -> String {
    let found = row.fields.get(column).or_else(|| {
        let mut steps = column.split('.');
        let first = row.fields.get(steps.next()?)?;
        steps.try_fold(first, |value, step| match step.parse::<usize>() {
            Ok(position) => value.get(position),
            Err(_) => value.get(step),
        })
    });
    match found {
        None => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

/// The problems of a row on one line.
pub fn reason(problems: &[Problem]) -> String {
    let one = |problem: &Problem| match &problem.column {
        Some(column) => format!("{column}: {}", problem.message),
        None => problem.message.clone(),
    };
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}
