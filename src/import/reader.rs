//! Reading rows: whatever the format, a row becomes a JSON object of `CustomerCreateInput`'s
//! fields.

use std::io::{BufRead, Read};

use anyhow::{Context, bail};
use csv::ByteRecord;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::{BATCH, Problem, lines::LineReader};
use crate::models::customer::{
    CustomerAttributes, address::CustomerAddressAttributes, contact::CustomerContactAttributes,
};

/// The path of the group, in a column of that name.
pub const GROUP_PATH: &str = "customerGroup";

/// The id of the group, in a column of that name.
pub const GROUP_ID: &str = "customerGroupId";

/// Columns that begin so are of the customer's primary contact, and of its primary address.
pub const CONTACT: &str = "contact.";
pub const ADDRESS: &str = "address.";

/// Columns that begin so say why an earlier import rejected the row.
const REJECT: &str = "reject.";

/// Longest line of NDJSON, in bytes.
const LINE_MAX: u64 = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
}

/// Some rows, and how far into the file they reach.
pub struct Batch {
    pub rows: Vec<Row>,
    pub bytes: u64,
}

pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// As it stands in the file.
    pub raw: Raw,
    pub fields: Result<Map<String, Value>, Vec<Problem>>,
}

/// A row as it stands in the file.
pub enum Raw {
    Csv(ByteRecord),
    Ndjson(Vec<u8>),
}

/// The names of a CSV file's columns.
pub type Header = ByteRecord;

/// Some programs begin a file with this, to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Finds out the format by the first character: an object begins with a brace.
pub fn sniff(input: &mut impl BufRead) -> anyhow::Result<Format> {
    let start = input.fill_buf().context("cannot read")?;
    let start = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start);
    match start.trim_ascii_start().first() {
        Some(b'{') => Ok(Format::Ndjson),
        Some(b'[') => bail!("is a JSON array: give one object a line, without brackets around"),
        _ => Ok(Format::Csv),
    }
}

/// Reads all rows and sends them, batch by batch, until there are none or nobody listens.
pub fn read(
    input: impl BufRead,
    format: Format,
    header_seen: impl FnOnce(&Header),
    batches: &mpsc::Sender<anyhow::Result<Batch>>,
) {
    let result = match format {
        Format::Csv => read_csv(input, header_seen, batches),
        Format::Ndjson => read_ndjson(input, batches),
    };
    if let Err(error) = result {
        // If nobody listens any more, nobody wants to know.
        batches.blocking_send(Err(error)).ok();
    }
}

fn read_csv(
    input: impl Read,
    header_seen: impl FnOnce(&Header),
    batches: &mpsc::Sender<anyhow::Result<Batch>>,
) -> anyhow::Result<()> {
    let (input, lines) = LineReader::new(input);
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let header = csv.byte_headers().context("line 1: cannot read the header")?.clone();
    let columns = columns(&header).context("line 1")?;
    header_seen(&header);
    let mut rows = Vec::new();
    let mut record = ByteRecord::new();
    while csv.read_byte_record(&mut record).context("cannot read")? {
        let line = lines.line_from(record.position().map_or(0, csv::Position::byte));
        let fields = csv_fields(&columns, &record);
        rows.push(Row { line, raw: Raw::Csv(record.clone()), fields });
        if rows.len() >= BATCH {
            let batch = Batch { rows: std::mem::take(&mut rows), bytes: csv.position().byte() };
            if batches.blocking_send(Ok(batch)).is_err() {
                return Ok(());
            }
        }
    }
    let batch = Batch { rows, bytes: csv.position().byte() };
    batches.blocking_send(Ok(batch)).ok();
    Ok(())
}

/// A column that is read.
struct Column {
    name: String,
    is_flag: bool,
}

/// The columns by position; `None` for those that are passed over.
fn columns(header: &Header) -> anyhow::Result<Vec<Option<Column>>> {
    let known = known_fields()?;
    let mut columns: Vec<Option<Column>> = Vec::new();
    for name in header {
        let name = std::str::from_utf8(name).context("the header is not UTF-8")?;
        let name = name.trim_start_matches('\u{feff}').trim();
        if name.starts_with(REJECT) {
            columns.push(None);
            continue;
        }
        if columns.iter().flatten().any(|column| column.name == name) {
            bail!("the column {name:?} is there twice");
        }
        let is_flag = match known.get(name) {
            Some(value) => value.is_boolean(),
            None if name == GROUP_PATH || name == GROUP_ID => false,
            None => bail!("there is no field {name:?} for this column"),
        };
        columns.push(Some(Column { name: name.to_owned(), is_flag }));
    }
    Ok(columns)
}

/// The fields that a row may have, each with its default: those of a customer, of its primary
/// contact and of its primary address.
fn known_fields() -> anyhow::Result<Map<String, Value>> {
    let mut known = Map::new();
    for (prefix, fields) in [
        ("", serde_json::to_value(CustomerAttributes::default())?),
        (CONTACT, serde_json::to_value(CustomerContactAttributes::default())?),
        (ADDRESS, serde_json::to_value(CustomerAddressAttributes::default())?),
    ] {
        let Value::Object(fields) = fields else { bail!("attributes are no object") };
        known.extend(fields.into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)));
    }
    Ok(known)
}

fn csv_fields(
    columns: &[Option<Column>],
    record: &ByteRecord,
) -> Result<Map<String, Value>, Vec<Problem>> {
    if record.len() != columns.len() {
        let swallows_lines = record.iter().any(|cell| cell.contains(&b'\n'));
        let hint = if swallows_lines { "; perhaps a quotation mark is not closed" } else { "" };
        let message = format!("has {} cells, not {}{hint}", record.len(), columns.len());
        return Err(vec![Problem::of_row(message)]);
    }
    let mut fields = Map::new();
    let mut problems = Vec::new();
    for (column, cell) in columns.iter().zip(record) {
        let Some(column) = column else { continue };
        match cell_value(column, cell) {
            Ok(None) => {}
            Ok(Some(value)) => {
                fields.insert(column.name.clone(), value);
            }
            Err(message) => problems.push(Problem::of_column(&column.name, message)),
        }
    }
    if problems.is_empty() { Ok(fields) } else { Err(problems) }
}

/// The value of a cell; an empty one is not given.
fn cell_value(column: &Column, cell: &[u8]) -> Result<Option<Value>, &'static str> {
    let cell = std::str::from_utf8(cell).map_err(|_invalid| "is not UTF-8")?;
    if cell.trim().is_empty() {
        return Ok(None);
    }
    if !column.is_flag {
        return Ok(Some(Value::String(cell.to_owned())));
    }
    match cell.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(Some(Value::Bool(true))),
        "false" | "0" => Ok(Some(Value::Bool(false))),
        _ => Err("must be true or false"),
    }
}

fn read_ndjson(
    mut input: impl BufRead,
    batches: &mpsc::Sender<anyhow::Result<Batch>>,
) -> anyhow::Result<()> {
    let (mut line, mut bytes) = (0, 0);
    loop {
        let mut rows = Vec::new();
        while rows.len() < BATCH {
            let mut raw = Vec::new();
            let read = input.by_ref().take(LINE_MAX).read_until(b'\n', &mut raw);
            let read = u64::try_from(read.context("cannot read")?)?;
            if read == 0 {
                break;
            }
            line += 1;
            bytes += read;
            if line == 1 && raw.starts_with(BYTE_ORDER_MARK) {
                raw.drain(..BYTE_ORDER_MARK.len());
            }
            let too_long = read == LINE_MAX && !raw.ends_with(b"\n");
            if too_long {
                bytes += u64::try_from(input.skip_until(b'\n').context("cannot read")?)?;
                raw.clear();
            }
            if too_long || !raw.trim_ascii().is_empty() {
                let fields = if too_long {
                    let message = format!("has more than {LINE_MAX} bytes");
                    Err(vec![Problem::of_row(message)])
                } else {
                    ndjson_fields(&raw)
                };
                rows.push(Row { line, raw: Raw::Ndjson(raw), fields });
            }
        }
        let is_last = rows.len() < BATCH;
        if batches.blocking_send(Ok(Batch { rows, bytes })).is_err() || is_last {
            return Ok(());
        }
    }
}

fn ndjson_fields(line: &[u8]) -> Result<Map<String, Value>, Vec<Problem>> {
    match serde_json::from_slice(line.trim_ascii_end()) {
        Ok(Value::Object(fields)) => Ok(flattened(fields)),
        Ok(_) => Err(vec![Problem::of_row("is not a JSON object")]),
        Err(error) => {
            // It counts lines, too, but has seen this one only.
            let what = error.to_string();
            let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
            let message = format!("is not JSON: {what} (at byte {})", error.column());
            Err(vec![Problem::of_row(message)])
        }
    }
}

/// The fields of objects within the object, by names like those of a CSV file's columns:
/// `address.city`.
fn flattened(fields: Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    for (name, value) in fields {
        match value {
            // No part is given; no credit is a credit of nothing.
            Value::Null if name == "contact" || name == "address" => {}
            Value::Null if name == "credit" => {
                flat.insert("credit.limit".to_owned(), Value::Null);
                flat.insert("credit.balance".to_owned(), Value::Null);
            }
            Value::Object(inner) => {
                let inner =
                    inner.into_iter().map(|(field, value)| (format!("{name}.{field}"), value));
                flat.extend(inner);
            }
            value => {
                flat.insert(name, value);
            }
        }
    }
    flat
}
