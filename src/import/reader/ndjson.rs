//! Rows of NDJSON: one JSON object per line.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Read, Seek, Write},
};

use anyhow::Context;
use serde_json::{Map, Value, value::RawValue};

use super::{Options, Raw, Row, Sender};
use crate::{
    db::types::Decimal,
    import::{Problem, columns::any_of},
    transfer::{RowKind, TYPE},
};

/// Maximum length of a line, in bytes.
const LINE_MAX: u64 = 1 << 20;

pub(super) fn read(input: impl Read, options: &Options, sender: &mut Sender) -> anyhow::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut line = 0;
    loop {
        let mut raw = Vec::new();
        let read =
            input.by_ref().take(LINE_MAX).read_until(b'\n', &mut raw).context("cannot read")?;
        if read == 0 {
            return Ok(());
        }
        line += 1;
        let row = if u64::try_from(read)? == LINE_MAX && !raw.ends_with(b"\n") {
            let raw = Raw::LongLine(spool(&raw, &mut input).context("cannot read a long line")?);
            let problems = vec![Problem::of_row(format!("has more than {LINE_MAX} bytes"))];
            let kind = options.selection.only_kind().unwrap_or(RowKind::Customer);
            Row { line, kind, raw, fields: Map::new(), problems }
        } else if raw.trim_ascii().is_empty() {
            continue;
        } else {
            row(line, raw, options)
        };
        if !sender.send(row) {
            return Ok(());
        }
    }
}

/// Spools a line of any length to an unnamed file.
fn spool(start: &[u8], input: &mut impl BufRead) -> io::Result<std::fs::File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(start)?;
    loop {
        let (used, is_end) = {
            let buffer = input.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = end.map_or(buffer, |end| buffer.get(..=end).unwrap_or(buffer));
            file.write_all(part)?;
            (part.len(), end.is_some() || part.is_empty())
        };
        input.consume(used);
        if is_end {
            file.rewind()?;
            return Ok(file);
        }
    }
}

fn row(line: u64, raw: Vec<u8>, options: &Options) -> Row {
    let mut problems = Vec::new();
    let mut kind = options.selection.only_kind();
    let mut fields = match parse(&raw, options) {
        Ok(fields) => fields,
        Err(message) => {
            problems.push(Problem::of_row(message));
            Map::new()
        }
    };
    if problems.is_empty() {
        match kind_of(&mut fields, options) {
            Ok(found) => kind = Some(found),
            Err(problem) => problems.push(problem),
        }
    }
    let kind = kind.unwrap_or(RowKind::Customer);
    let fields = if kind == RowKind::Customer { flattened(fields) } else { fields };
    Row { line, kind, raw: Raw::Ndjson(raw), fields, problems }
}

/// The `type` of the line; a problem of the whole row if it is not selected.
fn kind_of(fields: &mut Map<String, Value>, options: &Options) -> Result<RowKind, Problem> {
    let names: Vec<&str> = RowKind::ALL.map(RowKind::name).to_vec();
    match fields.remove(TYPE) {
        None => options
            .selection
            .only_kind()
            .ok_or_else(|| Problem::of_row(format!("must say its {TYPE:?}: {}", any_of(&names)))),
        Some(value) => match value.as_str().and_then(RowKind::named) {
            Some(kind) if options.selection.has(kind) => Ok(kind),
            Some(kind) => {
                let message = format!("is a {}, which was not selected for import", kind.name());
                Err(Problem::of_row(message))
            }
            None => Err(Problem::of_row(format!("its {TYPE:?} must be {}", any_of(&names)))),
        },
    }
}

fn parse(line: &[u8], options: &Options) -> Result<Map<String, Value>, String> {
    let has_replacement = || {
        let text = String::from_utf8_lossy(line);
        text.contains(char::REPLACEMENT_CHARACTER)
    };
    if options.is_decoded && has_replacement() {
        return Err("has a character that is invalid in the encoding of the file".to_owned());
    }
    match serde_json::from_slice(line.trim_ascii_end()) {
        Ok(Value::Object(mut fields)) => {
            keep_digits(&mut fields, line).map_err(|error| format!("is not JSON: {error}"))?;
            Ok(fields)
        }
        Ok(_) => Err("is not a JSON object".to_owned()),
        Err(error) => {
            // serde_json's line number is useless, because it parsed only this line.
            let what = error.to_string();
            let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
            Err(format!("is not JSON: {what} (at byte {})", error.column()))
        }
    }
}

/// Replaces numbers that `f64` has rounded with their text in the JSON.
fn keep_digits(fields: &mut Map<String, Value>, json: &[u8]) -> serde_json::Result<()> {
    if !fields.values().any(has_fraction) {
        return Ok(());
    }
    let texts: HashMap<String, &RawValue> = serde_json::from_slice(json)?;
    for (name, value) in fields {
        if let Some(text) = texts.get(name) {
            keep_digits_of(value, text.get())?;
        }
    }
    Ok(())
}

/// The depth is limited, because `serde_json` has parsed the value.
fn keep_digits_of(value: &mut Value, json: &str) -> serde_json::Result<()> {
    match value {
        Value::Object(fields) => keep_digits(fields, json.as_bytes())?,
        Value::Array(items) => {
            let texts: Vec<&RawValue> = serde_json::from_str(json)?;
            for (item, text) in items.iter_mut().zip(texts) {
                keep_digits_of(item, text.get())?;
            }
        }
        Value::Number(number) => {
            let rounded = number.as_f64().filter(|_| number.is_f64());
            let exact = Decimal::from_number(json).ok();
            let is_exact =
                |rounded: f64| exact.is_some() && exact == rounded.to_string().parse().ok();
            if rounded.is_some_and(|rounded| !is_exact(rounded)) {
                *value = Value::String(exact.map_or(json.to_owned(), |exact| exact.to_string()));
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
    Ok(())
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(fields) => fields.values().any(has_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// Flattens objects within a customer to fields named like the columns of a CSV file:
/// `address.city`.
fn flattened(fields: Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    for (name, value) in fields {
        match value {
            // `null` means no part; a `null` credit clears both of its fields.
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
