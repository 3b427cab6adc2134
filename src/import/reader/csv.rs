//! Rows of CSV.

use std::{collections::HashSet, io::Read, sync::Arc};

use anyhow::{Context, bail};
use csv::ByteRecord;
use serde_json::{Map, Value};

use super::{Header, Options, Raw, Row, Sender};
use crate::{
    import::{
        Problem,
        columns::{Kind, column, column_names, no_such_field},
        lines::{LineReader, Malformed, Start},
    },
    transfer::RowKind,
};

/// Prefix of columns with the reasons of rejection, written by an earlier version.
const REJECT: &str = "reject.";

/// The delimiters of cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Detects the delimiter: the one that yields the most known fields in the first line or, if none
/// does, the most cells.
pub fn delimiter_of(start: &[u8]) -> u8 {
    let line = start.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty());
    let line = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
    let known = |delimiter: u8| {
        let cells = line.split(char::from(delimiter)).map(|it| it.trim().trim_matches('"').trim());
        let count = cells.clone().count();
        (cells.filter(|name| column(name).is_some()).count(), count)
    };
    // `max_by_key` returns the last maximum; reversed, the first delimiter wins.
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| known(*delimiter));
    best.unwrap_or(b',')
}

pub(super) fn read(input: impl Read, options: &Options, sender: &mut Sender) -> anyhow::Result<()> {
    let (input, records) = LineReader::new(input, options.delimiter);
    let mut csv =
        csv::ReaderBuilder::new().flexible(true).delimiter(options.delimiter).from_reader(input);
    let header = csv.byte_headers().map_err(unreadable)?.clone();
    if header.is_empty() {
        return Ok(());
    }
    let columns = columns(&header).context("line 1")?;
    options.match_key.check_header(&columns.names())?;
    let header =
        Arc::new(Header { names: columns.names(), record: header, delimiter: options.delimiter });
    let mut record = ByteRecord::new();
    while csv.read_byte_record(&mut record).map_err(unreadable)? {
        let start = records.from(record.position().map_or(0, csv::Position::byte));
        start.check_length()?;
        let (fields, problems) = columns.fields(&record, &start, options);
        let text = start.stray.is_some().then_some(start.text);
        let raw = Raw::Csv { header: Arc::clone(&header), record: record.clone(), text };
        let row = Row { line: start.line, kind: RowKind::Customer, raw, fields, problems };
        if !sender.send(row) {
            break;
        }
    }
    Ok(())
}

/// Malformed input is passed on as its own error.
fn unreadable(error: csv::Error) -> anyhow::Error {
    let text = error.to_string();
    let csv::ErrorKind::Io(error) = error.into_kind() else {
        return anyhow::anyhow!("cannot read: {text}");
    };
    let malformed = error.get_ref().and_then(|it| it.downcast_ref::<Malformed>()).cloned();
    match malformed {
        Some(malformed) => malformed.into(),
        None => anyhow::Error::new(error).context("cannot read"),
    }
}

/// The columns, by position.
struct Columns(Vec<Column>);

struct Column {
    name: String,
    /// `None` if the column is ignored.
    kind: Option<Kind>,
}

fn columns(header: &ByteRecord) -> anyhow::Result<Columns> {
    let mut columns: Vec<Column> = Vec::new();
    let mut seen = HashSet::new();
    for name in header {
        let name = std::str::from_utf8(name).context("the header is not UTF-8")?;
        let name = name.trim().to_owned();
        if name.starts_with(REJECT) {
            columns.push(Column { name, kind: None });
            continue;
        }
        let kind = column(&name);
        if kind.is_none() {
            bail!("{}", no_such_field(&name, column_names()));
        }
        if !seen.insert(name.clone()) {
            bail!("the column {name:?} occurs twice");
        }
        columns.push(Column { name, kind });
    }
    Ok(Columns(columns))
}

impl Columns {
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|column| column.name.clone()).collect()
    }

    fn fields(
        &self,
        record: &ByteRecord,
        start: &Start,
        options: &Options,
    ) -> (Map<String, Value>, Vec<Problem>) {
        let mut fields = Map::new();
        if let Some((opened, stray)) = start.stray {
            let message = format!(
                "there is text after a closing quotation mark on line {stray}, in the cell that begins \
                 on line {opened}; perhaps a quotation mark is not closed before"
            );
            return (fields, vec![Problem::of_row(message)]);
        }
        if record.len() != self.0.len() {
            let swallows_lines = record.iter().any(|cell| cell.contains(&b'\n'));
            let hint = if swallows_lines { "; perhaps a quotation mark is not closed" } else { "" };
            let message = format!("has {} cells, not {}{hint}", record.len(), self.0.len());
            return (fields, vec![Problem::of_row(message)]);
        }
        let mut problems = Vec::new();
        for (column, cell) in self.0.iter().zip(record) {
            let Some(kind) = column.kind else { continue };
            match cell_value(&column.name, kind, cell, options) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    fields.insert(column.name.clone(), value);
                }
                Err(message) => problems.push(Problem::of_column(&column.name, message)),
            }
        }
        (fields, problems)
    }
}

/// The value of a cell; an empty one counts as omitted.
fn cell_value(
    name: &str,
    kind: Kind,
    cell: &[u8],
    options: &Options,
) -> Result<Option<Value>, &'static str> {
    let cell = std::str::from_utf8(cell)
        .map_err(|_invalid| "is not UTF-8 (if the whole file is not, give --encoding)")?;
    if options.is_decoded && cell.contains(char::REPLACEMENT_CHARACTER) {
        return Err("has a character that is invalid in the encoding of the file");
    }
    let trimmed = cell.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    match kind {
        Kind::Flag => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Some(Value::Bool(true))),
            "false" | "0" => Ok(Some(Value::Bool(false))),
            _ => Err("must be true or false"),
        },
        Kind::Number if options.decimal_comma => {
            if trimmed.contains('.') {
                return Err("must have no point: with --decimal-comma, a number is like 1234,5");
            }
            Ok(Some(Value::String(trimmed.replace(',', "."))))
        }
        Kind::Number if is_plain_with_comma(trimmed) => {
            Err("has a comma: write a point, or give --decimal-comma")
        }
        Kind::Text if name != "customerDetails" && is_shortened(trimmed) => Err(
            "was shortened by a spreadsheet, and its last digits are lost: format the column as \
                 text there, and export it again",
        ),
        Kind::Number | Kind::Choice(_) => Ok(Some(Value::String(trimmed.to_owned()))),
        Kind::Text | Kind::Other => Ok(Some(Value::String(cell.to_owned()))),
    }
}

fn is_plain_with_comma(text: &str) -> bool {
    text.contains(',') && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b',' | b'.'))
}

/// Whether the text is a long number that a spreadsheet has shortened, like `4.79E+10`.
fn is_shortened(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once("E+").or_else(|| text.split_once("e+")) else {
        return false;
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    whole.len() == 1 && is_digits(whole) && is_digits(fraction) && is_digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_a_spreadsheet_made_of_a_number() {
        for text in ["4.79E+10", "1,23457E+12", "1E+15", "-4.7e+10"] {
            assert!(is_shortened(text), "{text}");
        }
        for text in ["", "4.79", "E+10", "4.79E+", "+47 900 00 000", "12.5E+10", "A1E+10", "1E10"] {
            assert!(!is_shortened(text), "{text}");
        }
    }

    #[test]
    fn finds_what_separates_cells() {
        for (line, delimiter) in [
            ("externalId,customerName", b','),
            ("\r\n\"externalId\";customerName\r\nA,B,C;D", b';'),
            ("externalId\tcustomerName", b'\t'),
            ("customerName", b','),
            ("Name;E-mail, private", b','),
            ("Id;Name;Mail", b';'),
            ("", b','),
        ] {
            assert_eq!(delimiter_of(line.as_bytes()), delimiter, "{line}");
        }
    }
}
