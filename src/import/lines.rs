//! Properties of CSV records that the parser does not report: the first line of each record, and
//! whether its quotation marks are balanced.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Read},
    rc::Rc,
};

/// Maximum length of a cell, in bytes. A longer cell cannot be a value of a customer: a quotation
/// mark before it was not closed, or the file is not CSV.
pub const CELL_MAX: usize = 64 << 10;

/// The reason why a file cannot be read any further as CSV.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error(
        "line {0}: a quotation mark opens a cell here, and no other one closes it before the file ends"
    )]
    Unclosed(u64),
    #[error(
        "line {0}: a cell that begins here has more than {CELL_MAX} bytes; perhaps a quotation mark is \
         not closed"
    )]
    TooLong(u64),
}

/// A reader that tracks the records of a CSV file while its bytes pass through.
///
/// The parser counts lines as well, but it reports the position before empty lines, and treats the
/// `\n` of a `\r\n` as the start of the next record. It also accepts any file: after an unclosed
/// quotation mark, all following rows become part of one cell.
pub struct LineReader<R> {
    input: R,
    records: Records,
    delimiter: u8,
    offset: u64,
    line: u64,
    place: Place,
    is_after_return: bool,
    /// The size of the current cell so far, in bytes, and its first line.
    cell: usize,
    cell_line: u64,
    malformed: Option<Malformed>,
    /// The bytes of the current record.
    record: Vec<u8>,
}

/// The position of the next byte within a record. The variants correspond to the states of the
/// parser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforeRecord,
    BeforeCell,
    InCell,
    InQuotes,
    AfterQuote,
    /// After blanks that follow a closing quotation mark.
    AfterBlank,
}

/// The records whose start has been read.
#[derive(Clone, Default)]
pub struct Records(Rc<RefCell<VecDeque<Start>>>);

/// The start of a record.
#[derive(Clone, Debug, Default)]
pub struct Start {
    offset: u64,
    /// The line of the start, from 1.
    pub line: u64,
    /// Set if one of the record's cells has text after the closing quotation mark: the line where
    /// the cell starts, and the line of that text.
    pub stray: Option<(u64, u64)>,
    /// The bytes of such a record, because the parser drops quotation marks.
    pub text: Vec<u8>,
    /// Set if one of the record's cells is too long: the line where the cell starts.
    too_long: Option<u64>,
}

impl Start {
    pub fn check_length(&self) -> Result<(), Malformed> {
        self.too_long.map_or(Ok(()), |line| Err(Malformed::TooLong(line)))
    }
}

impl<R: Read> LineReader<R> {
    pub fn new(input: R, delimiter: u8) -> (Self, Records) {
        let records = Records::default();
        let reader = Self {
            input,
            records: records.clone(),
            delimiter,
            offset: 0,
            line: 1,
            place: Place::BeforeRecord,
            is_after_return: false,
            cell: 0,
            cell_line: 1,
            malformed: None,
            record: Vec::new(),
        };
        (reader, records)
    }

    fn pass(&mut self, byte: u8) {
        let ends_line = matches!(byte, b'\r' | b'\n');
        if self.place == Place::BeforeRecord && !ends_line {
            let start = Start { offset: self.offset, line: self.line, ..Start::default() };
            self.records.0.borrow_mut().push_back(start);
            self.place = Place::BeforeCell;
            self.record.clear();
        }
        if self.place == Place::BeforeCell {
            (self.cell, self.cell_line) = (0, self.line);
        }
        self.place = self.next_place(byte);
        if self.place == Place::BeforeRecord {
            self.end_record();
        } else {
            self.record.push(byte);
        }
        self.cell += 1;
        if self.cell > CELL_MAX {
            self.malformed.get_or_insert(Malformed::TooLong(self.cell_line));
            let line = self.cell_line;
            self.records.change_last(|start| {
                start.too_long.get_or_insert(line);
            });
        }
        // `\r\n` is one line terminator.
        if byte == b'\r' || byte == b'\n' && !self.is_after_return {
            self.line += 1;
        }
        self.is_after_return = byte == b'\r';
        self.offset += 1;
    }

    fn end_record(&self) {
        self.records.change_last(|start| {
            if start.stray.is_some() && start.text.is_empty() {
                start.text.clone_from(&self.record);
            }
        });
    }

    fn next_place(&mut self, byte: u8) -> Place {
        match (self.place, byte) {
            (Place::InQuotes, b'"') => Place::AfterQuote,
            (Place::InQuotes, _) | (Place::AfterQuote | Place::BeforeCell, b'"') => Place::InQuotes,
            (_, b'\r' | b'\n') => Place::BeforeRecord,
            (_, byte) if byte == self.delimiter => Place::BeforeCell,
            (Place::AfterQuote | Place::AfterBlank, b' ' | b'\t') => Place::AfterBlank,
            (Place::AfterQuote | Place::AfterBlank, _) => {
                let stray = (self.cell_line, self.line);
                self.records.change_last(|start| {
                    start.stray.get_or_insert(stray);
                });
                Place::InCell
            }
            _ => Place::InCell,
        }
    }
}

impl<R: Read> Read for LineReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(malformed) = self.malformed.take() {
            return Err(io::Error::other(malformed));
        }
        let count = self.input.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.place == Place::InQuotes {
            return Err(io::Error::other(Malformed::Unclosed(self.cell_line)));
        }
        if count == 0 {
            self.end_record();
        }
        for byte in buffer.iter().take(count) {
            self.pass(*byte);
        }
        Ok(count)
    }
}

impl Records {
    /// The first record that starts at or after this offset. Earlier ones are dropped.
    pub fn from(&self, offset: u64) -> Start {
        let mut starts = self.0.borrow_mut();
        while starts.front().is_some_and(|start| start.offset < offset) {
            starts.pop_front();
        }
        starts.front().cloned().unwrap_or_default()
    }

    fn change_last(&self, change: impl FnOnce(&mut Start)) {
        if let Some(last) = self.0.borrow_mut().back_mut() {
            change(last);
        }
    }
}
